/* gauges_refresh -> overview_read -> on_overview -> done */
#include "worker/gauges.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "queue/next_item.h"
#include "queue/overview.h"

enum { MIN_PAUSE_MS = 1000 };

struct gauges {
    struct context *context;
    struct metric items[OVERVIEW_PLACES], overdue[OVERVIEW_SETS];
    struct metric task_age, callback_age, pause, pace;
    int64_t looked_at_ms; /* monotonic; 0: never, or in vain */
    struct next_item next_task;
};

struct refresh {
    struct gauges *gauges;
    void (*done)(void *arg);
    void *arg;
};

/* --- what was seen ---------------------------------------------------------------------------- */

static void show(struct gauges *gauges, const struct overview *overview)
{
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        gauges->items[i].value = (double)overview->items[i];
    for (int i = 0; i < OVERVIEW_SETS; i++)
        gauges->overdue[i].value = (double)overview->overdue_ms[i] / 1000;
    gauges->task_age.value =
        (double)next_item_age_ms(&gauges->next_task, overview->next_task, overview->now_ms) / 1000;
    gauges->callback_age.value = (double)overview->callback_age_ms / 1000;
    gauges->pause.value = (double)overview->pause_ms / 1000;
    gauges->pace.value = overview->interval_ms > 0 ? 1000 / overview->interval_ms : INFINITY;
}

static void show_nothing(struct gauges *gauges)
{
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        gauges->items[i].value = NAN;
    for (int i = 0; i < OVERVIEW_SETS; i++)
        gauges->overdue[i].value = NAN;
    gauges->task_age.value = NAN;
    gauges->callback_age.value = NAN;
    gauges->pause.value = NAN;
    gauges->pace.value = NAN;
}

static void on_overview(const struct overview *overview, void *arg)
{
    struct refresh refresh = *(struct refresh *)arg;

    free(arg);
    if (overview != NULL)
        show(refresh.gauges, overview);
    else
        show_nothing(refresh.gauges);
    refresh.gauges->looked_at_ms = overview != NULL ? clock_monotonic_ms() : 0;
    refresh.done(refresh.arg);
}

void gauges_refresh(struct gauges *gauges, void (*done)(void *arg), void *arg)
{
    struct refresh *refresh;

    if (gauges->looked_at_ms > 0 && clock_monotonic_ms() - gauges->looked_at_ms < MIN_PAUSE_MS) {
        done(arg);
        return;
    }
    refresh = xcalloc(1, sizeof(*refresh));
    *refresh = (struct refresh){gauges, done, arg};
    overview_read(&gauges->context->queue, on_overview, refresh);
}

/* --- names ------------------------------------------------------------------------------------ */

static void set_up(struct gauges *gauges, struct metric *metric, const char *const words[3])
{
    *metric = (struct metric){METRIC_GAUGE, words[0], words[1], words[2], NAN, NULL};
    metrics_register(&gauges->context->metrics, metric);
}

static void register_items(struct gauges *gauges)
{
    static const char queue[] = "reelq_queue_items", tasks[] = "reelq_tasks";
    static const char queue_help[] = "Items that wait, or that a worker has just taken.";
    static const char tasks_help[] = "Tasks in Redis, by what they wait for.";
    static const char *const words[OVERVIEW_PLACES][3] = {
        [OVERVIEW_TASKS] = {queue, "queue=\"tasks\"", queue_help},
        [OVERVIEW_CALLBACKS] = {queue, "queue=\"callbacks\"", queue_help},
        [OVERVIEW_QUESTIONS] = {queue, "queue=\"questions\"", queue_help},
        [OVERVIEW_TAKEN] = {queue, "queue=\"taken\"", queue_help},
        [OVERVIEW_CALLBACKS_TAKEN] = {queue, "queue=\"callbacks_taken\"", queue_help},
        [OVERVIEW_RUNNING] = {tasks, "state=\"running\"", tasks_help},
        [OVERVIEW_AWAITING] = {tasks, "state=\"awaiting\"", tasks_help},
        [OVERVIEW_DELAYED] = {tasks, "state=\"delayed\"", tasks_help},
        [OVERVIEW_DEAD] = {tasks, "state=\"dead\"", tasks_help},
    };

    for (int i = 0; i < OVERVIEW_PLACES; i++)
        set_up(gauges, &gauges->items[i], words[i]);
}

static void register_times(struct gauges *gauges)
{
    static const char overdue[] = "reelq_overdue_seconds", age[] = "reelq_queue_oldest_age_seconds";
    static const char overdue_help[] = "Since when the earliest lease, deadline or delay is over.";
    static const char age_help[] = "Of the callback that is next in line since its receipt; of the "
                                   "task item since it was first"
                                   " seen there, which is the least that it has waited.";
    const struct {
        struct metric *metric;
        const char *words[3];
    } all[] = {
        {&gauges->overdue[OVERVIEW_LEASES], {overdue, "state=\"running\"", overdue_help}},
        {&gauges->overdue[OVERVIEW_DEADLINES], {overdue, "state=\"awaiting\"", overdue_help}},
        {&gauges->overdue[OVERVIEW_DELAYS], {overdue, "state=\"delayed\"", overdue_help}},
        {&gauges->task_age, {age, "queue=\"tasks\"", age_help}},
        {&gauges->callback_age, {age, "queue=\"callbacks\"", age_help}},
        {&gauges->pause,
         {"reelq_pause_seconds", "", "Until workers may call again after VideoDB's 429 or 503."}},
        {&gauges->pace,
         {"reelq_pace_items_per_second", "",
          "What all workers together may take; +Inf: no limit."}},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        set_up(gauges, all[i].metric, all[i].words);
}

struct gauges *gauges_new(struct context *context)
{
    struct gauges *gauges = xcalloc(1, sizeof(*gauges));

    gauges->context = context;
    register_items(gauges);
    register_times(gauges);
    return gauges;
}

void gauges_free(struct gauges *gauges)
{
    if (gauges == NULL)
        return;
    next_item_clear(&gauges->next_task);
    free(gauges);
}
