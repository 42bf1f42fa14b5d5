#include "webhook/receiver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "queue/keys.h"
#include "webhook/envelope.h"
#include "webhook/target.h"

enum {
    HOLD_MS = 2000, /* how long a callback waits for Redis */
    TRY_AGAIN_MS = 50,
    MAX_IN_FLIGHT = 4096,
    MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024,
    RETRY_SPREAD_S = 5
};

/* One callback between its request and its answer. */
struct push {
    struct receiver *receiver;
    struct http_request *request;
    char *id; /* for the log */
    char *envelope;
    size_t length;
    int64_t deadline_ms; /* monotonic */
    struct push *next;   /* of those that wait for Redis */
};

struct receiver {
    struct receiver_options options;
    struct keys keys;
    struct push *waiting;
    struct push **waiting_end;
    struct loop_timer again;
    unsigned in_flight;
    size_t in_flight_bytes;
    bool failing; /* said so in the log */
    struct metric stored, refused, failed;
};

/* --- answers ---------------------------------------------------------------------------------- */

static void answer_unavailable(struct http_request *request)
{
    struct http_answer answer = {.status = 503,
                                 .content_type = "application/json",
                                 .body = slice_text("{\"status\":\"unavailable\"}"),
                                 .retry_after_s =
                                     1 + (int)(clock_random_unit() * (double)RETRY_SPREAD_S)};
    http_reply(request, &answer);
}

static void answer_ok(struct http_request *request)
{
    struct http_answer answer = {.status = 200,
                                 .content_type = "application/json",
                                 .body = slice_text("{\"status\":\"ok\"}")};
    http_reply(request, &answer);
}

/* The only exit of a push. */
static void finish(struct push *push, bool stored)
{
    struct receiver *receiver = push->receiver;

    receiver->in_flight--;
    receiver->in_flight_bytes -= push->length;
    if (stored) {
        receiver->stored.value++;
        log_debug("callback-stored", "id=%s", log_quote_text(push->id));
        answer_ok(push->request);
    } else {
        receiver->failed.value++;
        log_warn("callback-not-stored", "id=%s", log_quote_text(push->id));
        answer_unavailable(push->request);
    }
    free(push->id);
    free(push->envelope);
    free(push);
}

/* --- pushing ---------------------------------------------------------------------------------- */

static void wait_for_redis(struct push *push)
{
    struct receiver *receiver = push->receiver;

    push->next = NULL;
    *receiver->waiting_end = push;
    receiver->waiting_end = &push->next;
    if (!loop_timer_pending(&receiver->again))
        loop_timer_start(&receiver->again, TRY_AGAIN_MS);
}

/* An error reply leaves the connection up, and is said once per series. */
static void note_refusal(struct receiver *receiver, const struct redisReply *reply)
{
    if (reply == NULL || receiver->failing)
        return;
    receiver->failing = true;
    bool is_error = reply->type == REDIS_REPLY_ERROR;
    log_warn("push-refused", "key=%s reply=%s", log_quote_text(receiver->keys.callbacks),
             log_quote_text(is_error ? reply->str : "unexpected type"));
}

/* Without a reply nobody knows whether the callback was stored; storing it twice does no harm. */
static void on_pushed(const struct redisReply *reply, void *arg)
{
    struct push *push = arg;

    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER) {
        push->receiver->failing = false;
        finish(push, true);
        return;
    }
    note_refusal(push->receiver, reply);
    if (clock_monotonic_ms() >= push->deadline_ms)
        finish(push, false);
    else
        wait_for_redis(push);
}

static void send_push(struct push *push)
{
    struct receiver *receiver = push->receiver;
    const char *words[] = {"LPUSH", receiver->keys.callbacks, push->envelope};
    const size_t lengths[] = {strlen("LPUSH"), strlen(receiver->keys.callbacks), push->length};
    struct redis_command command = {.count = 3, .data = words, .length = lengths};

    redis_send(receiver->options.redis, &command, on_pushed, push);
}

static void start_push(struct push *push)
{
    if (redis_is_up(push->receiver->options.redis))
        send_push(push);
    else
        wait_for_redis(push);
}

static void on_again(void *arg)
{
    struct receiver *receiver = arg;
    struct push *push = receiver->waiting;

    receiver->waiting = NULL;
    receiver->waiting_end = &receiver->waiting;
    while (push != NULL) {
        struct push *next = push->next;
        if (clock_monotonic_ms() >= push->deadline_ms)
            finish(push, false);
        else
            start_push(push);
        push = next;
    }
}

void receiver_on_up(struct receiver *receiver)
{
    on_again(receiver);
}

/* --- requests --------------------------------------------------------------------------------- */

enum http_verdict receiver_on_head(const struct http_view *view, const char **allow, void *arg)
{
    struct receiver *receiver = arg;
    struct target target;

    enum target_verdict verdict =
        target_read(&target, view->path, view->query, receiver->options.keys);
    bool post = slice_is(view->method, "POST");
    if (target.kind != NULL && verdict == TARGET_WRONG)
        receiver->refused.value++;
    target_clear(&target);
    if (verdict == TARGET_WRONG || (verdict == TARGET_UNKNOWN && !post))
        return HTTP_UNKNOWN_ROUTE;
    *allow = "POST";
    return post ? HTTP_ADMIT : HTTP_WRONG_METHOD;
}

static struct push *new_push(struct receiver *receiver, const struct target *target,
                             struct slice body)
{
    struct push *push = xcalloc(1, sizeof(*push));
    struct buffer line = BUFFER(body.length + ENVELOPE_MAX_FRAME);
    struct envelope envelope = {.kind = target->kind,
                                .id = buffer_slice(&target->id),
                                .attempt = target->attempt,
                                .received_at_ms = clock_wall_ms(),
                                .body = body};
    struct error error;

    if (!envelope_add(&line, &envelope, &error))
        log_warn("callback-unreadable", "id=%s reason=%s", log_quote(envelope.id),
                 log_quote_text(error.text));
    assert(!line.failed);
    push->receiver = receiver;
    push->id = slice_copy(envelope.id);
    push->length = line.length;
    push->envelope = buffer_take(&line);
    push->deadline_ms = clock_monotonic_ms() + HOLD_MS;
    return push;
}

static void accept_callback(struct receiver *receiver, struct http_request *request,
                            const struct target *target, struct slice body)
{
    if (receiver->in_flight >= MAX_IN_FLIGHT || receiver->in_flight_bytes >= MAX_IN_FLIGHT_BYTES) {
        receiver->failed.value++;
        answer_unavailable(request);
        return;
    }
    struct push *push = new_push(receiver, target, body);
    push->request = request;
    receiver->in_flight++;
    receiver->in_flight_bytes += push->length;
    start_push(push);
}

void receiver_on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct receiver *receiver = arg;
    struct http_answer not_found = {.status = 404};
    struct target target;

    /* Read again: the keys may have come, or changed, while the body was on its way. */
    switch (target_read(&target, view->path, view->query, receiver->options.keys)) {
    case TARGET_GENUINE:
        accept_callback(receiver, request, &target, view->body);
        break;
    case TARGET_UNKNOWN:
        receiver->failed.value++;
        answer_unavailable(request);
        break;
    case TARGET_WRONG:
        receiver->refused.value++;
        http_reply(request, &not_found);
        break;
    }
    target_clear(&target);
}

/* --- life ------------------------------------------------------------------------------------- */

static void register_counter(struct receiver *receiver, struct metric *metric, const char *labels)
{
    *metric =
        (struct metric){.kind = METRIC_COUNTER,
                        .name = "reelq_callbacks_total",
                        .labels = labels,
                        .help = "Callbacks stored in Redis, refused for their URL, or answered"
                                " 503 because they could not be stored."};
    metrics_register(receiver->options.metrics, metric);
}

struct receiver *receiver_new(const struct receiver_options *options)
{
    struct receiver *receiver = xcalloc(1, sizeof(*receiver));

    receiver->options = *options;
    keys_init(&receiver->keys, options->prefix);
    receiver->waiting_end = &receiver->waiting;
    loop_timer_init(&receiver->again, options->loop, on_again, receiver);
    register_counter(receiver, &receiver->stored, "result=\"stored\"");
    register_counter(receiver, &receiver->refused, "result=\"refused\"");
    register_counter(receiver, &receiver->failed, "result=\"failed\"");
    return receiver;
}

void receiver_free(struct receiver *receiver)
{
    if (receiver == NULL)
        return;
    while (receiver->waiting != NULL) {
        struct push *push = receiver->waiting;
        receiver->waiting = push->next;
        finish(push, false);
    }
    loop_timer_clear(&receiver->again);
    keys_clear(&receiver->keys);
    free(receiver);
}

unsigned receiver_in_flight(const struct receiver *receiver)
{
    return receiver->in_flight;
}
