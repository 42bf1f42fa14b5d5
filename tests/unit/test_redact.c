/* What the process says is free of its secrets, whole, cut and escaped ones. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config_redact.h"
#include "base/redact.h"
#include "base/xalloc.h"
#include "worker/videodb_envelope.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG         "sk-0123456789"
#define QUOTED       "pass\"word\\1"

static void set_up(void)
{
    redact_add(slice_text("sk-0123"));
    redact_add(slice_text(LONG));
    redact_add(slice_text(QUOTED));
    redact_add(slice_text("short"));
}

TestSuite(redact, .init = set_up, .fini = redact_clear);

static const struct {
    const char *text, *said;
} texts[] = {
    {"", ""},
    {"nothing of it", "nothing of it"},
    {LONG, "***"},
    {"a " LONG " b " LONG "c", "a *** b ***c"},
    {"sk-012 sk-0123", "sk-012 ***"},
    {"sk-01234", "***"},
    {"sk-01234 ", "***4 "},
    {"at the end sk-01234567", "at the end ***"},
    {"at the end sk-01", "at the end sk-01"},
    {"short", "short"},
    {"sksk-0123456789", "sk***"},
};

Test(redact, takes_secrets_out)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *text = xstrdup(texts[i].text);
        size_t length = redact_text(text);
        cr_expect_str_eq(text, texts[i].said, "%s: %s", texts[i].text, text);
        cr_expect_eq(length, strlen(texts[i].said));
        free(text);
    }
    redact_clear();
    char text[] = LONG;
    cr_expect_eq(redact_text(text), strlen(LONG), "forgotten");
}

Test(redact, errors)
{
    struct error error;

    (void)error_set(&error, "AUTH %s is refused", LONG);
    cr_expect_str_eq(error.text, "AUTH *** is refused");
    (void)error_prefix(&error, "%s", QUOTED);
    cr_expect_str_eq(error.text, "***: AUTH *** is refused");
    for (int width = 200; width < 270; width++) {
        (void)error_set(&error, "%*s", width, LONG);
        cr_expect_null(strstr(error.text, "sk-01234"), "%d: %s", width, error.text);
    }
}

Test(redact, quotes_of_the_log)
{
    cr_expect_str_eq(log_quote_text("a " QUOTED " b\n"), "\"a *** b\\n\"");
    for (size_t width = 180; width < 230; width++) {
        char *text = xasprintf("%*s and more", (int)width, LONG);
        const char *quoted = log_quote_text(text);
        cr_expect_null(strstr(quoted, "sk-0"), "%zu: %s", width, quoted);
        free(text);
    }
}

/* Of one line, which is longer than a line may be. */
Test(redact, lines_of_the_log)
{
    char line[8192] = "";
    int ends[2];

    redact_clear();
    redact_add(slice_text(LONG)); /* alone: no other one begins like it */
    for (int width = 4000; width < 4100; width++) {
        cr_assert_eq(pipe(ends), 0);
        int saved = dup(STDERR_FILENO);
        (void)dup2(ends[1], STDERR_FILENO);
        log_info("event", "%*s" LONG, width, LONG);
        (void)dup2(saved, STDERR_FILENO);
        (void)close(ends[1]);
        (void)close(saved);
        ssize_t got = read(ends[0], line, sizeof(line) - 1);
        (void)close(ends[0]);
        cr_assert_gt(got, 0);
        line[got] = '\0';
        cr_expect_null(strstr(line, "sk-012"), "%d", width);
    }
}

Test(redact, reasons_of_the_api)
{
    static const char body[] = "{\"success\":false,\"message\":\"no such key: " LONG ".\"}";
    struct videodb_envelope envelope;
    struct videodb_answer answer;

    cr_assert(videodb_envelope_open(&envelope, &answer, slice_text(body), 1000));
    cr_expect_str_eq(answer.message, "no such key: ***.");
    videodb_envelope_close(&envelope);
    videodb_answer_clear(&answer);
}

/* --- the configuration ------------------------------------------------------------------------ */

static const struct {
    const char *variable;
    const char *secrets[3];
} settings[] = {
    {"VIDEO_DB_API_KEY=sk-of-this", {"sk-of-this"}},
    {"REELQ_CALLBACK_SECRET=0123456789abcdef, fedcba9876543210",
     {"0123456789abcdef", "fedcba9876543210"}},
    {"REELQ_REDIS_URL=redis://user:pass%2Fword@h:1", {"pass%2Fword", "pass/word"}},
    {"REELQ_REDIS_URL=redis://:password@h:1", {"password"}},
    {"REELQ_REDIS_URL=redis://password@h:1", {"password"}},
    {"REELQ_REDIS_URL=redis://user:pass@word@h:1", {"pass@word"}},
    {"REELQ_REDIS_URL=redis://user:pass%zzword@h:1", {"pass%zzword"}},
    {"REELQ_REDIS_URL=unix://user:password@/run/x", {"password"}},
};

Test(redact, knows_the_secrets_of_a_configuration)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        char *environment[] = {xstrdup(settings[i].variable), xstrdup("VIDEO_DB_API_KEY=other-key"),
                               NULL};
        struct config config;
        struct error error;
        cr_assert(config_load(&config, CONFIG_WORKER, environment, &error), "%s", error.text);
        redact_clear();
        config_redact(&config);
        for (size_t j = 0; j < 3 && settings[i].secrets[j] != NULL; j++) {
            size_t length = strlen(settings[i].secrets[j]);
            cr_expect_eq(redact_at(slice_text(settings[i].secrets[j])), length, "%s: %s",
                         settings[i].variable, settings[i].secrets[j]);
        }
        cr_expect_eq(redact_at(slice_text("reelq:")), 0, "a setting that is no secret");
        config_clear(&config);
        free(environment[0]);
        free(environment[1]);
    }
}
