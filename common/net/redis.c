/* redis - the life of a connection, over one redis_socket after the other.
 *
 *   on_retry -> CONNECTING -> on_connected -> GREETING -> on_greeting_reply (the last) -> UP
 *       ^                                                                               |
 *       +------------- back-off --- WAITING <--- lost(why) <--- from every state -------+
 *
 * lost() is the only way down: it closes the socket, says so once, arms the back-off, and gives
 * every command in flight its NULL. Callbacks may free the connection; enter() and leave() keep the
 * memory until the outermost of them has returned.
 *
 * A command sent while the connection is not up waits in `failed` for a zero timer. Its NULL comes
 * before any reply to a later command.
 *
 * Not for SUBSCRIBE and MONITOR: hiredis aborts on a reply that nobody asked for. Host names are
 * resolved while the loop stands still, see redis_socket.c. */
#include "net/redis.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "net/redis_backoff.h"
#include "net/redis_denial.h"
#include "net/redis_greeting.h"
#include "net/redis_inflight.h"
#include "net/redis_refusal.h"
#include "net/redis_report.h"
#include "net/redis_resp.h"
#include "net/redis_socket.h"
#include "net/redis_watchdog.h"

enum {
    CONNECT_TIMEOUT_MS = 1000,
    SECURE_TIMEOUT_MS = 5000, /* with the handshake */
    OWN_TIMEOUT_MS = 5000,    /* greeting and idle ping, unless reply_timeout_ms is shorter */
    IDLE_PING_MS = 5000,
    HEALTHY_MS = 10000,      /* up for so long: the next back-off begins anew */
    MAX_COMMAND = 512 << 20, /* what Redis itself takes */
    KEEP_COMMAND = 64 << 10  /* a larger scratch buffer is given back after use */
};

enum state { WAITING, CONNECTING, GREETING, UP };

struct redis {
    struct redis_options options;
    char *name;
    enum state state;
    struct redis_socket *socket;  /* NULL while waiting */
    struct redis_inflight sent;   /* while up */
    struct redis_inflight failed; /* sent while not up */
    struct buffer scratch;
    struct redis_greeting greeting;
    unsigned attempt;
    int64_t up_since_ms;
    struct redis_report report;
    struct redis_denial denial;
    bool closing;
    unsigned busy; /* functions on the stack that need this memory */
    struct loop_timer retry;
    struct loop_timer deadline; /* of connecting, then of greeting */
    struct redis_watchdog watchdog;
    struct loop_timer idle;
    struct loop_timer failing;
};

static void lost(struct redis *redis, const char *why);

static void destroy(struct redis *redis)
{
    loop_timer_clear(&redis->retry);
    loop_timer_clear(&redis->deadline);
    redis_watchdog_clear(&redis->watchdog);
    loop_timer_clear(&redis->idle);
    loop_timer_clear(&redis->failing);
    redis_inflight_clear(&redis->sent);
    redis_inflight_clear(&redis->failed);
    buffer_clear(&redis->scratch);
    free(redis->name);
    free(redis);
}

static void enter(struct redis *redis)
{
    redis->busy++;
}

/* After this `redis` may be gone. */
static void leave(struct redis *redis)
{
    /* NOLINTNEXTLINE(analyzer-use-after-free): who frees it was the last one in */
    redis->busy--;
    if (redis->busy == 0 && redis->closing)
        destroy(redis);
}

/* Sending. */

/* How long an answer may take: `own` for what the connection asks by itself. */
static int64_t patience_ms(const struct redis *redis, bool own)
{
    int64_t timeout = redis->options.reply_timeout_ms;

    return own && timeout > OWN_TIMEOUT_MS ? OWN_TIMEOUT_MS : timeout;
}

/* Puts a command on the wire. One over the maximum is not sent: false. */
static bool transmit(struct redis *redis, const struct redis_command *command,
                     struct redis_inflight_entry *entry)
{
    bool fits;

    redis_resp_add(&redis->scratch, command);
    fits = !redis->scratch.failed;
    if (fits) {
        redis_inflight_name(entry, command);
        entry->deadline_ms = clock_monotonic_ms() + patience_ms(redis, entry->internal);
        redis_inflight_push(&redis->sent, entry);
        redis_socket_send(redis->socket, buffer_slice(&redis->scratch));
        redis_watchdog_start(&redis->watchdog, entry->deadline_ms);
    }
    if (redis->scratch.capacity > KEEP_COMMAND)
        buffer_clear(&redis->scratch);
    buffer_reset(&redis->scratch);
    return fits;
}

void redis_send(struct redis *redis, const struct redis_command *command, redis_reply_fn fn,
                void *arg)
{
    struct redis_inflight_entry entry = {.fn = fn, .arg = arg};

    if (redis->state == UP && transmit(redis, command, &entry))
        return;
    redis_inflight_push(&redis->failed, &entry);
    if (!loop_timer_pending(&redis->failing))
        loop_timer_start(&redis->failing, 0);
}

static void on_failing(void *arg)
{
    struct redis *redis = arg;

    enter(redis);
    redis_inflight_fail(&redis->failed);
    if (redis->failed.count > 0)
        loop_timer_start(&redis->failing, 0);
    leave(redis);
}

void redis_send_text(struct redis *redis, redis_reply_fn fn, void *arg, ...)
{
    struct redis_resp_words words;
    va_list ap;

    va_start(ap, arg);
    redis_resp_collect(&words, ap);
    va_end(ap);
    redis_send(redis, &words.command, fn, arg);
}

/* Connecting and greeting. */

static void on_connected(void *arg);
static void on_reply(const struct redisReply *reply, void *arg);
static void on_lost(const char *why, void *arg);

static const struct redis_socket_events socket_events = {
    .on_connected = on_connected, .on_reply = on_reply, .on_lost = on_lost};

static void on_retry(void *arg)
{
    struct redis *redis = arg;
    struct redis_socket_options options = {.loop = redis->options.loop,
                                           .url = redis->options.url,
                                           .events = &socket_events,
                                           .arg = redis};
    struct error error;

    redis->state = CONNECTING;
    redis->socket = redis_socket_open(&options, &error);
    if (redis->socket == NULL) {
        lost(redis, error.text);
        return;
    }
    loop_timer_start(&redis->deadline,
                     redis->options.url->secure ? SECURE_TIMEOUT_MS : CONNECT_TIMEOUT_MS);
}

static void on_deadline(void *arg)
{
    struct redis *redis = arg;

    const char *unconnected = redis->options.url->secure
                                  ? "no connection and TLS handshake within 5s: is it a TLS port?"
                                  : "no connection within 1s";

    lost(redis, redis->state == CONNECTING ? unconnected : "no answer to the greeting");
}

static void on_connected(void *arg)
{
    struct redis *redis = arg;

    redis->state = GREETING;
    redis->greeting = (struct redis_greeting){
        .url = redis->options.url, .name = redis->name, .probe = redis->options.probe};
    redis_greeting_start(&redis->greeting, redis->socket);
    loop_timer_start(&redis->deadline, patience_ms(redis, true));
}

static void on_refused(struct redis *redis, const char *reason)
{
    const char *hint = redis_denial_says(reason) ? "; " REDIS_DENIAL_HINT : "";
    struct error text;

    if (!redis_report_refused(&redis->report, reason) || redis->options.on_refused == NULL)
        return;
    error_set(&text, "Redis at %s refuses the user %s: %s%s", redis->options.url->display,
              redis->denial.user, reason, hint);
    redis->options.on_refused(text.text, redis->options.arg);
}

static void come_up(struct redis *redis)
{
    loop_timer_stop(&redis->deadline);
    redis->state = UP;
    redis->up_since_ms = clock_monotonic_ms();
    loop_timer_start(&redis->idle, IDLE_PING_MS);
    redis_report_up(&redis->report);
    if (redis->options.on_up != NULL)
        redis->options.on_up(redis->options.arg);
}

static void on_greeting_reply(struct redis *redis, const struct redisReply *reply)
{
    const char *reason = "";
    enum redis_welcome welcome = redis_greeting_answer(&redis->greeting, reply, &reason);

    if (welcome == REDIS_GREETING_GOES_ON)
        return;
    if (welcome == REDIS_GREETING_DONE) {
        come_up(redis);
        return;
    }
    if (welcome == REDIS_GREETING_REFUSED)
        on_refused(redis, reason);
    if (!redis->closing)
        lost(redis, reason);
}

/* Being up. */

static void take_answer(struct redis *redis, const struct redisReply *reply)
{
    redis_denial_note(&redis->denial, redis_inflight_oldest(&redis->sent)->command, reply);
    redis_inflight_answer(&redis->sent, reply);
}

static void on_reply(const struct redisReply *reply, void *arg)
{
    struct redis *redis = arg;
    const char *refusal = redis_refusal(reply);

    enter(redis);
    if (redis->state == GREETING) {
        on_greeting_reply(redis, reply);
    } else {
        redis_inflight_fail(&redis->failed); /* older than what is answered here */
        if (redis->state == UP && refusal != NULL)
            lost(redis, refusal);
        else if (redis->state == UP)
            take_answer(redis, reply);
    }
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): lost() leaves too, but is not the last to */
    leave(redis);
}

static void on_overdue(void *arg)
{
    struct redis *redis = arg;
    bool own = redis_inflight_oldest(&redis->sent)->internal;
    char why[64];

    (void)snprintf(why, sizeof(why), "no reply within %lldms", (long long)patience_ms(redis, own));
    lost(redis, why);
}

static void on_idle(void *arg)
{
    static const char *word = "PING";
    static const size_t length = 4;
    const struct redis_command ping = {.count = 1, .data = &word, .length = &length};
    struct redis_inflight_entry entry = {.internal = true};
    struct redis *redis = arg;

    if (redis->sent.count == 0) {
        bool sent = transmit(redis, &ping, &entry);
        assert(sent);
        (void)sent;
    }
    loop_timer_start(&redis->idle, IDLE_PING_MS);
}

/* Going down. */

static void go_down(struct redis *redis)
{
    loop_timer_stop(&redis->retry);
    loop_timer_stop(&redis->deadline);
    redis_watchdog_stop(&redis->watchdog);
    loop_timer_stop(&redis->idle);
    redis_socket_free(redis->socket);
    redis->socket = NULL;
    redis->state = WAITING;
}

static void lost(struct redis *redis, const char *why)
{
    bool was_up = redis->state == UP;

    enter(redis);
    redis_report_away(&redis->report, why);
    go_down(redis);
    if (was_up && clock_monotonic_ms() - redis->up_since_ms >= HEALTHY_MS)
        redis->attempt = 0;
    loop_timer_start(&redis->retry, redis_backoff_ms(redis->attempt, clock_random_unit()));
    redis->attempt++;
    redis_inflight_fail(&redis->failed);
    redis_inflight_fail(&redis->sent);
    if (was_up && !redis->closing && redis->options.on_down != NULL)
        redis->options.on_down(redis->options.arg);
    leave(redis);
}

static void on_lost(const char *why, void *arg)
{
    lost(arg, why);
}

/* Life. */

struct redis *redis_new(const struct redis_options *options)
{
    struct redis *redis = xcalloc(1, sizeof(*redis));

    redis->options = *options;
    redis->name = xstrdup(options->name);
    redis->report = (struct redis_report){.name = redis->name,
                                          .address = options->url->display,
                                          .quiet = options->quiet,
                                          .reconnects = options->reconnects};
    redis->denial = (struct redis_denial){.connection = redis->name,
                                          .user = options->url->user[0] != '\0' ? options->url->user
                                                                                : "default"};
    redis->sent.round_trip = options->round_trip;
    buffer_init(&redis->scratch, MAX_COMMAND);
    loop_timer_init(&redis->retry, options->loop, on_retry, redis);
    loop_timer_init(&redis->deadline, options->loop, on_deadline, redis);
    redis->watchdog.inflight = &redis->sent;
    redis->watchdog.on_overdue = on_overdue;
    redis->watchdog.arg = redis;
    redis_watchdog_init(&redis->watchdog, options->loop);
    loop_timer_init(&redis->idle, options->loop, on_idle, redis);
    loop_timer_init(&redis->failing, options->loop, on_failing, redis);
    loop_timer_start(&redis->retry, 0);
    return redis;
}

void redis_free(struct redis *redis)
{
    if (redis == NULL)
        return;
    assert(!redis->closing);
    redis->closing = true;
    enter(redis);
    go_down(redis);
    redis_inflight_fail(&redis->failed);
    redis_inflight_fail(&redis->sent);
    while (redis->failed.count > 0) { /* what those callbacks sent */
        redis_inflight_fail(&redis->failed);
    }
    leave(redis);
}

bool redis_is_up(const struct redis *redis)
{
    return redis->state == UP;
}

unsigned redis_pending(const struct redis *redis)
{
    return (unsigned)(redis->sent.count - redis->sent.internal + redis->failed.count);
}
