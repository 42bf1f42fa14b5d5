#include "cli/progress.h"

#include <string.h>

#include "base/clock.h"

enum { REDRAW_MS = 200, SAMPLE_MS = 1000, BAR = 24, MAX_LINE = 1024 };

void progress_init(struct progress *progress, const struct screen *screen, int64_t interval_ms)
{
    int64_t now = clock_monotonic_ms();

    *progress = (struct progress){.screen = screen,
                                  .interval_ms = interval_ms,
                                  .started_ms = now,
                                  .shown_ms = now - REDRAW_MS};
    progress->samples[0].at_ms = now;
    progress->sample_count = 1;
}

static int64_t pause_of(const struct progress *progress)
{
    return progress->screen->terminal ? REDRAW_MS : progress->interval_ms;
}

int64_t progress_due_ms(const struct progress *progress)
{
    int64_t left = progress->shown_ms + pause_of(progress) - clock_monotonic_ms();

    return left > 0 ? left : 0;
}

/* --- rate ------------------------------------------------------------------------------------- */

static void sample(struct progress *progress, size_t ended, int64_t now_ms)
{
    size_t last = progress->sample_count - 1;

    if (now_ms - progress->samples[last].at_ms < SAMPLE_MS)
        return;
    if (progress->sample_count == PROGRESS_SAMPLES)
        memmove(&progress->samples[0], &progress->samples[1], sizeof(progress->samples[0]) * last);
    else
        progress->sample_count++;
    progress->samples[progress->sample_count - 1].at_ms = now_ms;
    progress->samples[progress->sample_count - 1].ended = ended;
}

/* Tasks per second, over the time that the samples reach back. */
static double rate(const struct progress *progress, size_t ended, int64_t now_ms)
{
    int64_t ms = now_ms - progress->samples[0].at_ms;

    return ms > 0 ? (double)(ended - progress->samples[0].ended) * 1000 / (double)ms : 0;
}

/* --- the line --------------------------------------------------------------------------------- */

static void add_bar(struct buffer *out, const struct progress *progress, size_t ended, size_t total)
{
    size_t full = total > 0 ? ended * BAR / total : BAR;

    buffer_add_format(out, "[%s", screen_ink(progress->screen, INK_GREEN));
    for (size_t i = 0; i < BAR; i++)
        buffer_add_char(out, i < full ? '#' : '.');
    buffer_add_format(out, "%s] ", screen_off(progress->screen));
}

static void add_left(struct buffer *out, const struct progress_state *state, double per_second)
{
    size_t left = state->total - state->ready - state->failed;

    if (state->waiting >= 0) {
        size_t waiting = (uint64_t)state->waiting < left ? (size_t)state->waiting : left;
        buffer_add_format(out, "  in flight %zu  waiting %zu", left - waiting, waiting);
    }
    if (per_second <= 0)
        return;
    buffer_add_format(out, per_second < 10 ? "  %.1f/s" : "  %.0f/s", per_second);
    if (left > 0) {
        buffer_add_text(out, "  ");
        screen_add_age(out, (int64_t)((double)left / per_second * 1000) + 999);
        buffer_add_text(out, " left");
    }
}

void progress_add_line(struct buffer *out, const struct progress *progress,
                       const struct progress_state *state, int64_t now_ms)
{
    size_t ended = state->ready + state->failed;

    add_bar(out, progress, ended, state->total);
    buffer_add_format(out, "%zu/%zu  ready %zu  failed %zu", ended, state->total, state->ready,
                      state->failed);
    add_left(out, state, rate(progress, ended, now_ms));
}

/* A line that is wider than the terminal could not be drawn over. */
static void add_fitting(struct buffer *out, const struct progress *progress, struct slice line)
{
    size_t inks =
        strlen(screen_ink(progress->screen, INK_GREEN)) + strlen(screen_off(progress->screen));

    buffer_add_slice(out, slice_head(line, progress->screen->columns + inks - 1));
}

static void draw(struct progress *progress, const struct progress_state *state, int64_t now_ms,
                 struct buffer *out)
{
    struct buffer line = BUFFER(MAX_LINE);

    progress_add_line(&line, progress, state, now_ms);
    if (progress->screen->terminal) {
        buffer_add_char(out, '\r');
        add_fitting(out, progress, buffer_slice(&line));
        buffer_add_text(out, "\x1b[K");
        progress->drawn = true;
    } else {
        buffer_add_slice(out, buffer_slice(&line));
        buffer_add_char(out, '\n');
    }
    buffer_clear(&line);
}

void progress_show(struct progress *progress, const struct progress_state *state, int64_t now_ms,
                   struct buffer *out)
{
    sample(progress, state->ready + state->failed, now_ms);
    if (now_ms - progress->shown_ms < pause_of(progress))
        return;
    progress->shown_ms = now_ms;
    draw(progress, state, now_ms, out);
}

void progress_hide(struct progress *progress, struct buffer *out)
{
    if (progress->drawn)
        buffer_add_text(out, "\r\x1b[K");
    progress->drawn = false;
}
