#include "cli/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

enum { COLUMNS_WITHOUT_TERMINAL = 100, ROWS_WITHOUT_TERMINAL = 1000 };

static const char *const codes[] = {
    [INK_PLAIN] = "",         [INK_BOLD] = "\x1b[1m",    [INK_DIM] = "\x1b[2m",
    [INK_GREEN] = "\x1b[32m", [INK_YELLOW] = "\x1b[33m", [INK_RED] = "\x1b[31m",
};

/* What the C library would find as well, without its tables. */
static bool is_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < 3; i++) {
        struct slice value = slice_text(getenv(names[i]));
        if (value.length > 0)
            return slice_contains_nocase(value, "UTF-8") || slice_contains_nocase(value, "utf8");
    }
    return false;
}

void screen_measure(struct screen *screen)
{
    struct winsize size = {0};

    if (!screen->terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return;
    if (size.ws_col > 0)
        screen->columns = size.ws_col;
    if (size.ws_row > 0)
        screen->rows = size.ws_row;
}

void screen_init(struct screen *screen)
{
    const char *refused = getenv("NO_COLOR"), *term = getenv("TERM");

    *screen = (struct screen){.terminal = isatty(STDOUT_FILENO) == 1,
                              .unicode = is_unicode(),
                              .columns = COLUMNS_WITHOUT_TERMINAL,
                              .rows = ROWS_WITHOUT_TERMINAL};
    screen->colour = screen->terminal && (refused == NULL || refused[0] == '\0') &&
                     (term == NULL || !slice_is(slice_text(term), "dumb"));
    screen_measure(screen);
}

const char *screen_ink(const struct screen *screen, enum ink ink)
{
    return screen->colour ? codes[ink] : "";
}

const char *screen_off(const struct screen *screen)
{
    return screen->colour ? "\x1b[0m" : "";
}

enum ink screen_ink_of_state(struct slice state)
{
    static const struct {
        const char *state;
        enum ink ink;
    } inks[] = {
        {"ready", INK_GREEN},      {"indexed", INK_GREEN},    {"uploaded", INK_GREEN},
        {"failed", INK_RED},       {"index_failed", INK_RED}, {"blocked", INK_RED},
        {"retry", INK_YELLOW},     {"unknown", INK_YELLOW},   {"rate_limited", INK_YELLOW},
        {"postponed", INK_YELLOW}, {"duplicate", INK_YELLOW}, {"delayed", INK_YELLOW},
        {"batch", INK_BOLD},
    };

    for (size_t i = 0; i < sizeof(inks) / sizeof(inks[0]); i++)
        if (slice_is(state, inks[i].state))
            return inks[i].ink;
    return INK_PLAIN;
}

void screen_add_safe(struct buffer *out, struct slice text)
{
    while (text.length > 0) {
        size_t length = utf8_sequence(text);
        unsigned char c = (unsigned char)text.data[0];
        /* C1 controls are two bytes in UTF-8, and some terminals obey them. */
        bool control = length == 0 || c < ' ' || c == 0x7f ||
                       (length == 2 && c == 0xc2 && (unsigned char)text.data[1] < 0xa0);
        if (control)
            buffer_add_char(out, '?');
        else
            buffer_add(out, text.data, length);
        text = slice_skip(text, length > 0 ? length : 1);
    }
}

void screen_add_age(struct buffer *out, int64_t ms)
{
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    int64_t seconds = ms > 0 ? ms / 1000 : 0;

    for (size_t i = 0; i < 4; i++) {
        if (i < 3 && seconds < units[i].seconds)
            continue;
        buffer_add_format(out, "%lld%c", (long long)(seconds / units[i].seconds), units[i].unit);
        seconds %= units[i].seconds;
        if (i < 3 && seconds >= units[i + 1].seconds)
            buffer_add_format(out, " %lld%c", (long long)(seconds / units[i + 1].seconds),
                              units[i + 1].unit);
        return;
    }
}

static struct tm local_time(int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local = {0};

    (void)localtime_r(&seconds, &local);
    return local;
}

void screen_add_time(struct buffer *out, int64_t ms)
{
    struct tm local = local_time(ms);
    char text[64] = "?";

    (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
    buffer_add_text(out, text);
}

void screen_add_clock(struct buffer *out, int64_t ms)
{
    struct tm local = local_time(ms);

    buffer_add_format(out, "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                      (int)(ms % 1000));
}
