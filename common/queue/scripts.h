/* scripts - the Lua scripts of common/queue/scripts/, embedded at build time, sent by EVALSHA.
 * They are loaded whenever the connection comes up; a server that forgot them (NOSCRIPT) gets the
 * text by EVAL, also in the middle of a pipeline. Where the server knows script flags they are
 * allowed to run at maxmemory, so that a full Redis refuses new tasks and still empties. */
#ifndef REELQ_SCRIPTS_H
#define REELQ_SCRIPTS_H

#include "net/redis.h"
#include "queue/keys.h"

enum script {
    SCRIPT_admit,
    SCRIPT_chain,
    SCRIPT_claim,
    SCRIPT_due,
    SCRIPT_event,
    SCRIPT_expand,
    SCRIPT_finish,
    SCRIPT_move,
    SCRIPT_overview,
    SCRIPT_pause,
    SCRIPT_promote,
    SCRIPT_reject,
    SCRIPT_renew,
    SCRIPT_rerun,
    SCRIPT_COUNT
};

extern const char *const scripts_text[SCRIPT_COUNT];

struct scripts;

struct scripts *scripts_new(struct loop *loop, struct redis *redis);

/* Free the connection first: it answers what is under way. Calls that still wait to be sent again
 * get their NULL here. NULL is allowed. */
void scripts_free(struct scripts *scripts);

/* From the connection's on_up: loads the scripts, ahead of every other command, and sends again
 * what waits. */
void scripts_load(struct scripts *scripts);

const char *script_name(enum script script);

/* One call being put together: keys first, then arguments; everything is copied. */
struct script_call;

struct script_call *script_call_new(enum script script);
void script_call_key(struct script_call *call, const char *key);
/* KIND:NAME behind the prefix, as keys_of() makes it. */
void script_call_key_of(struct script_call *call, const struct keys *keys, const char *kind,
                        struct slice name);
void script_call_arg(struct script_call *call, struct slice arg);
void script_call_text(struct script_call *call, const char *arg);
void script_call_int(struct script_call *call, int64_t arg);

/* This call must happen: when the connection is lost, or the server is full and cannot do it, or
 * the user may not, it is sent again until it is answered. Only for scripts that are harmless
 * twice; its fn gets NULL only at the very end, from scripts_free(). */
void script_call_persist(struct script_call *call);

/* Sends and takes the call. fn(reply, arg) as in redis_send(), may be NULL; errors are logged. */
void scripts_send(struct scripts *scripts, struct script_call *call, redis_reply_fn fn, void *arg);

#endif
