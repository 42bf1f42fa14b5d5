/* feeder_kick -> claim -> on_claimed -> take, and: more waiting -> kick; empty -> block -> on_woken
 */
#include "worker/feeder.h"

#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

/* A blocked connection is answered at the latest after BLOCK_S; Redis is given up REPLY_MS after.
 */
enum { REPLY_MS = 8000, RETRY_MS = 200, PAUSE_LOOK_MS = 5000 };
#define BLOCK_S "5"

struct feeder {
    struct context *context;
    struct feeder_options options;
    struct redis *blocking;
    struct loop_timer retry;
    bool claiming, again, blocked, stopped;
};

static void on_retry(void *arg)
{
    feeder_kick(arg);
}

static void on_blocking_up(void *arg)
{
    feeder_kick(arg);
}

struct feeder *feeder_new(struct context *context, const struct feeder_options *options)
{
    struct feeder *feeder = xcalloc(1, sizeof(*feeder));
    struct redis_options redis = {.loop = context->loop,
                                  .url = options->url,
                                  .name = options->name,
                                  .probe = context->queue.keys.probe,
                                  .quiet = true,
                                  .reply_timeout_ms = REPLY_MS,
                                  .on_up = on_blocking_up,
                                  .arg = feeder};

    feeder->context = context;
    feeder->options = *options;
    loop_timer_init(&feeder->retry, context->loop, on_retry, feeder);
    feeder->blocking = redis_new(&redis);
    return feeder;
}

void feeder_free(struct feeder *feeder)
{
    if (feeder == NULL)
        return;
    feeder->stopped = true;
    redis_free(feeder->blocking);
    loop_timer_clear(&feeder->retry);
    free(feeder);
}

void feeder_stop(struct feeder *feeder)
{
    feeder->stopped = true;
    loop_timer_stop(&feeder->retry);
}

bool feeder_claiming(const struct feeder *feeder)
{
    return feeder->claiming;
}

static void look_again(struct feeder *feeder, int64_t ms)
{
    if (!feeder->stopped)
        loop_timer_start(&feeder->retry, ms);
}

static bool has_room(const struct feeder *feeder)
{
    int64_t retry_ms;
    return !feeder->stopped && feeder->options.room(feeder->context, &retry_ms) > 0;
}

/* This worker has become full, or stops, since it began to wait: the next one shall have it. */
static void give_back(const struct feeder *feeder)
{
    const struct keys *keys = &feeder->context->queue.keys;
    bool tasks = feeder->options.list == QUEUE_TASKS;

    redis_send_text(feeder->context->redis, NULL, NULL, "LMOVE",
                    tasks ? keys->tasks_landing : keys->callbacks_landing,
                    tasks ? keys->tasks : keys->callbacks, "LEFT", "RIGHT", NULL);
}

/* What was moved lies in `landing`, which every claim empties first. */
static void on_woken(const struct redisReply *reply, void *arg)
{
    struct feeder *feeder = arg;

    feeder->blocked = false;
    if (reply == NULL)
        return; /* the connection comes back with on_blocking_up */
    if (reply->type == REDIS_REPLY_ERROR)
        look_again(feeder, RETRY_MS);
    else if (reply->type == REDIS_REPLY_STRING && !has_room(feeder))
        give_back(feeder);
    else
        feeder_kick(feeder);
}

static void block(struct feeder *feeder)
{
    const struct keys *keys = &feeder->context->queue.keys;
    bool tasks = feeder->options.list == QUEUE_TASKS;

    if (feeder->blocked || !redis_is_up(feeder->blocking) || !has_room(feeder))
        return;
    feeder->blocked = true;
    redis_send_text(
        feeder->blocking, on_woken, feeder, "BLMOVE", tasks ? keys->tasks : keys->callbacks,
        tasks ? keys->tasks_landing : keys->callbacks_landing, "RIGHT", "LEFT", BLOCK_S, NULL);
}

/* What is called by other ways meanwhile must leave these slots free. */
static void set_claiming(struct feeder *feeder, unsigned items)
{
    feeder->claiming = items > 0;
    if (feeder->options.list == QUEUE_TASKS)
        feeder->context->claiming = items;
}

static void on_claimed(const struct queue_claim *claim, void *arg)
{
    struct feeder *feeder = arg;

    set_claiming(feeder, 0);
    if (claim != NULL && claim->count > 0)
        feeder->options.take(feeder->context, claim);
    if (feeder->stopped) {
        feeder->context->on_slot(feeder->context); /* a drain may have waited for this claim */
        return;
    }
    if (claim == NULL) {
        look_again(feeder, RETRY_MS);
        return;
    }
    if (claim->pause_ms > 0) /* somebody may end a long pause before its time */
        look_again(feeder, claim->pause_ms < PAUSE_LOOK_MS ? claim->pause_ms : PAUSE_LOOK_MS);
    else if (claim->waiting == 0)
        block(feeder);
    else if (claim->count == 0)
        look_again(feeder, RETRY_MS); /* over the limit of awaiting tasks */
    else
        feeder->again = true;
    if (feeder->again) {
        feeder->again = false;
        feeder_kick(feeder);
    }
}

void feeder_kick(struct feeder *feeder)
{
    int64_t retry_ms = -1;

    if (feeder->stopped)
        return;
    if (feeder->claiming) {
        feeder->again = true;
        return;
    }
    if (!redis_is_up(feeder->context->redis))
        return; /* the command connection kicks when it is back */
    unsigned room = feeder->options.room(feeder->context, &retry_ms);
    if (room == 0) {
        if (retry_ms >= 0)
            look_again(feeder, retry_ms);
        return;
    }
    bool probe =
        feeder->options.list == QUEUE_TASKS && feeder->context->breaker.state != BREAKER_CLOSED;
    struct queue_claim_request request = {feeder->options.list, room, feeder->options.limit, probe};
    set_claiming(feeder, room);
    queue_claim(&feeder->context->queue, &request, on_claimed, feeder);
}
