/* redis - the life of a connection, over one redis_socket after the other.
 *
 *   on_retry -> CONNECTING -> on_connected -> GREETING -> on_greeting (the last one) -> UP
 *       ^                                                                               |
 *       +------------- back-off --- WAITING <--- lost(why) <--- from every state -------+
 *
 * lost() is the only way down: it closes the socket, says so once, arms the back-off, and gives every
 * command in flight its NULL. Callbacks may free the connection; enter() and leave() keep the memory
 * until the outermost of them has returned.
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
#include "base/log.h"
#include "base/xalloc.h"
#include "net/redis_inflight.h"
#include "net/redis_socket.h"

enum {
    CONNECT_TIMEOUT_MS = 1000,
    OWN_TIMEOUT_MS = 5000, /* greeting and idle ping, unless reply_timeout_ms is shorter */
    IDLE_PING_MS = 5000,
    BACKOFF_BASE_MS = 50,
    BACKOFF_MAX_MS = 2000,
    BACKOFF_MAX_ATTEMPT = 6,
    HEALTHY_MS = 10000, /* up for so long: the next back-off begins anew */
    LATE_MS = 100,      /* a timer this late means that the process was held up */
    MAX_WORDS = 64,
    MAX_COMMAND = 512 << 20, /* what Redis itself takes */
    KEEP_COMMAND = 64 << 10  /* a larger scratch buffer is given back after use */
};

enum state { WAITING, CONNECTING, GREETING, UP };

struct redis {
    struct redis_options options;
    char *name;
    enum state state;
    struct redis_socket *socket; /* NULL while waiting */
    struct redis_inflight sent;
    struct redis_inflight failed; /* sent while not up */
    struct buffer scratch;
    unsigned greetings; /* answers that are missing */
    unsigned attempt;
    int64_t up_since_ms;
    int64_t watchdog_due_ms;
    bool was_up;
    bool said;    /* that it is away */
    bool refused; /* on_refused was called since it was up */
    bool closing;
    unsigned busy; /* functions on the stack that need this memory */
    struct loop_timer retry;
    struct loop_timer connecting;
    struct loop_timer watchdog;
    struct loop_timer idle;
    struct loop_timer failing;
};

static void lost(struct redis *redis, const char *why);

static void destroy(struct redis *redis)
{
    loop_timer_clear(&redis->retry);
    loop_timer_clear(&redis->connecting);
    loop_timer_clear(&redis->watchdog);
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
    redis->busy--;
    if (redis->busy == 0 && redis->closing) {
        destroy(redis);
    }
}

static void run(const struct redis_inflight_entry *entry, const struct redisReply *reply)
{
    if (entry->fn != NULL) {
        entry->fn(reply, entry->arg);
    }
}

/* Gives NULL to the entries that are there now; the callbacks may add more, or free everything. */
static void fail_present(struct redis_inflight *inflight)
{
    for (size_t n = inflight->count; n > 0 && inflight->count > 0; n--) {
        struct redis_inflight_entry entry = redis_inflight_pop(inflight);
        run(&entry, NULL);
    }
}

/* Sending. */

static void add_count(struct buffer *out, char mark, size_t count)
{
    char text[32];
    char *end = text + sizeof(text);
    char *p = end;

    *--p = '\n';
    *--p = '\r';
    do {
        *--p = (char)('0' + count % 10);
        count /= 10;
    } while (count > 0);
    *--p = mark;
    buffer_add(out, p, (size_t)(end - p));
}

static void encode(struct buffer *out, const struct redis_command *command)
{
    add_count(out, '*', (size_t)command->count);
    for (int i = 0; i < command->count; i++) {
        add_count(out, '$', command->length[i]);
        buffer_add(out, command->data[i], command->length[i]);
        buffer_add(out, "\r\n", 2);
    }
}

static void watch(struct redis *redis, int64_t due_ms, int64_t now_ms)
{
    if (!loop_timer_pending(&redis->watchdog) || redis->watchdog_due_ms > due_ms) {
        redis->watchdog_due_ms = due_ms;
        loop_timer_start(&redis->watchdog, due_ms - now_ms);
    }
}

/* Puts a command on the wire. A command over the maximum is not sent: false. */
static bool transmit(struct redis *redis, const struct redis_command *command,
                     struct redis_inflight_entry *entry)
{
    int64_t now = clock_monotonic_ms();
    int64_t timeout = redis->options.reply_timeout_ms;
    bool fits;

    encode(&redis->scratch, command);
    fits = !redis->scratch.failed;
    if (fits) {
        entry->deadline_ms =
            now + (entry->internal && timeout > OWN_TIMEOUT_MS ? OWN_TIMEOUT_MS : timeout);
        redis_inflight_push(&redis->sent, entry);
        redis_socket_send(redis->socket, buffer_slice(&redis->scratch));
        watch(redis, entry->deadline_ms, now);
    }
    if (redis->scratch.capacity > KEEP_COMMAND) {
        buffer_clear(&redis->scratch);
    }
    buffer_reset(&redis->scratch);
    return fits;
}

void redis_send(struct redis *redis, const struct redis_command *command, redis_reply_fn fn,
                void *arg)
{
    struct redis_inflight_entry entry = {.fn = fn, .arg = arg};

    assert(command->count > 0);
    if (redis->state == UP && transmit(redis, command, &entry)) {
        return;
    }
    redis_inflight_push(&redis->failed, &entry);
    if (!loop_timer_pending(&redis->failing)) {
        loop_timer_start(&redis->failing, 0);
    }
}

static void on_failing(void *arg)
{
    struct redis *redis = arg;

    enter(redis);
    fail_present(&redis->failed);
    if (redis->failed.count > 0) {
        loop_timer_start(&redis->failing, 0);
    }
    leave(redis);
}

/* The words up to the NULL, as a command that lives in the arrays. */
static struct redis_command collect(const char **words, size_t *lengths, va_list ap)
{
    int count = 0;

    for (const char *word = va_arg(ap, const char *); word != NULL;
         word = va_arg(ap, const char *)) {
        assert(count < MAX_WORDS);
        words[count] = word;
        lengths[count] = strlen(word);
        count++;
    }
    return (struct redis_command){.count = count, .data = words, .length = lengths};
}

void redis_send_text(struct redis *redis, redis_reply_fn fn, void *arg, ...)
{
    const char *words[MAX_WORDS];
    size_t lengths[MAX_WORDS];
    struct redis_command command;
    va_list ap;

    va_start(ap, arg);
    command = collect(words, lengths, ap);
    va_end(ap);
    redis_send(redis, &command, fn, arg);
}

/* A command of the connection's own; `fn` gets the connection. */
__attribute__((sentinel)) static void ask(struct redis *redis, redis_reply_fn fn, ...)
{
    const char *words[MAX_WORDS];
    size_t lengths[MAX_WORDS];
    struct redis_inflight_entry entry = {.fn = fn, .arg = redis, .internal = true};
    struct redis_command command;
    va_list ap;

    va_start(ap, fn);
    command = collect(words, lengths, ap);
    va_end(ap);
    if (!transmit(redis, &command, &entry)) {
        assert(!"a command of the connection's own fits");
    }
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
    loop_timer_start(&redis->connecting, CONNECT_TIMEOUT_MS);
}

static void on_connecting(void *arg)
{
    lost(arg, "no connection within 1s");
}

/* Error replies that no retry will cure. `prefix` is how the reply begins. */
static const struct refusal {
    const char *prefix;
    const char *meaning;
} refusals[] = {
    {"WRONGPASS", "wrong user or password, or the user is disabled"},
    {"NOAUTH", "a password is needed"},
    {"NOPERM", NULL}, /* the reply names the command */
    {"ERR invalid password", "wrong password"},
    {"ERR AUTH", "a password was given, but none is set"},
    {"ERR Client sent AUTH", "a password was given, but none is set"},
};

static const struct refusal *find_refusal(const char *text)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (strncmp(text, refusals[i].prefix, strlen(refusals[i].prefix)) == 0) {
            return &refusals[i];
        }
    }
    return NULL;
}

static void say_refused(struct redis *redis, const char *reason)
{
    const struct redis_url *url = redis->options.url;
    const char *user = url->user[0] != '\0' ? url->user : "default";
    struct error text;

    if (redis->refused || redis->options.on_refused == NULL) {
        return;
    }
    redis->refused = true;
    error_set(&text, "Redis at %s refuses the user %s: %s", url->display, user, reason);
    redis->options.on_refused(text.text, redis->options.arg);
}

/* The greeting was answered with an error. */
static void not_welcome(struct redis *redis, const char *text)
{
    const struct refusal *refusal = find_refusal(text);
    const char *reason = refusal != NULL && refusal->meaning != NULL ? refusal->meaning : text;

    enter(redis);
    if (refusal != NULL) {
        say_refused(redis, reason);
    }
    if (!redis->closing) {
        lost(redis, reason);
    }
    leave(redis);
}

static void come_up(struct redis *redis)
{
    redis->state = UP;
    redis->up_since_ms = clock_monotonic_ms();
    redis->was_up = true;
    redis->said = false;
    redis->refused = false;
    loop_timer_start(&redis->idle, IDLE_PING_MS);
    log_info("redis-up", "connection=%s address=%s", redis->name, redis->options.url->display);
    if (redis->options.on_up != NULL) {
        redis->options.on_up(redis->options.arg);
    }
}

static void on_greeting(const struct redisReply *reply, void *arg)
{
    struct redis *redis = arg;

    if (reply == NULL) {
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        not_welcome(redis, reply->str);
        return;
    }
    redis->greetings--;
    if (redis->greetings == 0) {
        come_up(redis);
    }
}

/* A server without AUTH echoes the arguments of the unknown command: of a reply that is not known to
 * be harmless nothing is quoted. */
static void on_auth(const struct redisReply *reply, void *arg)
{
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR && find_refusal(reply->str) == NULL) {
        not_welcome(arg, "AUTH was answered with an unknown error");
        return;
    }
    on_greeting(reply, arg);
}

static void greet(struct redis *redis)
{
    const struct redis_url *url = redis->options.url;
    char number[16];
    char *name = xasprintf("reelq-%s", redis->name);

    snprintf(number, sizeof(number), "%d", url->db);
    if (url->password[0] != '\0' && url->user[0] != '\0') {
        ask(redis, on_auth, "AUTH", url->user, url->password, NULL);
    } else if (url->password[0] != '\0') {
        ask(redis, on_auth, "AUTH", url->password, NULL);
    }
    if (url->db != 0) {
        ask(redis, on_greeting, "SELECT", number, NULL);
    }
    ask(redis, on_greeting, "CLIENT", "SETNAME", name, NULL);
    ask(redis, on_greeting, "PING", NULL);
    redis->greetings = (unsigned)redis->sent.count;
    free(name);
}

static void on_connected(void *arg)
{
    struct redis *redis = arg;

    loop_timer_stop(&redis->connecting);
    redis->state = GREETING;
    greet(redis);
}

/* Being up. */

static void on_reply(const struct redisReply *reply, void *arg)
{
    struct redis *redis = arg;

    enter(redis);
    fail_present(&redis->failed);
    if (redis->sent.count > 0) {
        struct redis_inflight_entry entry = redis_inflight_pop(&redis->sent);
        run(&entry, reply);
    }
    leave(redis);
}

static void on_watchdog(void *arg)
{
    struct redis *redis = arg;
    const struct redis_inflight_entry *oldest = redis_inflight_oldest(&redis->sent);
    int64_t now = clock_monotonic_ms();
    char why[64];

    if (oldest == NULL) {
        return;
    }
    if (now < oldest->deadline_ms) {
        watch(redis, oldest->deadline_ms, now);
    } else if (now - redis->watchdog_due_ms > LATE_MS) {
        /* The reply may have been lying in the socket while this process slept. */
        watch(redis, now + LATE_MS, now);
    } else {
        snprintf(why, sizeof(why), "no reply within %lldms",
                 (long long)redis->options.reply_timeout_ms);
        lost(redis, why);
    }
}

static void on_pong(const struct redisReply *reply, void *arg)
{
    (void)reply;
    (void)arg;
}

static void on_idle(void *arg)
{
    struct redis *redis = arg;

    if (redis->sent.count == 0) {
        ask(redis, on_pong, "PING", NULL);
    }
    loop_timer_start(&redis->idle, IDLE_PING_MS);
}

/* Going down. */

/* `unit` is random, in [0, 1). Between half and the whole of base * 2^attempt. */
static int64_t backoff_ms(unsigned attempt, double unit)
{
    int64_t whole = (int64_t)BACKOFF_BASE_MS << attempt;

    if (whole > BACKOFF_MAX_MS) {
        whole = BACKOFF_MAX_MS;
    }
    return whole / 2 + (int64_t)((double)whole / 2 * unit);
}

static void say_away(struct redis *redis, const char *why)
{
    if (redis->said) {
        return;
    }
    redis->said = true;
    log_warn(redis->was_up ? "redis-lost" : "redis-away", "connection=%s address=%s reason=%s",
             redis->name, redis->options.url->display, log_quote_text(why));
}

static void go_down(struct redis *redis)
{
    loop_timer_stop(&redis->retry);
    loop_timer_stop(&redis->connecting);
    loop_timer_stop(&redis->watchdog);
    loop_timer_stop(&redis->idle);
    redis_socket_free(redis->socket);
    redis->socket = NULL;
    redis->state = WAITING;
}

static void lost(struct redis *redis, const char *why)
{
    bool was_up = redis->state == UP;

    enter(redis);
    say_away(redis, why);
    go_down(redis);
    if (was_up && clock_monotonic_ms() - redis->up_since_ms >= HEALTHY_MS) {
        redis->attempt = 0;
    }
    loop_timer_start(&redis->retry, backoff_ms(redis->attempt, clock_random_unit()));
    if (redis->attempt < BACKOFF_MAX_ATTEMPT) {
        redis->attempt++;
    }
    fail_present(&redis->failed);
    fail_present(&redis->sent);
    if (was_up && !redis->closing && redis->options.on_down != NULL) {
        redis->options.on_down(redis->options.arg);
    }
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
    buffer_init(&redis->scratch, MAX_COMMAND);
    loop_timer_init(&redis->retry, options->loop, on_retry, redis);
    loop_timer_init(&redis->connecting, options->loop, on_connecting, redis);
    loop_timer_init(&redis->watchdog, options->loop, on_watchdog, redis);
    loop_timer_init(&redis->idle, options->loop, on_idle, redis);
    loop_timer_init(&redis->failing, options->loop, on_failing, redis);
    loop_timer_start(&redis->retry, 0);
    return redis;
}

void redis_free(struct redis *redis)
{
    if (redis == NULL) {
        return;
    }
    assert(!redis->closing);
    redis->closing = true;
    enter(redis);
    go_down(redis);
    fail_present(&redis->failed);
    fail_present(&redis->sent);
    while (redis->failed.count > 0) { /* what those callbacks sent */
        fail_present(&redis->failed);
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
