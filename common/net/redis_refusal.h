/* redis_refusal - replies by which a server says that it is of no use: it loads its data,
 * is a replica, cannot write to its disk, is held up by a script. Whatever was asked was not done.
 */
#ifndef REELQ_REDIS_REFUSAL_H
#define REELQ_REDIS_REFUSAL_H

struct redisReply;

/* The text of such a reply, from the word that tells it on; NULL for every other reply. -OOM is
 * none: scripts that may run at maxmemory still do. */
const char *redis_refusal(const struct redisReply *reply);

#endif
