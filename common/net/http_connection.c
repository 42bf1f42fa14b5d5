#include "net/http_connection.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/http_answer.h"
#include "net/http_connection_state.h"
#include "net/http_push.h"

/* Bytes that are thrown away at most before the connection is cut. */
enum { LINGER_BYTES = 1024 * 1024, RETRY_SPREAD_S = 5 };

static void run(void *arg);
static void settle(struct http_connection *c);

/* --- end -------------------------------------------------------------------------------------- */

static void put(struct http_connection *c, struct http_connections *list, bool first)
{
    if (c->list != NULL)
        TAILQ_REMOVE(c->list, c, link);
    if (first)
        TAILQ_INSERT_HEAD(list, c, link);
    else
        TAILQ_INSERT_TAIL(list, c, link);
    c->list = list;
}

/* The memory goes in settle(). */
static struct http_stream *part_with_stream(struct http_connection *c)
{
    c->phase = CLOSED;
    c->service = NULL;
    TAILQ_REMOVE(c->list, c, link);
    loop_timer_clear(&c->timer);
    return c->stream;
}

static void close_socket(struct http_connection *c)
{
    struct http_service *service = c->service;

    if (c->phase == CLOSED)
        return;
    http_stream_free(part_with_stream(c));
    service->on_closed(&c->arrival, service->arg);
}

struct http_stream *http_connection_hand_over(struct http_connection *c)
{
    struct http_stream *stream = NULL;

    assert(c->busy);
    c->busy = false;
    if (c->phase == AWAITING && c->eof)
        close_socket(c);
    if (c->phase == AWAITING) {
        c->service->answers++;
        stream = part_with_stream(c);
    }
    settle(c);
    return stream;
}

/* Closing a socket with unread input makes the kernel send a reset, which may overtake the answer:
 * so the client gets the end of the stream first, and time to see it. */
static void linger(struct http_connection *c)
{
    if (c->eof) {
        close_socket(c);
        return;
    }
    c->phase = LINGERING;
    put(c, c->list, true); // it has its answer: if somebody must go, then first those
    http_stream_finish(c->stream);
    http_stream_drop(c->stream, SIZE_MAX);
}

static void discard(struct http_connection *c)
{
    c->discarded_bytes += http_stream_peek(c->stream).length;
    http_stream_drop(c->stream, SIZE_MAX);
    if (c->discarded_bytes > LINGER_BYTES)
        close_socket(c);
}

/* --- answer ----------------------------------------------------------------------------------- */

static void on_flushed(struct http_connection *c)
{
    if (c->closing) {
        linger(c);
        return;
    }
    http_reader_pool_give(&c->service->readers, c->reader);
    c->reader = NULL;
    c->phase = READING;
    c->wait = HTTP_WAIT_NONE;
    loop_timer_stop(&c->timer);
}

static void send_answer(struct http_connection *c, const struct http_answer *answer,
                        const char *allow)
{
    struct http_service *service = c->service;

    c->answers++;
    service->answers++;
    if (!c->arrival.over_capacity)
        put(c, &service->waiting, false);
    c->closing |= service->draining || !c->reader->keep_alive || answer->status == 404 ||
                  c->answers >= service->timing.max_requests;
    struct http_answer_frame frame = {.allow = allow,
                                      .headers = service->options.headers,
                                      .close = c->closing,
                                      .keep_alive = c->reader->minor == 0,
                                      .head = slice_is(c->reader->method, "HEAD")};
    buffer_reset(&service->scratch);
    http_answer_add(&service->scratch, answer, &frame);
    assert(!service->scratch.failed);
    http_stream_send(c->stream, buffer_slice(&service->scratch));
    c->phase = FLUSHING;
    if (http_stream_is_sent(c->stream))
        on_flushed(c);
}

/* All 404 are the same bytes and end the connection: one cannot tell a wrong signature from a wrong
 * path by how the connection goes on. */
static void refuse(struct http_connection *c, int status, const char *allow)
{
    struct http_answer answer = http_answer_plain(status);

    log_debug("http-refused", "peer=%s status=%d", c->peer_text, status);
    c->closing |= !http_reader_is_bare(c->reader);
    if (status == 503)
        answer.retry_after_s = 1 + (int)(clock_random_unit() * (double)RETRY_SPREAD_S);
    send_answer(c, &answer, allow);
}

/* --- steps of a request: each says whether it got any further --------------------------------- */

static enum http_reader_state state_of(const struct http_connection *c)
{
    return c->reader == NULL ? HTTP_READER_HEAD : c->reader->state;
}

static struct http_view view_of(const struct http_connection *c)
{
    return (struct http_view){.method = c->reader->method,
                              .path = c->reader->path,
                              .query = c->reader->query,
                              .fields = c->reader->fields,
                              .body = buffer_slice(&c->reader->body),
                              .peer = c->peer_text};
}

static bool take_input(struct http_connection *c)
{
    struct slice input = http_stream_peek(c->stream);

    if (input.length == 0)
        return false;
    if (c->reader == NULL)
        c->reader = http_reader_pool_take(&c->service->readers);
    if (c->answers > 0 && !http_reader_has_begun(c->reader))
        c->started_ms = clock_monotonic_ms();
    http_stream_drop(c->stream, http_reader_feed(c->reader, input));
    return true;
}

static bool admit(struct http_connection *c)
{
    http_reader_admit(c->reader);
    if (c->reader->state == HTTP_READER_BAD)
        return true;
    if (c->service->options.require_json_length && !c->reader->has_length)
        refuse(c, 411, NULL);
    else if (c->reader->expects_continue && c->reader->state == HTTP_READER_BODY &&
             http_stream_peek(c->stream).length == 0)
        http_stream_send(c->stream, slice_text("HTTP/1.1 100 Continue\r\n\r\n"));
    return true;
}

static bool judge(struct http_connection *c)
{
    const struct http_server_options *options = &c->service->options;
    struct http_view view = view_of(c);
    const char *allow = NULL;

    enum http_verdict verdict = options->gate(&view, &allow, options->arg);
    if (verdict == HTTP_ADMIT)
        return admit(c);
    bool unknown = verdict == HTTP_UNKNOWN_ROUTE;
    refuse(c, unknown ? 404 : 405, unknown ? NULL : allow);
    return true;
}

static bool handle(struct http_connection *c)
{
    const struct http_server_options *options = &c->service->options;
    struct http_view view = view_of(c);

    c->phase = AWAITING;
    c->busy = true;
    put(c, &c->service->others, false);
    options->handle(&c->request, &view, options->arg);
    return true;
}

static bool reject(struct http_connection *c)
{
    log_debug("http-bad-request", "peer=%s reason=%s", c->peer_text,
              log_quote_text(c->reader->reason));
    refuse(c, c->reader->status, NULL);
    return true;
}

static bool (*const steps[])(struct http_connection *) = {
    [HTTP_READER_HEAD] = take_input, [HTTP_READER_GATE] = judge, [HTTP_READER_BODY] = take_input,
    [HTTP_READER_DONE] = handle,     [HTTP_READER_BAD] = reject,
};

void http_reply(struct http_request *request, const struct http_answer *answer)
{
    struct http_connection *c = request->connection;
    struct http_answer not_found = http_answer_plain(404);
    bool is_plain = answer->status == 404 && answer->content_type == NULL;

    assert(c->busy);
    c->busy = false;
    if (c->phase == AWAITING)
        send_answer(c, is_plain ? &not_found : answer, NULL);
    /* The next request, if it is here already, is taken up from the loop: no handler runs inside
     * the http_reply() of another. */
    if (c->phase == READING && !c->driving && http_stream_peek(c->stream).length > 0)
        http_stream_wake(c->stream);
    settle(c);
}

/* --- deadlines -------------------------------------------------------------------------------- */

static enum http_wait wanted_wait(const struct http_connection *c)
{
    static const enum http_wait by_phase[] = {
        [AWAITING] = HTTP_WAIT_NONE, [FLUSHING] = HTTP_WAIT_FLUSH, [LINGERING] = HTTP_WAIT_LINGER};

    if (c->phase != READING)
        return by_phase[c->phase];
    if (state_of(c) == HTTP_READER_BODY)
        return HTTP_WAIT_BODY;
    return c->answers == 0 || http_reader_has_begun(c->reader) ? HTTP_WAIT_HEAD : HTTP_WAIT_IDLE;
}

static void arm(struct http_connection *c)
{
    enum http_wait wanted = wanted_wait(c);

    if (wanted == c->wait)
        return;
    c->wait = wanted;
    if (wanted == HTTP_WAIT_NONE)
        loop_timer_stop(&c->timer);
    else
        loop_timer_start(&c->timer, http_timing_delay(&c->service->timing, wanted,
                                                      clock_monotonic_ms() - c->started_ms));
}

static void on_deadline(void *arg)
{
    struct http_connection *c = arg;
    bool owes_answer = c->wait == HTTP_WAIT_BODY ||
                       (c->wait == HTTP_WAIT_HEAD && http_reader_has_begun(c->reader));

    if (owes_answer)
        refuse(c, 408, NULL);
    else
        close_socket(c);
    run(c);
}

/* --- events ----------------------------------------------------------------------------------- */

/* After anything that happened: closes what is at its end, sets the deadline of the rest. */
static void settle(struct http_connection *c)
{
    if (c->driving)
        return;
    if (c->phase == READING && c->eof)
        close_socket(c);
    if (c->phase != CLOSED) {
        arm(c);
    } else if (!c->busy) {
        http_reader_pool_free(c->reader);
        free(c);
    }
}

static void run(void *arg)
{
    struct http_connection *c = arg;

    if (c->driving)
        return;
    c->driving = true;
    while (c->phase == READING && steps[state_of(c)](c))
        continue;
    if (c->phase == LINGERING)
        discard(c);
    c->driving = false;
    settle(c);
}

static void on_sent(void *arg)
{
    struct http_connection *c = arg;

    if (c->phase == FLUSHING)
        on_flushed(c);
    run(c);
}

static void on_end(bool failed, void *arg)
{
    struct http_connection *c = arg;

    c->eof = true;
    if (failed || c->phase == LINGERING)
        close_socket(c);
    run(c);
}

/* --- the connections of a service ------------------------------------------------------------- */

void http_connection_open(struct http_service *service, const struct http_arrival *arrival)
{
    struct http_connection *c = xcalloc(1, sizeof(*c));
    struct http_stream_events events = {
        .on_input = run, .on_sent = on_sent, .on_end = on_end, .arg = c};

    c->service = service;
    put(c, arrival->over_capacity ? &service->others : &service->waiting, false);
    http_stream_name_peer(arrival->name, c->peer_text);
    c->arrival = *arrival;
    c->arrival.name = NULL;
    c->request.connection = c;
    c->started_ms = clock_monotonic_ms();
    loop_timer_init(&c->timer, service->options.loop, on_deadline, c);
    c->stream = http_stream_new(service->options.loop, arrival->fd, &events);
    if (arrival->over_capacity) {
        c->reader = http_reader_pool_take(&service->readers);
        refuse(c, 503, NULL);
    }
    settle(c);
}

static void end(struct http_connection *c)
{
    close_socket(c);
    settle(c);
}

void http_connection_close_idle(struct http_service *service)
{
    struct http_connection *next = NULL;

    for (struct http_connection *c = TAILQ_FIRST(&service->waiting); c != NULL; c = next) {
        next = TAILQ_NEXT(c, link);
        if (c->phase == READING && c->answers > 0 && !http_reader_has_begun(c->reader) &&
            http_stream_is_silent(c->stream)) // a new one's first request is on its way
            end(c);
    }
}

bool http_connection_close_longest(struct http_service *service)
{
    struct http_connection *c = TAILQ_FIRST(&service->waiting);

    if (c == NULL)
        return false;
    log_debug("http-crowded-out", "peer=%s", c->peer_text);
    end(c);
    return true;
}

void http_connection_close_all(struct http_service *service)
{
    http_push_end_all(service);
    while (!TAILQ_EMPTY(&service->waiting))
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): who ends has left its list */
        end(TAILQ_FIRST(&service->waiting));
    while (!TAILQ_EMPTY(&service->others))
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): who ends has left its list */
        end(TAILQ_FIRST(&service->others));
}
