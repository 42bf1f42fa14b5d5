/* Faults are dealt from a shuffled deck, so that each kind comes up in every round; a target that
 * is down, or stands still, is not struck again before it is back. */
#include "chaos/schedule.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "chaos/dice.h"
#include "chaos/weather.h"

enum { GAP_LEAST_MS = 250, GAP_MOST_MS = 1400, RECOVERED_MS = 300, MAX_TARGETS = 64 };
enum { WEATHER_LEAST_MS = 700, WEATHER_MOST_MS = 4000 };

enum victim { WORKERS, WEBHOOKS, REDIS, VICTIMS };

#define NOTHING SCHEDULE_ACTION_COUNT

struct card {
    enum victim victim;
    enum schedule_action begin, end; /* end: NOTHING when it is over by itself */
    int64_t least_ms, most_ms;       /* how long it lasts */
    bool leases;                     /* the two above are added to a lease */
};

static const struct card deck[] = {
    {WORKERS, SCHEDULE_WORKER_KILL, SCHEDULE_WORKER_START, 50, 1500, false},
    {WORKERS, SCHEDULE_WORKER_KILL, SCHEDULE_WORKER_START, 50, 500, false},
    {WORKERS, SCHEDULE_WORKER_STOP, SCHEDULE_WORKER_CONTINUE, 200, 2500, true},
    {WORKERS, SCHEDULE_WORKER_STOP, SCHEDULE_WORKER_CONTINUE, 100, 1500, false},
    {WORKERS, SCHEDULE_WORKER_END, NOTHING, 3000, 3000, false},
    {WORKERS, SCHEDULE_WORKER_END, NOTHING, 3000, 3000, false},
    {WEBHOOKS, SCHEDULE_WEBHOOK_KILL, SCHEDULE_WEBHOOK_START, 50, 3000, false},
    {WEBHOOKS, SCHEDULE_WEBHOOK_STOP, SCHEDULE_WEBHOOK_CONTINUE, 100, 2500, false},
    {WEBHOOKS, SCHEDULE_WEBHOOK_END, NOTHING, 3000, 3000, false},
    {REDIS, SCHEDULE_REDIS_KILL, SCHEDULE_REDIS_START, 20, 1500, false},
    {REDIS, SCHEDULE_REDIS_STOP, SCHEDULE_REDIS_CONTINUE, 100, 900, false},
    {REDIS, SCHEDULE_REDIS_STOP, SCHEDULE_REDIS_CONTINUE, 200, 1500, true},
    {REDIS, SCHEDULE_REDIS_PAUSE, NOTHING, 100, 1500, false},
    {REDIS, SCHEDULE_REDIS_CUT, NOTHING, 0, 0, false},
    {REDIS, SCHEDULE_REDIS_FORGET, NOTHING, 0, 0, false},
};

enum { CARDS = sizeof(deck) / sizeof(deck[0]) };

struct maker {
    const struct schedule_options *options;
    struct schedule schedule;
    struct rng rng;
    int64_t free_at_ms[VICTIMS][MAX_TARGETS];
};

/* --- steps ------------------------------------------------------------------------------------ */

static void add(struct maker *maker, struct schedule_step step)
{
    struct schedule *schedule = &maker->schedule;

    schedule->steps = xrealloc(schedule->steps, schedule->count + 1, sizeof(*schedule->steps));
    schedule->steps[schedule->count++] = step;
}

/* Of two at the same time, that of the lower action comes first: an order that is always the same.
 */
static int by_time(const void *a, const void *b)
{
    const struct schedule_step *one = a, *other = b;

    if (one->at_ms != other->at_ms)
        return one->at_ms < other->at_ms ? -1 : 1;
    if (one->action != other->action)
        return one->action < other->action ? -1 : 1;
    return one->target < other->target ? -1 : one->target > other->target;
}

/* --- faults ----------------------------------------------------------------------------------- */

static unsigned targets_of(const struct maker *maker, enum victim victim)
{
    unsigned count = victim == WORKERS    ? maker->options->workers
                     : victim == WEBHOOKS ? maker->options->webhooks
                                          : 1;
    return count < MAX_TARGETS ? count : MAX_TARGETS;
}

/* A target that is free at that time, or the one that is free first. */
static unsigned choose(struct maker *maker, enum victim victim, int64_t at_ms)
{
    const int64_t *free_at_ms = maker->free_at_ms[victim];
    unsigned count = targets_of(maker, victim);
    unsigned chosen = dice_pick(&maker->rng, count);

    for (unsigned i = 0; i < count && free_at_ms[chosen] > at_ms; i++) {
        unsigned other = (chosen + 1) % count;
        chosen =
            free_at_ms[other] <= at_ms || free_at_ms[other] < free_at_ms[chosen] ? other : chosen;
    }
    return chosen;
}

static void deal(struct maker *maker, const struct card *card, int64_t at_ms)
{
    int64_t extra = card->leases ? maker->options->lease_ms : 0;
    int64_t span_ms = extra + dice_between(&maker->rng, card->least_ms, card->most_ms);
    unsigned target = choose(maker, card->victim, at_ms);
    int64_t *free_at_ms = &maker->free_at_ms[card->victim][target];
    int64_t begin_ms = *free_at_ms > at_ms ? *free_at_ms : at_ms;

    if (begin_ms + span_ms >= maker->options->length_ms)
        return;
    bool told = card->end != NOTHING || card->begin == SCHEDULE_REDIS_PAUSE;
    add(maker, (struct schedule_step){begin_ms, card->begin, target, told ? span_ms : 0});
    if (card->end != NOTHING)
        add(maker, (struct schedule_step){begin_ms + span_ms, card->end, target, 0});
    *free_at_ms = begin_ms + span_ms + RECOVERED_MS;
}

static void deal_faults(struct maker *maker)
{
    int64_t at_ms = 0;
    unsigned order[CARDS];

    rng_init(&maker->rng, maker->options->seed, DICE_FAULTS);
    while (at_ms < maker->options->length_ms) {
        for (unsigned i = 0; i < CARDS; i++)
            order[i] = i;
        dice_shuffle(&maker->rng, order, CARDS);
        for (unsigned i = 0; i < CARDS; i++) {
            at_ms += dice_between(&maker->rng, GAP_LEAST_MS, GAP_MOST_MS);
            deal(maker, &deck[order[i]], at_ms);
        }
    }
}

/* --- weather ---------------------------------------------------------------------------------- */

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* In a short run each kind lasts shorter, so that all of them come up. */
static void deal_weather(struct maker *maker)
{
    int64_t end_ms = maker->options->length_ms, at_ms = 0;
    unsigned count = weather_count();
    int64_t mean_ms = clamp(end_ms / (count + 1), WEATHER_LEAST_MS, WEATHER_MOST_MS);
    unsigned *order = xcalloc(count, sizeof(*order));

    rng_init(&maker->rng, maker->options->seed, DICE_WEATHER);
    while (at_ms < end_ms) {
        for (unsigned i = 0; i < count; i++)
            order[i] = i;
        dice_shuffle(&maker->rng, order, count);
        for (unsigned i = 0; i < count && at_ms < end_ms; i++) {
            int64_t span_ms = dice_between(&maker->rng, mean_ms / 2, mean_ms * 3 / 2);
            add(maker, (struct schedule_step){at_ms, SCHEDULE_WEATHER, order[i], 0});
            at_ms += span_ms;
        }
    }
    add(maker, (struct schedule_step){end_ms, SCHEDULE_WEATHER, 0, 0});
    free(order);
}

struct schedule schedule_make(const struct schedule_options *options)
{
    struct maker maker = {.options = options};

    deal_faults(&maker);
    deal_weather(&maker);
    qsort(maker.schedule.steps, maker.schedule.count, sizeof(*maker.schedule.steps), by_time);
    return maker.schedule;
}

void schedule_clear(struct schedule *schedule)
{
    free(schedule->steps);
    *schedule = (struct schedule){0};
}

/* --- text ------------------------------------------------------------------------------------- */

static const char *const texts[] = {
#define X(name, text) text,
    SCHEDULE_ACTIONS(X)
#undef X
};

const char *schedule_action_text(enum schedule_action action)
{
    return texts[action];
}

static void add_step(struct buffer *out, const struct schedule_step *step)
{
    buffer_add_format(out, "%8.3f s  %s", (double)step->at_ms / 1000, texts[step->action]);
    if (step->action == SCHEDULE_WEATHER)
        buffer_add_format(out, ": %s", weather_get(step->target)->name);
    else if (step->action < SCHEDULE_REDIS_KILL)
        buffer_add_format(out, ", number %u", step->target + 1);
    if (step->span_ms > 0)
        buffer_add_format(out, ", for %lld ms", (long long)step->span_ms);
    buffer_add_char(out, '\n');
}

void schedule_add_text(struct buffer *out, const struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        add_step(out, &schedule->steps[i]);
}
