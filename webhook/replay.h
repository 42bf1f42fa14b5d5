/* replay - brings what is in the spool to Redis, oldest first, a batch at a time.
 *   replay_kick -> spool_read -> push -> on_pushed -> spool_done -> replay_kick ...
 * A batch stays in the spool until Redis has it. When Redis refuses it, it is tried again after a
 * pause that grows, with jitter; when the connection is lost, as soon as it is back. */
#ifndef REELQ_REPLAY_H
#define REELQ_REPLAY_H

#include "webhook/pusher.h"
#include "webhook/spool.h"

struct replay;

/* Everything is borrowed. */
struct replay *replay_new(struct loop *loop, struct pusher *pusher, struct spool *spool);

/* After the Redis connection, before the spool. NULL is allowed. */
void replay_free(struct replay *replay);

/* There is something in the spool, or Redis is up (then a pause is over). */
void replay_kick(struct replay *replay);
void replay_on_up(struct replay *replay);

/* Whether something is in the spool that is not even on its way: what is pushed now would overtake
 * it. */
bool replay_is_behind(const struct replay *replay);

/* Callbacks brought to Redis so far. */
uint64_t replay_total(const struct replay *replay);

#endif
