/* script_call_new -> key.. arg.. -> scripts_send -> on_reply -> fn
 *   on_reply: NOSCRIPT -> EVAL; lost or not ready, and persistent -> waiting -> sent again */
#include "queue/scripts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <hiredis/hiredis.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/loop.h"
#include "net/redis_denial.h"

/* A line that only Redis 7 and later understand; older servers answer it with an error. */
static const char flags_line[] = "#!lua flags=allow-oom\n";

enum { SHA_LENGTH = 40, MAX_CALL_BYTES = 1 << 30, RESEND_MS = 250, DENIED_MS = 2000 };

TAILQ_HEAD(call_list, script_call);

struct scripts {
    struct redis *redis;
    struct call_list waiting; /* persistent calls to be sent again */
    struct loop_timer resend;
    bool ending;
    struct loaded {
        struct scripts *owner;
        char *flagged;            /* the text with the flags line */
        bool plain;               /* this server does not know flags */
        bool failing;             /* said so in the log; until it succeeds */
        char sha[SHA_LENGTH + 1]; /* "" until the server has told */
    } loaded[SCRIPT_COUNT];
};

struct script_call {
    struct scripts *scripts;
    enum script script;
    struct buffer bytes;
    size_t *ends; /* of each argument in `bytes` */
    int count, capacity, keys;
    bool by_text, persistent;
    bool flagged; /* sent as text with the flags line */
    redis_reply_fn fn;
    void *arg;
    TAILQ_ENTRY(script_call) entry;
};

static const char *const names[SCRIPT_COUNT] = {
    [SCRIPT_admit] = "admit",   [SCRIPT_chain] = "chain",     [SCRIPT_claim] = "claim",
    [SCRIPT_due] = "due",       [SCRIPT_event] = "event",     [SCRIPT_expand] = "expand",
    [SCRIPT_finish] = "finish", [SCRIPT_move] = "move",       [SCRIPT_overview] = "overview",
    [SCRIPT_pause] = "pause",   [SCRIPT_promote] = "promote", [SCRIPT_reject] = "reject",
    [SCRIPT_renew] = "renew",   [SCRIPT_rerun] = "rerun",
};

const char *script_name(enum script script)
{
    return names[script];
}

static void on_resend(void *arg);

struct scripts *scripts_new(struct loop *loop, struct redis *redis)
{
    struct scripts *scripts = xcalloc(1, sizeof(*scripts));
    scripts->redis = redis;
    TAILQ_INIT(&scripts->waiting);
    loop_timer_init(&scripts->resend, loop, on_resend, scripts);
    for (int i = 0; i < SCRIPT_COUNT; i++) {
        scripts->loaded[i].owner = scripts;
        scripts->loaded[i].flagged = xasprintf("%s%s", flags_line, scripts_text[i]);
    }
    return scripts;
}

static const char *text_of(const struct loaded *loaded)
{
    return loaded->plain ? loaded->flagged + strlen(flags_line) : loaded->flagged;
}

static void on_loaded(const struct redisReply *reply, void *arg);

static void load(struct loaded *loaded)
{
    redis_send_text(loaded->owner->redis, on_loaded, loaded, "SCRIPT", "LOAD", text_of(loaded),
                    NULL);
}

static void on_loaded(const struct redisReply *reply, void *arg)
{
    struct loaded *loaded = arg;

    if (reply == NULL)
        return;
    if (reply->type == REDIS_REPLY_STRING && reply->len == SHA_LENGTH) {
        memcpy(loaded->sha, reply->str, SHA_LENGTH + 1);
    } else if (!loaded->plain) {
        loaded->plain = true;
        load(loaded);
    } else {
        log_error("script-refused", "name=%s error=%s", names[loaded - loaded->owner->loaded],
                  log_quote(slice_make(reply->str, reply->len)));
    }
}

void scripts_load(struct scripts *scripts)
{
    for (int i = 0; i < SCRIPT_COUNT; i++) {
        scripts->loaded[i].plain = false;
        load(&scripts->loaded[i]);
    }
    loop_timer_start(&scripts->resend, 0);
}

struct script_call *script_call_new(enum script script)
{
    struct script_call *call = xcalloc(1, sizeof(*call));
    call->script = script;
    buffer_init(&call->bytes, MAX_CALL_BYTES);
    return call;
}

void script_call_arg(struct script_call *call, struct slice arg)
{
    if (call->count == call->capacity) {
        call->capacity = call->capacity == 0 ? 64 : 2 * call->capacity;
        call->ends = xrealloc(call->ends, (size_t)call->capacity, sizeof(*call->ends));
    }
    buffer_add_slice(&call->bytes, arg);
    assert(!call->bytes.failed);
    call->ends[call->count++] = call->bytes.length;
}

void script_call_text(struct script_call *call, const char *arg)
{
    script_call_arg(call, slice_text(arg));
}

void script_call_key(struct script_call *call, const char *key)
{
    assert(call->keys == call->count);
    script_call_text(call, key);
    call->keys++;
}

void script_call_key_of(struct script_call *call, const struct keys *keys, const char *kind,
                        struct slice name)
{
    char *key = keys_of(keys, kind, name);
    script_call_key(call, key);
    free(key);
}

void script_call_int(struct script_call *call, int64_t arg)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRId64, arg);
    script_call_arg(call, slice_make(digits, (size_t)length));
}

static void call_free(struct script_call *call)
{
    buffer_clear(&call->bytes);
    free(call->ends);
    free(call);
}

static void on_reply(const struct redisReply *reply, void *arg);

static void transmit(struct script_call *call)
{
    const struct loaded *loaded = &call->scripts->loaded[call->script];
    const char **data = xcalloc((size_t)call->count + 3, sizeof(*data));
    size_t *length = xcalloc((size_t)call->count + 3, sizeof(*length));
    char keys[16];

    call->by_text = call->by_text || loaded->sha[0] == '\0';
    call->flagged = call->by_text && !loaded->plain;
    data[0] = call->by_text ? "EVAL" : "EVALSHA";
    data[1] = call->by_text ? text_of(loaded) : loaded->sha;
    (void)snprintf(keys, sizeof(keys), "%d", call->keys);
    data[2] = keys;
    for (int i = 0; i < 3; i++)
        length[i] = strlen(data[i]);
    size_t start = 0;
    for (int i = 0; i < call->count; i++) {
        data[i + 3] = buffer_text(&call->bytes) + start;
        length[i + 3] = call->ends[i] - start;
        start = call->ends[i];
    }
    struct redis_command command = {call->count + 3, data, length};
    redis_send(call->scripts->redis, &command, on_reply, call);
    free(data);
    free(length);
}

static bool forgotten(const struct redisReply *reply)
{
    return reply != NULL && reply->type == REDIS_REPLY_ERROR &&
           strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

/* It was sent before the server had said that it does not know flags. */
static bool misread(const struct script_call *call, const struct redisReply *reply)
{
    return reply != NULL && reply->type == REDIS_REPLY_ERROR && call->flagged &&
           call->scripts->loaded[call->script].plain;
}

/* A full server from before Redis 7, which does not know that the scripts are allowed to run; a
 * slot that moves. Both pass. Such a server gives the error that a command met inside the script
 * within the text, as ": -OOM ...". */
static bool not_ready(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR &&
           (strncmp(reply->str, "OOM ", 4) == 0 || strncmp(reply->str, "TRYAGAIN ", 9) == 0 ||
            strstr(reply->str, ": -OOM ") != NULL);
}

static void send_later(struct script_call *call, int64_t ms)
{
    struct scripts *scripts = call->scripts;
    TAILQ_INSERT_TAIL(&scripts->waiting, call, entry);
    if (!loop_timer_pending(&scripts->resend))
        loop_timer_start(&scripts->resend, ms);
}

/* Once per series. */
static void note_failure(struct loaded *loaded, const struct redisReply *reply)
{
    if (reply == NULL)
        return;
    bool failed = reply->type == REDIS_REPLY_ERROR;
    if (failed && !loaded->failing)
        log_error("script-failed", "name=%s error=%s", names[loaded - loaded->owner->loaded],
                  log_quote(slice_make(reply->str, reply->len)));
    loaded->failing = failed;
}

static void on_reply(const struct redisReply *reply, void *arg)
{
    struct script_call *call = arg;

    if ((forgotten(reply) && !call->by_text) || misread(call, reply)) {
        call->by_text = true;
        transmit(call);
        return;
    }
    bool again = call->persistent && !call->scripts->ending;
    if (again && (reply == NULL || not_ready(reply))) {
        send_later(call, RESEND_MS);
        return;
    }
    note_failure(&call->scripts->loaded[call->script], reply);
    if (again && redis_denial_is(reply)) { /* until somebody grants it */
        send_later(call, DENIED_MS);
        return;
    }
    if (call->fn != NULL)
        call->fn(reply, call->arg);
    call_free(call);
}

static void on_resend(void *arg)
{
    struct scripts *scripts = arg;
    struct call_list calls = TAILQ_HEAD_INITIALIZER(calls);

    if (!redis_is_up(scripts->redis))
        return; /* scripts_load() comes back here */
    TAILQ_CONCAT(&calls, &scripts->waiting, entry);
    while (!TAILQ_EMPTY(&calls)) {
        struct script_call *call = TAILQ_FIRST(&calls);
        TAILQ_REMOVE(&calls, call, entry);
        transmit(call);
    }
}

void script_call_persist(struct script_call *call)
{
    call->persistent = true;
}

void scripts_free(struct scripts *scripts)
{
    if (scripts == NULL)
        return;
    scripts->ending = true;
    while (!TAILQ_EMPTY(&scripts->waiting)) {
        struct script_call *call = TAILQ_FIRST(&scripts->waiting);
        TAILQ_REMOVE(&scripts->waiting, call, entry);
        on_reply(NULL, call);
    }
    loop_timer_clear(&scripts->resend);
    for (int i = 0; i < SCRIPT_COUNT; i++)
        free(scripts->loaded[i].flagged);
    free(scripts);
}

void scripts_send(struct scripts *scripts, struct script_call *call, redis_reply_fn fn, void *arg)
{
    call->scripts = scripts;
    call->fn = fn;
    call->arg = arg;
    transmit(call);
}
