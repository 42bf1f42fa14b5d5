#include "webhook/replay.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/redis_backoff.h"

_Static_assert((int)SPOOL_BATCH <= (int)PUSHER_MAX, "a batch goes in one push");

struct replay {
    struct pusher *pusher;
    struct spool *spool;
    struct loop_timer pause;
    unsigned attempt; /* refusals in a row */
    int sent;         /* records on their way; 0: none are */
    uint64_t total, said;
};

static void note_stored(struct replay *replay, int count)
{
    replay->attempt = 0;
    replay->total += (uint64_t)count;
    spool_done(replay->spool);
    if (spool_records(replay->spool) > 0)
        return;
    log_info("spool-replayed", "records=%llu", (unsigned long long)(replay->total - replay->said));
    replay->said = replay->total;
}

static void on_pushed(bool stored, void *arg)
{
    struct replay *replay = arg;
    int count = replay->sent;

    replay->sent = 0;
    if (stored) {
        note_stored(replay, count);
        replay_kick(replay);
    } else if (pusher_is_up(replay->pusher)) {
        loop_timer_start(&replay->pause, redis_backoff_ms(replay->attempt++, clock_random_unit()));
    }
}

void replay_kick(struct replay *replay)
{
    struct spool_batch batch;

    if (replay->sent > 0 || loop_timer_pending(&replay->pause) || !pusher_is_up(replay->pusher) ||
        !spool_read(replay->spool, &batch))
        return;
    replay->sent = batch.count;
    pusher_push(replay->pusher, (struct push_list){.items = batch.payloads, .count = batch.count},
                on_pushed, replay);
}

static void on_pause(void *arg)
{
    replay_kick(arg);
}

void replay_on_up(struct replay *replay)
{
    loop_timer_stop(&replay->pause);
    replay_kick(replay);
}

bool replay_is_behind(const struct replay *replay)
{
    return spool_records(replay->spool) > (uint64_t)replay->sent;
}

uint64_t replay_total(const struct replay *replay)
{
    return replay->total;
}

struct replay *replay_new(struct loop *loop, struct pusher *pusher, struct spool *spool)
{
    struct replay *replay = xcalloc(1, sizeof(*replay));

    replay->pusher = pusher;
    replay->spool = spool;
    loop_timer_init(&replay->pause, loop, on_pause, replay);
    return replay;
}

void replay_free(struct replay *replay)
{
    if (replay == NULL)
        return;
    loop_timer_clear(&replay->pause);
    free(replay);
}
