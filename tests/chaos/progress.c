#include "chaos/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

enum { TERMINAL_MS = 200, FILE_MS = 10000 };

void progress_init(struct progress *progress, const struct plan *plan)
{
    *progress = (struct progress){.plan = plan, .drawn_at_ms = -FILE_MS};
    progress->states = xcalloc(plan->task_count, 1);
    progress->terminal = isatty(STDOUT_FILENO) == 1;
}

void progress_clear(struct progress *progress)
{
    free(progress->states);
}

static void set(struct progress *progress, unsigned task, enum progress_state state)
{
    progress->ready -= progress->states[task] == PROGRESS_READY;
    progress->failed -= progress->states[task] == PROGRESS_FAILED;
    progress->states[task] = (unsigned char)state;
    progress->ready += state == PROGRESS_READY;
    progress->failed += state == PROGRESS_FAILED;
}

void progress_note(struct progress *progress, const char *event, const char *id)
{
    unsigned task, slot;
    bool failed = strcmp(event, "failed") == 0;

    if (!plan_find_task(slice_text(id), &task, &slot)) {
        progress->broken += failed && strncmp(id, "bad-", 4) == 0;
        return;
    }
    if (slot != PLAN_OWN || task >= progress->plan->task_count)
        return;
    if (failed)
        set(progress, task, PROGRESS_FAILED);
    else if (strcmp(event, "ready") == 0)
        set(progress, task, PROGRESS_READY);
    else if (strcmp(event, "rerun") == 0)
        set(progress, task, PROGRESS_OPEN);
}

unsigned progress_open(const struct progress *progress)
{
    unsigned done = progress->ready + progress->failed, broken = 0;

    for (unsigned i = 0; i < progress->plan->task_count; i++)
        broken += progress->plan->tasks[i].kind == PLAN_BROKEN;
    done += progress->broken < broken ? progress->broken : broken;
    return progress->plan->task_count - done;
}

void progress_draw(struct progress *progress, int64_t now_ms, unsigned submitted, const char *what)
{
    int64_t pause_ms = progress->terminal ? TERMINAL_MS : FILE_MS;

    if (now_ms - progress->drawn_at_ms < pause_ms)
        return;
    progress->drawn_at_ms = now_ms;
    printf("%s  %5.1f s  submitted %u  ready %u  failed %u  open %u  %s%s",
           progress->terminal ? "\r" : "", (double)now_ms / 1000, submitted, progress->ready,
           progress->failed + progress->broken,
           progress_open(progress) - (progress->plan->task_count - submitted), what,
           progress->terminal ? "\033[K" : "\n");
    (void)fflush(stdout);
    progress->drawn = true;
}

void progress_end(struct progress *progress)
{
    if (progress->drawn && progress->terminal)
        printf("\n");
    progress->drawn = false;
}
