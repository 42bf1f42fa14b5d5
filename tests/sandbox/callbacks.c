#include "callbacks.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/json_check.h"
#include "base/json_write.h"
#include "base/xalloc.h"
#include "poster.h"

#define MAX_BODY  ((size_t)1 << 20)
#define MAX_DEPTH 64

/* A callback that waits: for its time, or for the next one. */
struct waiting {
    struct callbacks *callbacks;
    char *url;
    char *body;
    bool held; /* goes when another one was sent */
    struct event *timer;
    TAILQ_ENTRY(waiting) link;
};

TAILQ_HEAD(waiting_list, waiting);

/* A callback that is under way. */
struct sending {
    struct callbacks *callbacks;
    void (*on_first)(void *arg);
    void *arg;
    TAILQ_ENTRY(sending) link;
};

TAILQ_HEAD(sending_list, sending);

struct callbacks {
    struct event_base *base;
    struct poster *poster;
    struct journal *log;
    struct waiting_list waiting;
    struct sending_list sending;
    uint64_t lost;
    uint64_t held; /* waiting for another one, now */
};

static void sending_free(struct sending *sending)
{
    TAILQ_REMOVE(&sending->callbacks->sending, sending, link);
    free(sending);
}

static void waiting_free(struct waiting *waiting)
{
    TAILQ_REMOVE(&waiting->callbacks->waiting, waiting, link);
    waiting->callbacks->held -= waiting->held ? 1 : 0;
    event_free(waiting->timer);
    free(waiting->url);
    free(waiting->body);
    free(waiting);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct waiting *waiting = arg;
    struct posting posting = {.url = waiting->url, .body = slice_text(waiting->body)};
    poster_send(waiting->callbacks->poster, &posting);
    waiting_free(waiting);
}

static void send_after(struct callbacks *callbacks, const struct callback_order *order)
{
    struct waiting *waiting = xcalloc(1, sizeof(*waiting));
    struct timeval wait = {order->fault.argument / 1000, (order->fault.argument % 1000) * 1000};
    waiting->callbacks = callbacks;
    waiting->url = xstrdup(order->url);
    waiting->body = slice_copy(order->body);
    waiting->held = order->fault.kind == FAULT_OUT_OF_ORDER;
    waiting->timer = evtimer_new(callbacks->base, on_time, waiting);
    callbacks->held += waiting->held ? 1 : 0;
    event_add(waiting->timer, &wait);
    TAILQ_INSERT_TAIL(&callbacks->waiting, waiting, link);
}

/* Another callback was sent: let go of those that waited for it. */
static void on_sent(void *arg)
{
    struct sending *sending = arg;
    struct callbacks *callbacks = sending->callbacks;
    if (sending->on_first != NULL) {
        sending->on_first(sending->arg);
    }
    sending_free(sending);
    struct waiting *waiting = callbacks->held == 0 ? NULL : TAILQ_FIRST(&callbacks->waiting);
    while (waiting != NULL) {
        struct waiting *next = TAILQ_NEXT(waiting, link);
        if (waiting->held) {
            event_active(waiting->timer, EV_TIMEOUT, 0);
        }
        waiting = next;
    }
}

static void send_now(struct callbacks *callbacks, const struct callback_order *order)
{
    struct sending *sending = xcalloc(1, sizeof(*sending));
    sending->callbacks = callbacks;
    sending->on_first = order->on_first;
    sending->arg = order->arg;
    TAILQ_INSERT_TAIL(&callbacks->sending, sending, link);
    struct posting posting = {
        .url = order->url,
        .body = order->body,
        .slow_ms = order->fault.kind == FAULT_SLOW ? order->fault.argument : 0,
        .on_first = on_sent,
        .arg = sending,
    };
    poster_send(callbacks->poster, &posting);
}

static void send_doubled(struct callbacks *callbacks, const struct callback_order *order)
{
    send_now(callbacks, order);
    send_now(callbacks, order);
}

static void send_lost(struct callbacks *callbacks, const struct callback_order *order)
{
    callbacks->lost++;
    journal_add_callback(callbacks->log, order->url, "lost", clock_wall_ms());
}

static void send_broken(struct callbacks *callbacks, const struct callback_order *order)
{
    struct callback_order broken = *order;
    broken.body.length -= broken.body.length / 3 + 1;
    send_now(callbacks, &broken);
}

static void send_empty(struct callbacks *callbacks, const struct callback_order *order)
{
    struct callback_order empty = *order;
    empty.body.length = 0;
    send_now(callbacks, &empty);
}

typedef void sender(struct callbacks *callbacks, const struct callback_order *order);

static sender *const SENDERS[FAULT_SLOW + 1] = {
    [FAULT_LOST] = send_lost,          [FAULT_DOUBLED] = send_doubled,
    [FAULT_LATE] = send_after,         [FAULT_OUT_OF_ORDER] = send_after,
    [FAULT_BROKEN_JSON] = send_broken, [FAULT_EMPTY] = send_empty,
};

void callbacks_send(struct callbacks *callbacks, const struct callback_order *order)
{
    sender *chosen = SENDERS[order->fault.kind];
    if (chosen == NULL) {
        chosen = send_now;
    }
    chosen(callbacks, order);
}

void callbacks_add_json(struct buffer *out, const struct callbacks *callbacks)
{
    struct json_writer w = json_writer(out);
    struct poster_counts counts = poster_counts(callbacks->poster);
    json_open(&w, '{');
    json_key_int(&w, "sent", (int64_t)counts.attempts);
    json_key_int(&w, "delivered", (int64_t)counts.delivered);
    json_key_int(&w, "retried", (int64_t)counts.retried);
    json_key_int(&w, "given_up", (int64_t)counts.given_up);
    json_key_int(&w, "lost", (int64_t)callbacks->lost);
    json_key_int(&w, "held", (int64_t)callbacks->held);
    json_close(&w, '}');
}

static void on_end(const struct poster_end *end, void *arg)
{
    struct callbacks *callbacks = arg;
    struct json_limits limits = {MAX_BODY, MAX_DEPTH};
    const char *fate = "given-up";
    if (end->status >= 200 && end->status < 300) {
        fate = json_check(end->body, &limits, NULL, NULL) ? "delivered" : "unreadable";
    }
    journal_add_callback(callbacks->log, end->path, fate, clock_wall_ms());
}

struct callbacks *callbacks_new(struct event_base *base, struct journal *log)
{
    struct callbacks *callbacks = xcalloc(1, sizeof(*callbacks));
    callbacks->base = base;
    callbacks->log = log;
    callbacks->poster = poster_new(base, on_end, callbacks);
    TAILQ_INIT(&callbacks->waiting);
    TAILQ_INIT(&callbacks->sending);
    return callbacks;
}

void callbacks_free(struct callbacks *callbacks)
{
    poster_free(callbacks->poster);
    struct waiting *waiting = TAILQ_FIRST(&callbacks->waiting);
    while (waiting != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it left the list */
        waiting_free(waiting);
        waiting = TAILQ_FIRST(&callbacks->waiting);
    }
    struct sending *sending = TAILQ_FIRST(&callbacks->sending);
    while (sending != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it left the list */
        sending_free(sending);
        sending = TAILQ_FIRST(&callbacks->sending);
    }
    free(callbacks);
}
