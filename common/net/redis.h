/* redis - one pipelined connection to Redis that comes back by itself.
 * connecting -> up -> (lost) -> waiting -> connecting ...; "up" only after AUTH, SELECT, CLIENT
 * SETNAME, PING and a write were answered. A server that says it is of no use (LOADING,
 * READONLY, MISCONF ...: redis_refusal.h) is as good as none: the connection is given up, since
 * behind the same address another one may have taken over. Losing it is said once in the log, with
 * address and reason, and coming back once; attempts in between are quiet: 50 ms * 2^n, at most 2
 * s, with jitter, for ever. */
#ifndef REELQ_REDIS_H
#define REELQ_REDIS_H

#include "base/metrics.h"
#include "base/slice.h"
#include "net/loop.h"
#include "net/redis_url.h"

struct redis;
struct redisReply;

/* The reply to one command, valid during the call. NULL: the connection was lost before the reply,
 * and nobody knows whether the command was applied. Other error replies (-OOM, -WRONGTYPE ...) are
 * handed over as they are. */
typedef void (*redis_reply_fn)(const struct redisReply *reply, void *arg);

struct redis_options {
    struct loop *loop;
    const struct redis_url *url; /* borrowed for the connection's life */
    const char *name;            /* "commands": in log lines and CLIENT SETNAME reelq-NAME */
    const char *probe;        /* a key that nobody uses, borrowed: whether it can be removed tells
                                 whether the server takes writes; NULL: that does not matter */
    bool quiet;               /* comes and goes at level debug: another connection speaks */
    int64_t reply_timeout_ms; /* the oldest command unanswered for so long: connection lost */
    struct histogram *round_trip; /* gets the seconds that each answer took; NULL: not measured */
    struct metric *reconnects;    /* counts how often the connection came back; may be NULL */
    loop_fn on_up;                /* may be NULL; commands sent from it go out first */
    loop_fn on_down;              /* may be NULL; after the pending commands got their NULL */
    /* May be NULL. Redis refused the password or user before the connection was ever up: text for
     * the operator, without secrets. The connection keeps trying unless the owner ends the process.
     * A refusal after that is said once in the log, like any other way of being away. */
    void (*on_refused)(const char *text, void *arg);
    void *arg; /* for the three above */
};

/* A command as its arguments: parallel arrays of `count` pointers and lengths, borrowed. */
struct redis_command {
    int count;
    const char **data;
    const size_t *length;
};

/* Starts connecting; the first callback comes from the loop. Options are copied. */
struct redis *redis_new(const struct redis_options *options);

/* Pending commands get their NULL before it returns; on_down is not called. NULL is allowed. */
void redis_free(struct redis *redis);

bool redis_is_up(const struct redis *redis);

/* Commands sent and not yet answered. */
unsigned redis_pending(const struct redis *redis);

/* Queues a command; all commands of one loop turn leave in one write. fn(reply, arg) runs exactly
 * once, later, in the order of sending; with NULL when the connection is not up. fn may be NULL. */
void redis_send(struct redis *redis, const struct redis_command *command, redis_reply_fn fn,
                void *arg);

/* The same for a command of plain words: redis_send_text(r, fn, arg, "LLEN", key, NULL). */
void redis_send_text(struct redis *redis, redis_reply_fn fn, void *arg, ...)
    __attribute__((sentinel));

#endif
