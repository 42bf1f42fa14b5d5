#include "webhook/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "webhook/envelope.h"
#include "webhook/target.h"

enum {
    MAX_IN_FLIGHT = 4096,
    MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024,
    RETRY_SPREAD_S = 5,
    SAY_EXPIRED_MS = 60000
};

static const double answer_bounds[] = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,    0.1,    0.25,  0.5,    1,     2.5,  INFINITY};

/* One callback between its request and its answer. */
struct reception {
    struct receiver *receiver;
    struct http_request *request;
    char *id; /* for the log */
    char *envelope;
    size_t length;
    int64_t began_us; /* monotonic */
};

struct receiver {
    struct receiver_options options;
    unsigned in_flight;
    size_t in_flight_bytes;
    struct metric stored, spooled, refused, expired, failed;
    struct histogram seconds;
    int64_t say_expired_ms; /* monotonic: not in the log again before */
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

static void on_stored(enum store_place place, void *arg)
{
    struct reception *reception = arg;
    struct receiver *receiver = reception->receiver;
    struct metric *const counts[] = {[STORE_REDIS] = &receiver->stored,
                                     [STORE_SPOOL] = &receiver->spooled,
                                     [STORE_NOWHERE] = &receiver->failed};

    receiver->in_flight--;
    receiver->in_flight_bytes -= reception->length;
    counts[place]->value++;
    histogram_observe(&receiver->seconds,
                      (double)(clock_monotonic_us() - reception->began_us) / 1e6);
    if (place == STORE_NOWHERE) {
        log_warn("callback-not-stored", "id=%s", log_quote_text(reception->id));
        answer_unavailable(reception->request);
    } else {
        log_debug("callback-stored", "id=%s place=%s", log_quote_text(reception->id),
                  place == STORE_REDIS ? "redis" : "spool");
        answer_ok(reception->request);
    }
    free(reception->id);
    free(reception->envelope);
    free(reception);
}

/* --- requests --------------------------------------------------------------------------------- */

/* That genuine URLs come too late is worth a line, since a wrong clock makes all of them do so; of
 * which task it was is not. */
static void say_expired(struct receiver *receiver)
{
    if (!log_is_due(&receiver->say_expired_ms, SAY_EXPIRED_MS))
        return;
    log_warn("callbacks-expired", "genuine callback URLs come after their expiry and are refused: "
                                  "compare this machine's clock with that of Redis");
}

static enum target_verdict judge(struct receiver *receiver, struct target *target,
                                 const struct http_view *view)
{
    struct target_rules rules = {receiver->options.keys, clock_wall_ms() / 1000};
    enum target_verdict verdict = target_read(target, view->path, view->query, &rules);

    if (verdict == TARGET_EXPIRED) {
        receiver->expired.value++;
        say_expired(receiver);
        return TARGET_WRONG;
    }
    if (target->kind != NULL && verdict == TARGET_WRONG)
        receiver->refused.value++;
    return verdict;
}

enum http_verdict receiver_on_head(const struct http_view *view, const char **allow, void *arg)
{
    struct receiver *receiver = arg;
    struct target target;

    enum target_verdict verdict = judge(receiver, &target, view);
    bool post = slice_is(view->method, "POST");
    target_clear(&target);
    if (verdict == TARGET_WRONG || (verdict == TARGET_UNKNOWN && !post))
        return HTTP_UNKNOWN_ROUTE;
    *allow = "POST";
    return post ? HTTP_ADMIT : HTTP_WRONG_METHOD;
}

static struct reception *new_reception(const struct target *target, struct slice body)
{
    struct reception *reception = xcalloc(1, sizeof(*reception));
    struct buffer line = BUFFER(body.length + ENVELOPE_MAX_FRAME);
    struct envelope envelope = {.kind = target->kind,
                                .id = buffer_slice(&target->id),
                                .call = target->call,
                                .received_at_ms = clock_wall_ms(),
                                .body = body};
    struct error error;

    if (!envelope_add(&line, &envelope, &error))
        log_warn("callback-unreadable", "id=%s reason=%s", log_quote(envelope.id),
                 log_quote_text(error.text));
    assert(!line.failed);
    reception->id = slice_copy(envelope.id);
    reception->length = line.length;
    reception->envelope = buffer_take(&line);
    return reception;
}

static void accept_callback(struct receiver *receiver, struct http_request *request,
                            const struct target *target, struct slice body)
{
    if (receiver->in_flight >= MAX_IN_FLIGHT || receiver->in_flight_bytes >= MAX_IN_FLIGHT_BYTES) {
        receiver->failed.value++;
        answer_unavailable(request);
        return;
    }
    struct reception *reception = new_reception(target, body);
    reception->receiver = receiver;
    reception->request = request;
    reception->began_us = clock_monotonic_us();
    receiver->in_flight++;
    receiver->in_flight_bytes += reception->length;
    store_put(receiver->options.store, slice_make(reception->envelope, reception->length),
              on_stored, reception);
}

void receiver_on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct receiver *receiver = arg;
    struct http_answer not_found = {.status = 404};
    struct target target;

    /* Read again: the keys may have come, or changed, while the body was on its way. */
    switch (judge(receiver, &target, view)) {
    case TARGET_GENUINE:
        accept_callback(receiver, request, &target, view->body);
        break;
    case TARGET_UNKNOWN:
        receiver->failed.value++;
        answer_unavailable(request);
        break;
    default:
        http_reply(request, &not_found);
        break;
    }
    target_clear(&target);
}

/* --- life ------------------------------------------------------------------------------------- */

static void register_counter(struct receiver *receiver, struct metric *metric, const char *labels)
{
    *metric = (struct metric){.kind = METRIC_COUNTER,
                              .name = "reelq_callbacks_total",
                              .labels = labels,
                              .help = "Callbacks stored in Redis, kept in the spool, refused for"
                                      " their URL, refused because it had expired, or answered 503"
                                      " because nothing took them."};
    metrics_register(receiver->options.metrics, metric);
}

struct receiver *receiver_new(const struct receiver_options *options)
{
    struct receiver *receiver = xcalloc(1, sizeof(*receiver));

    receiver->options = *options;
    register_counter(receiver, &receiver->stored, "result=\"stored\"");
    register_counter(receiver, &receiver->spooled, "result=\"spooled\"");
    register_counter(receiver, &receiver->refused, "result=\"refused\"");
    register_counter(receiver, &receiver->expired, "result=\"expired\"");
    register_counter(receiver, &receiver->failed, "result=\"failed\"");
    histogram_init(&receiver->seconds,
                   &(struct metric){.name = "reelq_callback_duration_seconds",
                                    .help = "From a whole callback to its answer, when Redis or the"
                                            " spool has it or nothing took it."},
                   answer_bounds);
    metrics_register(options->metrics, &receiver->seconds.metric);
    return receiver;
}

void receiver_free(struct receiver *receiver)
{
    free(receiver);
}

unsigned receiver_in_flight(const struct receiver *receiver)
{
    return receiver->in_flight;
}
