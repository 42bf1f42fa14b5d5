#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

static char captured[16384];
static int saved_stderr, reader;

/* From here on standard error goes into a pipe, which holds 64 KiB. */
static void capture_start(void)
{
    int ends[2];
    cr_assert(pipe(ends) == 0);
    saved_stderr = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    reader = ends[0];
}

static const char *capture_end(void)
{
    size_t length = 0;
    dup2(saved_stderr, STDERR_FILENO); // closes the last end that writes
    close(saved_stderr);
    for (ssize_t got = 1; got > 0; length += (size_t)got) {
        got = read(reader, captured + length, sizeof(captured) - 1 - length);
        cr_assert(got >= 0);
    }
    close(reader);
    captured[length] = '\0';
    return captured;
}

/* Behind the time stamp. */
static const char *rest(const char *line)
{
    return strlen(line) > 25 ? line + 25 : line;
}

Test(log, writes_one_line_per_event)
{
    capture_start();
    log_info("task-accepted", "id=%s attempt=%d", "my-17", 2);
    const char *line = capture_end();
    cr_expect_str_eq(rest(line), "info task-accepted id=my-17 attempt=2\n", "%s", line);
    const char *shape = "dddd-dd-ddTdd:dd:dd.dddZ ";
    for (size_t i = 0; shape[i] != '\0'; i++)
        cr_expect(shape[i] == 'd' ? line[i] >= '0' && line[i] <= '9' : line[i] == shape[i],
                  "time stamp at %zu: %s", i, line);
}

Test(log, obeys_its_level)
{
    static const char *const wanted[] = {
        [LOG_LEVEL_DEBUG] = "dbg inf wrn err ",
        [LOG_LEVEL_INFO] = "inf wrn err ",
        [LOG_LEVEL_WARN] = "wrn err ",
        [LOG_LEVEL_ERROR] = "err ",
    };
    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
        char events[64] = "";
        log_set_level((enum log_level)level);
        capture_start();
        log_debug("dbg", "n=%d", 1);
        log_info("inf", "n=%d", 1);
        log_warn("wrn", "n=%d", 1);
        log_error("err", "n=%d", 1);
        const char *text = capture_end();
        static const char *const names[] = {"dbg", "inf", "wrn", "err"};
        for (size_t i = 0; i < 4; i++)
            if (strstr(text, names[i]) != NULL)
                (void)snprintf(events + strlen(events), 8, "%s ", names[i]);
        cr_expect_str_eq(events, wanted[level], "level %d: %s", level, events);
    }
}

Test(log, knows_the_names_of_its_levels)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    enum log_level level;

    for (size_t i = 0; i < 4; i++) {
        cr_expect(log_level_parse(slice_text(names[i]), &level), "%s", names[i]);
        cr_expect_eq((size_t)level, i);
    }
    static const char *const wrong[] = {"", "INFO", "information", "inf", "warning", " info"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect(!log_level_parse(slice_text(wrong[i]), &level), "%s", wrong[i]);
}

Test(log, cannot_be_made_to_write_two_lines)
{
    char big[9000];

    capture_start();
    log_info("event", "text=%s", "a\nb\r\x1b[0m\x7f");
    const char *text = capture_end();
    cr_expect_str_eq(rest(text), "info event text=a?b??[0m?\n", "%s", text);

    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    capture_start();
    log_info("event", "text=%s", big);
    text = capture_end();
    cr_expect(strlen(text) <= 4096, "cut: %zu", strlen(text));
    cr_expect_str_eq(text + strlen(text) - 5, "x...\n");
    cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1, "one line");
}

Test(log, leaves_errno_alone)
{
    capture_start();
    errno = ENOENT;
    log_info("event", "n=%d", 1);
    int after_line = errno;
    errno = EPIPE;
    log_debug("dropped", "n=%d", 1);
    int after_none = errno;
    (void)capture_end();
    cr_expect_eq(after_line, ENOENT);
    cr_expect_eq(after_none, EPIPE);
}

Test(log, quotes)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", "\"\""},
        {"plain text", "\"plain text\""},
        {"say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""},
        {"a\nb\tc\x01", "\"a\\nb\\x09c\\x01\""},
        {"Gr\xc3\xbc\xc3\x9f\x65", "\"Gr\xc3\xbc\xc3\x9f\x65\""},
        {"bad \xff\xc3", "\"bad \\xff\\xc3\""},
        {"\x7f", "\"\\x7f\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_expect_str_eq(log_quote_text(cases[i].in), cases[i].out, "case %zu", i);
    cr_expect_str_eq(log_quote(slice_make("a\0b", 3)), "\"a\\x00b\"");
    cr_expect_str_eq(log_quote_text(NULL), "\"\"");
}

Test(log, quotes_at_most_200_bytes)
{
    char text[300];

    memset(text, 'x', sizeof(text));
    cr_expect_eq(strlen(log_quote(slice_make(text, 200))), 202);
    const char *cut = log_quote(slice_make(text, 201));
    cr_expect_eq(strlen(cut), 205);
    cr_expect_str_eq(cut + 200, "x...\"");
    memset(text, 1, sizeof(text));
    cr_expect_eq(strlen(log_quote(slice_make(text, 300))), 805, "the longest there is");
    memset(text, 'x', sizeof(text));
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): `text` has a length, and no end */
    memcpy(text + 199, "\xc3\xbc", 2);
    cr_expect_eq(strlen(log_quote(slice_make(text, 300))), 204, "not in half a character");
}

Test(log, has_eight_quotes_at_once)
{
    const char *quotes[8];
    for (int i = 0; i < 8; i++) {
        char one[2] = {(char)('a' + i), '\0'};
        quotes[i] = log_quote_text(one);
    }
    for (int i = 0; i < 8; i++)
        cr_expect_eq(quotes[i][1], 'a' + i);
}

Test(log, takes_what_libevent_says)
{
    struct event_config *config;

    capture_start();
    log_attach_libevent();
    /* No method is left: libevent complains. */
    config = event_config_new();
    const char **methods = event_get_supported_methods();
    for (size_t i = 0; methods[i] != NULL; i++)
        event_config_avoid_method(config, methods[i]);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    const char *text = capture_end();
    cr_expect(base == NULL);
    cr_expect(strstr(text, " warn libevent message=\"") != NULL, "%s", text);
}

/* Ends the child before what else runs at the end of a test program. */
static void leave(int status, void *unused)
{
    (void)unused;
    _exit(status);
}

Test(log, die_says_why_and_ends_the_program)
{
    int status = 0;

    capture_start();
    pid_t child = fork();
    if (child == 0) {
        on_exit(leave, NULL);
        log_die("%s is\nwrong", "REELQ_LEASE");
    }
    cr_assert(waitpid(child, &status, 0) == child);
    const char *text = capture_end();
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 1, "status %d", status);
    cr_expect_str_eq(text, "reelq: REELQ_LEASE is?wrong\n", "%s", text);
}
