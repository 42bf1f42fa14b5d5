#include <criterion/criterion.h>

#include "worker/outcome.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(outcome, reads_messages)
{
    static const struct {
        const char *message;
        enum outcome outcome;
        const char *action;
    } cases[] = {
        {"Download failed.", OUTCOME_retry, "Verify the URL and its permissions."},
        {"DOWNLOAD FAILED", OUTCOME_retry, "Verify the URL and its permissions."},
        {"Error: download failed (403)", OUTCOME_retry, "Verify the URL and its permissions."},
        {"Invalid media type", OUTCOME_rejected, "Match media_type to the file."},
        {"Something went wrong", OUTCOME_rejected, "Re-encode the source file."},
        {"Spoken word index for video already exists", OUTCOME_done, ""},
        {"Scene index with id f4db35c5ce45a709 already exists", OUTCOME_done, ""},
        {"transcription already exists", OUTCOME_done, ""},
        {"Failed to detect the language, no spoken data found.", OUTCOME_rejected,
         "The video has no speech to index."},
        {"Failed to detect the language", OUTCOME_rejected, "Set language_code."},
        {"Video is over 3 hours, please reachout to contact@videodb.io to increase the quota",
         OUTCOME_rejected, "Shorten the video, or ask VideoDB for a higher quota."},
        {"Operation not allowed", OUTCOME_rejected, "Check what the VideoDB plan includes."},
        {"maximum limit reached", OUTCOME_rejected, "Check what the VideoDB plan includes."},
        {"Insufficient credits", OUTCOME_rejected, "Add credits to the VideoDB account."},
        {"'time' in the extraction_config must be a positive integer", OUTCOME_rejected,
         "Correct the options of the index."},
        {"VideoDB gave no reason.", OUTCOME_rejected, ""},
        {"", OUTCOME_rejected, ""},
        {"Download  failed", OUTCOME_rejected, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct outcome_failure *row = outcome_of_message(slice_text(cases[i].message));
        cr_expect_eq(row->outcome, cases[i].outcome, "%s: %s", cases[i].message,
                     outcome_name(row->outcome));
        cr_expect_str_eq(row->action, cases[i].action, "action of %s", cases[i].message);
    }
}

Test(outcome, reads_statuses)
{
    static const struct {
        int status;
        int64_t retry_after;
        unsigned forbidden;
        enum outcome outcome;
    } cases[] = {
        {401, -1, 0, OUTCOME_blocked},     {402, -1, 0, OUTCOME_blocked},
        {403, -1, 1, OUTCOME_retry},       {403, -1, 2, OUTCOME_retry},
        {403, -1, 3, OUTCOME_blocked},     {403, -1, 99, OUTCOME_blocked},
        {401, 1000, 5, OUTCOME_blocked},   {429, -1, 0, OUTCOME_rate_limited},
        {429, 0, 0, OUTCOME_rate_limited}, {503, -1, 0, OUTCOME_retry},
        {503, 0, 0, OUTCOME_rate_limited}, {503, 9000, 0, OUTCOME_rate_limited},
        {500, -1, 0, OUTCOME_retry},       {500, 1000, 0, OUTCOME_retry},
        {502, -1, 0, OUTCOME_retry},       {504, -1, 0, OUTCOME_retry},
        {520, -1, 0, OUTCOME_retry},       {408, -1, 0, OUTCOME_retry},
        {425, -1, 0, OUTCOME_retry},       {400, -1, 9, OUTCOME_rejected},
        {404, -1, 0, OUTCOME_rejected},    {409, -1, 0, OUTCOME_rejected},
        {413, -1, 0, OUTCOME_rejected},    {422, -1, 0, OUTCOME_rejected},
        {499, -1, 0, OUTCOME_rejected},    {301, -1, 0, OUTCOME_rejected},
        {308, -1, 0, OUTCOME_rejected},    {100, -1, 0, OUTCOME_unknown},
        {0, -1, 0, OUTCOME_unknown},       {-1, -1, 0, OUTCOME_unknown},
        {600, -1, 0, OUTCOME_unknown},     {2147483647, -1, 0, OUTCOME_unknown},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect_eq(outcome_of_status(cases[i].status, cases[i].retry_after, cases[i].forbidden),
                     cases[i].outcome, "case %zu: status %d", i, cases[i].status);
}

Test(outcome, says_what_to_do)
{
    static const struct {
        int status;
        const char *action;
    } cases[] = {
        {401, "Check VIDEO_DB_API_KEY."},
        {402, "Add credits to the VideoDB account."},
        {403, "Check what VIDEO_DB_API_KEY may do."},
        {404, "Check collection_id and video_id, and VIDEO_DB_BASE_URL."},
        {302, "Check VIDEO_DB_BASE_URL: redirects are not followed."},
        {422, ""},
        {500, ""},
        {0, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_expect_str_eq(outcome_action_of_status(cases[i].status), cases[i].action, "status %d",
                         cases[i].status);
}

Test(outcome, has_names)
{
    cr_expect_str_eq(outcome_name(OUTCOME_accepted), "accepted");
    cr_expect_str_eq(outcome_name(OUTCOME_rate_limited), "rate_limited");
    cr_expect_str_eq(outcome_name(OUTCOME_blocked), "blocked");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        cr_expect(outcome_name((enum outcome)i)[0] != '\0', "outcome %d", i);
}
