#include "worker/outcome.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[] = {
#define X(name) #name,
    OUTCOMES(X)
#undef X
};

const char *outcome_name(enum outcome outcome)
{
    return names[outcome];
}

/* The first row whose needle is in the message counts, so the last one takes what is left. */
static const struct outcome_failure failures[] = {
    {"already exists", OUTCOME_done, ""},
    {"download failed", OUTCOME_retry, "Verify the URL and its permissions."},
    {"invalid media type", OUTCOME_rejected, "Match media_type to the file."},
    {"something went wrong", OUTCOME_rejected, "Re-encode the source file."},
    {"no spoken data", OUTCOME_rejected, "The video has no speech to index."},
    {"failed to detect the language", OUTCOME_rejected, "Set language_code."},
    {"over 3 hours", OUTCOME_rejected, "Shorten the video, or ask VideoDB for a higher quota."},
    {"increase the quota", OUTCOME_rejected, "Ask VideoDB for a higher quota."},
    {"operation not allowed", OUTCOME_rejected, "Check what the VideoDB plan includes."},
    {"maximum limit", OUTCOME_rejected, "Check what the VideoDB plan includes."},
    {"insufficient credits", OUTCOME_rejected, "Add credits to the VideoDB account."},
    {"must be a positive integer", OUTCOME_rejected, "Correct the options of the index."},
    {"", OUTCOME_rejected, ""},
};

const struct outcome_failure *outcome_of_message(struct slice message)
{
    size_t i = 0;

    while (!slice_contains_nocase(message, failures[i].needle))
        i++;
    return &failures[i];
}

/* Statuses that mean something else than their hundred does. */
static const struct {
    int status;
    enum outcome outcome;
    const char *action;
} statuses[] = {
    {401, OUTCOME_blocked, "Check VIDEO_DB_API_KEY."},
    {402, OUTCOME_blocked, "Add credits to the VideoDB account."},
    {403, OUTCOME_retry, "Check what VIDEO_DB_API_KEY may do."},
    {404, OUTCOME_rejected, "Check collection_id and video_id, and VIDEO_DB_BASE_URL."},
    {405, OUTCOME_rejected, "Check VIDEO_DB_BASE_URL."},
    {408, OUTCOME_retry, ""},
    {425, OUTCOME_retry, ""},
    {429, OUTCOME_rate_limited, ""},
};

static const struct {
    enum outcome outcome;
    const char *action;
} hundreds[] = {
    [0] = {OUTCOME_unknown, ""},
    [1] = {OUTCOME_unknown, ""},
    [2] = {OUTCOME_unknown, ""},
    [3] = {OUTCOME_rejected, "Check VIDEO_DB_BASE_URL: redirects are not followed."},
    [4] = {OUTCOME_rejected, ""},
    [5] = {OUTCOME_retry, ""},
};

static size_t hundred_of(int status)
{
    return status < 100 || status > 599 ? 0 : (size_t)(status / 100);
}

enum outcome outcome_of_status(int status, int64_t retry_after_ms, unsigned forbidden_in_a_row)
{
    if (status == 403 && forbidden_in_a_row >= OUTCOME_FORBIDDEN_IN_A_ROW)
        return OUTCOME_blocked;
    if (status == 503 && retry_after_ms >= 0)
        return OUTCOME_rate_limited;
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].outcome;
    return hundreds[hundred_of(status)].outcome;
}

const char *outcome_action_of_status(int status)
{
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].action;
    return hundreds[hundred_of(status)].action;
}
