#include "webhook/store.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "net/redis_backoff.h"

/* A pause of 50 ms * 2^LAST_ATTEMPT at most: what is held is to have several tries. */
enum { HOLD_MS = 2000, LAST_ATTEMPT = 3 };

/* One callback between store_put() and its fn. */
struct put {
    struct store *store;
    struct slice envelope;
    void (*fn)(enum store_place place, void *arg);
    void *arg;
    int64_t deadline_ms; /* monotonic */
    struct put *next;    /* of those that wait */
};

struct store {
    struct store_options options;
    struct put *waiting;
    struct put **waiting_end;
    struct loop_timer again;
    unsigned attempt; /* rounds since Redis took something */
    bool closed;      /* there is no Redis any more */
};

static void place(struct put *put, bool try_again);

/* The only exit of a put. */
static void finish(struct put *put, enum store_place where)
{
    put->fn(where, put->arg);
    free(put);
}

static bool is_late(const struct put *put)
{
    return put->store->closed || clock_monotonic_ms() >= put->deadline_ms;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* Until the next round, or the end of the one that has waited longest. */
static void start_timer(struct store *store)
{
    int64_t pause_ms = redis_backoff_ms(store->attempt, clock_random_unit());
    int64_t left_ms = store->waiting->deadline_ms - clock_monotonic_ms();

    if (store->attempt < LAST_ATTEMPT)
        store->attempt++;
    loop_timer_start(&store->again, pause_ms < left_ms ? pause_ms : left_ms);
}

static void hold(struct put *put)
{
    struct store *store = put->store;

    put->next = NULL;
    *store->waiting_end = put;
    store->waiting_end = &put->next;
    if (!loop_timer_pending(&store->again))
        start_timer(store);
}

static void on_again(void *arg)
{
    struct store *store = arg;
    struct put *put = store->waiting;

    store->waiting = NULL;
    store->waiting_end = &store->waiting;
    while (put != NULL) {
        struct put *next = put->next;
        if (is_late(put))
            finish(put, STORE_NOWHERE);
        else
            place(put, true);
        put = next;
    }
}

void store_on_up(struct store *store)
{
    on_again(store);
}

/* --- placing ---------------------------------------------------------------------------------- */

static void on_failed(struct put *put)
{
    if (is_late(put) && (put->store->options.spool == NULL ||
                         !spool_takes(put->store->options.spool, put->envelope.length)))
        finish(put, STORE_NOWHERE);
    else
        place(put, false);
}

static void on_pushed(bool stored, void *arg)
{
    struct put *put = arg;

    if (!stored) {
        on_failed(put);
        return;
    }
    put->store->attempt = 0;
    finish(put, STORE_REDIS);
}

static void on_spooled(bool kept, void *arg)
{
    struct put *put = arg;

    if (kept)
        finish(put, STORE_SPOOL);
    else
        on_failed(put);
}

/* Whether Redis may have it: a refusal is tested again only by what has waited. */
static bool may_push(const struct store *store, bool try_again)
{
    const struct store_options *options = &store->options;

    return !store->closed && pusher_is_up(options->pusher) &&
           (try_again || !pusher_is_refused(options->pusher)) &&
           (options->replay == NULL || !replay_is_behind(options->replay));
}

static void place(struct put *put, bool try_again)
{
    struct store *store = put->store;
    struct push_list list = {.items = &put->envelope, .count = 1};

    if (may_push(store, try_again))
        pusher_push(store->options.pusher, list, on_pushed, put);
    else if (store->options.spool != NULL &&
             spool_takes(store->options.spool, put->envelope.length))
        spool_append(store->options.spool, put->envelope, on_spooled, put);
    else
        hold(put);
}

void store_put(struct store *store, struct slice envelope,
               void (*fn)(enum store_place place, void *arg), void *arg)
{
    struct put *put = xcalloc(1, sizeof(*put));

    put->store = store;
    put->envelope = envelope;
    put->fn = fn;
    put->arg = arg;
    put->deadline_ms = clock_monotonic_ms() + HOLD_MS;
    place(put, false);
}

/* --- life ------------------------------------------------------------------------------------- */

struct store *store_new(const struct store_options *options)
{
    struct store *store = xcalloc(1, sizeof(*store));

    store->options = *options;
    store->waiting_end = &store->waiting;
    loop_timer_init(&store->again, options->loop, on_again, store);
    return store;
}

void store_free(struct store *store)
{
    if (store == NULL)
        return;
    store->closed = true;
    on_again(store);
    if (store->options.spool != NULL)
        spool_flush(store->options.spool);
    loop_timer_clear(&store->again);
    free(store);
}
