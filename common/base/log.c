#include "base/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/redact.h"
#include "base/utf8.h"

enum { LINE_SIZE = 4096, QUOTE_BUFFERS = 8, QUOTE_BYTES = 200 };

static const char *const level_names[] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_ERROR] = "error",
};

static enum log_level threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    threshold = level;
}

bool log_level_parse(struct slice text, enum log_level *level)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
        if (slice_is(text, level_names[i])) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

/* The line goes out in one write: lines of several processes on one pipe stay whole. */
static void write_line(const char *line, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, line, length);
        if (written == -1 && errno == EINTR)
            continue;
        if (written <= 0)
            return; // nobody is left to be told
        line += written;
        length -= (size_t)written;
    }
}

/* Ends the text of `length` bytes that snprintf made, or would have made, in line[LINE_SIZE]: cut
 * where it was too long, control bytes replaced, newline added. */
static void finish_line(char line[LINE_SIZE], size_t length)
{
    static const char cut[] = "...";
    bool is_cut = length > LINE_SIZE - 2;

    if (is_cut)
        length = utf8_head(slice_make(line, LINE_SIZE - 1), LINE_SIZE - 1 - sizeof(cut)).length;
    line[length] = '\0';
    length = redact_text(line); /* first, so that a secret that is cut off ends the text */
    if (is_cut) {
        memcpy(line + length, cut, sizeof(cut));
        length += sizeof(cut) - 1;
    }
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[length] = '\n';
    write_line(line, length + 1);
}

static size_t put_head(char *line, enum log_level level, const char *event)
{
    int64_t now_ms = clock_wall_ms();
    time_t now_s = (time_t)(now_ms / 1000);
    struct tm utc;
    char stamp[32];

    (void)gmtime_r(&now_s, &utc);
    (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    int length = snprintf(line, LINE_SIZE, "%s.%03dZ %s %s", stamp, (int)(now_ms % 1000),
                          level_names[level], event);
    return length < 0 ? 0 : (size_t)length;
}

static void log_line(enum log_level level, const char *event, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void log_line(enum log_level level, const char *event, const char *format, va_list args)
{
    char line[LINE_SIZE];
    int saved_errno = errno;

    if (level < threshold)
        return;
    size_t length = put_head(line, level, event);
    if (format != NULL && length + 2 < LINE_SIZE) {
        line[length] = ' ';
        int added = vsnprintf(line + length + 1, LINE_SIZE - length - 1, format, args);
        if (added > 0)
            length += 1 + (size_t)added;
    }
    finish_line(line, length);
    errno = saved_errno;
}

void log_debug(const char *event, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_LEVEL_DEBUG, event, format, args);
    va_end(args);
}

void log_info(const char *event, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_LEVEL_INFO, event, format, args);
    va_end(args);
}

void log_warn(const char *event, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_LEVEL_WARN, event, format, args);
    va_end(args);
}

void log_error(const char *event, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LOG_LEVEL_ERROR, event, format, args);
    va_end(args);
}

/* Writes what stands for the first byte, or sequence, of *text and moves *text behind it; gives the
 * number of bytes written. What is not UTF-8 is written as \xHH, like a control byte. */
static int quote_one(struct slice *text, char out[8])
{
    struct slice rest = *text;
    unsigned char c = (unsigned char)rest.data[0];
    size_t length = utf8_sequence(rest), secret = redact_at(rest);

    if (secret > 0) { // before the cut, and before it is escaped
        *text = slice_skip(rest, secret);
        return snprintf(out, 8, "***");
    }

    *text = slice_skip(rest, length == 0 ? 1 : length);
    if (c == '\n')
        return snprintf(out, 8, "\\n");
    if (c == '"' || c == '\\')
        return snprintf(out, 8, "\\%c", c);
    if (length == 0 || c < 0x20 || c == 0x7f)
        return snprintf(out, 8, "\\x%02x", c);
    memcpy(out, rest.data, length);
    return (int)length;
}

const char *log_quote(struct slice text)
{
    static char ring[QUOTE_BUFFERS][4 * QUOTE_BYTES + 16]; // each byte as \xHH, quotes, dots
    static unsigned turn;
    char *quoted = ring[turn++ % QUOTE_BUFFERS];
    size_t unseen = text.length - utf8_head(text, QUOTE_BYTES).length;
    char *at = quoted;

    *at++ = '"';
    while (text.length > unseen)
        at += quote_one(&text, at);
    const char *end = text.length > 0 ? "...\"" : "\"";
    memcpy(at, end, strlen(end) + 1);
    return quoted;
}

const char *log_quote_text(const char *text)
{
    return log_quote(slice_text(text));
}

void log_die(const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;

    int head = snprintf(line, sizeof(line), "reelq: ");
    va_start(args, format);
    int added = vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
    va_end(args);
    finish_line(line, (size_t)head + (added < 0 ? 0 : (size_t)added));
    exit(1);
}

static void on_libevent_log(int severity, const char *message)
{
    static void (*const writers[])(const char *, const char *, ...) = {
        [EVENT_LOG_DEBUG] = log_debug,
        [EVENT_LOG_MSG] = log_info,
        [EVENT_LOG_WARN] = log_warn,
        [EVENT_LOG_ERR] = log_error,
    };
    bool known = severity >= EVENT_LOG_DEBUG && severity <= EVENT_LOG_ERR;
    writers[known ? severity : EVENT_LOG_ERR]("libevent", "message=%s", log_quote_text(message));
}

void log_attach_libevent(void)
{
    event_set_log_callback(on_libevent_log);
}

/* --- floods ----------------------------------------------------------------------------------- */

bool log_is_due(int64_t *again_ms, int64_t interval_ms)
{
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms < *again_ms)
        return false;
    *again_ms = now_ms + interval_ms;
    return true;
}
