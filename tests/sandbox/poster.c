/* A posting is one delivery. It waits in the queue of its target (host and port) for a free channel
 * (a connection), of which a target has up to MAX_CHANNELS.
 *
 *     poster_send -> [queue] -> pump -> begin -> on_answer / on_drip_end -> attempt_ended
 *                       ^                                                        |
 *                       +------------------- on_retry <--- 200, 400, 800 ms -----+ -> freed */
#include "poster.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/log.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "drip.h"

#define MAX_CHANNELS   32
#define MAX_RETRIES    3
#define FIRST_PAUSE_MS 200
#define TIMEOUT_S      10
#define MAX_URL        ((size_t)8 << 10)

struct delivery {
    struct poster *poster;
    struct target *target; /* NULL when the URL is no good */
    struct channel *channel;
    struct drip *drip;
    char *path;
    char *body;
    size_t length;
    int64_t slow_ms;
    unsigned tries;
    struct event *retry;
    void (*on_first)(void *arg);
    void *arg;
    TAILQ_ENTRY(delivery) queued;
    TAILQ_ENTRY(delivery) all;
};

TAILQ_HEAD(delivery_list, delivery);

struct channel {
    struct evhttp_connection *connection;
    struct delivery *delivery; /* NULL when free */
};

struct target {
    struct poster *poster;
    char *host;
    uint16_t port;
    char *host_header;
    struct channel channels[MAX_CHANNELS];
    struct event *pump;
    struct delivery_list queue;
    struct target *next;
};

struct poster {
    struct event_base *base;
    struct target *targets;
    struct delivery_list deliveries;
    struct poster_counts counts;
    poster_end_fn on_end;
    void *arg;
};

static void delivery_free(struct delivery *delivery)
{
    TAILQ_REMOVE(&delivery->poster->deliveries, delivery, all);
    if (delivery->drip != NULL) {
        drip_free(delivery->drip);
    }
    event_free(delivery->retry);
    free(delivery->path);
    free(delivery->body);
    free(delivery);
}

static void end_delivery(struct delivery *delivery, int status)
{
    struct poster *poster = delivery->poster;
    struct poster_end end = {delivery->path, slice_make(delivery->body, delivery->length), status};
    poster->on_end(&end, poster->arg);
    delivery_free(delivery);
}

/* The one end of every attempt. */
static void attempt_ended(struct delivery *delivery, int status)
{
    struct poster_counts *counts = &delivery->poster->counts;
    bool good = status >= 200 && status < 300;
    void (*on_first)(void *arg) = delivery->tries == 1 ? delivery->on_first : NULL;
    void *arg = delivery->arg;
    if (good) {
        counts->delivered++;
        end_delivery(delivery, status);
    } else if (delivery->target != NULL && delivery->tries <= MAX_RETRIES) {
        int64_t pause_ms = (int64_t)FIRST_PAUSE_MS << (delivery->tries - 1);
        struct timeval pause = {pause_ms / 1000, (pause_ms % 1000) * 1000};
        counts->retried++;
        event_add(delivery->retry, &pause);
    } else {
        counts->given_up++;
        log_warn("callback-given-up", "status=%d tries=%u", status, delivery->tries);
        end_delivery(delivery, status);
    }
    if (on_first != NULL) {
        on_first(arg);
    }
}

static void wake(struct target *target)
{
    event_active(target->pump, EV_TIMEOUT, 0);
}

/* The request is NULL, or has no status, when no answer came. */
static void on_answer(struct evhttp_request *request, void *arg)
{
    struct delivery *delivery = arg;
    int status = request == NULL ? 0 : evhttp_request_get_response_code(request);
    delivery->channel->delivery = NULL;
    delivery->channel = NULL;
    wake(delivery->target);
    attempt_ended(delivery, status);
}

static void on_drip_end(int status, void *arg)
{
    struct delivery *delivery = arg;
    drip_free(delivery->drip);
    delivery->drip = NULL;
    attempt_ended(delivery, status);
}

static void begin_drip(struct delivery *delivery)
{
    struct target *target = delivery->target;
    struct drip_request request = {
        .host = target->host,
        .port = target->port,
        .host_header = target->host_header,
        .path = delivery->path,
        .body = slice_make(delivery->body, delivery->length),
        .duration_ms = delivery->slow_ms,
        .on_end = on_drip_end,
        .arg = delivery,
    };
    delivery->drip = drip_start(target->poster->base, &request);
}

static void begin(struct channel *channel, struct delivery *delivery)
{
    struct target *target = delivery->target;
    if (channel->connection == NULL) {
        channel->connection =
            evhttp_connection_base_new(target->poster->base, NULL, target->host, target->port);
        evhttp_connection_set_timeout(channel->connection, TIMEOUT_S);
    }
    channel->delivery = delivery;
    delivery->channel = channel;
    struct evhttp_request *request = evhttp_request_new(on_answer, delivery);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Host", target->host_header);
    evhttp_add_header(headers, "Content-Type", "application/json");
    evhttp_add_header(headers, "User-Agent", "reelq-sandbox/" REELQ_VERSION);
    evbuffer_add(evhttp_request_get_output_buffer(request), delivery->body, delivery->length);
    /* A failure here has already run on_answer. */
    (void)evhttp_make_request(channel->connection, request, EVHTTP_REQ_POST, delivery->path);
}

static struct channel *free_channel(struct target *target)
{
    for (size_t i = 0; i < MAX_CHANNELS; i++) {
        if (target->channels[i].delivery == NULL) {
            return &target->channels[i];
        }
    }
    return NULL;
}

static void on_pump(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct target *target = arg;
    struct delivery *delivery = TAILQ_FIRST(&target->queue);
    while (delivery != NULL) {
        struct channel *channel = delivery->slow_ms > 0 ? NULL : free_channel(target);
        if (delivery->slow_ms == 0 && channel == NULL) {
            return;
        }
        TAILQ_REMOVE(&target->queue, delivery, queued);
        delivery->tries++;
        target->poster->counts.attempts++;
        if (channel == NULL) {
            begin_drip(delivery);
        } else {
            begin(channel, delivery);
        }
        delivery = TAILQ_FIRST(&target->queue);
    }
}

/* The time for the first attempt, or for one more, has come. */
static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct delivery *delivery = arg;
    if (delivery->target == NULL) {
        delivery->tries++;
        attempt_ended(delivery, 0);
        return;
    }
    TAILQ_INSERT_TAIL(&delivery->target->queue, delivery, queued);
    wake(delivery->target);
}

static struct target *target_new(struct poster *poster, const struct url *url, uint16_t port)
{
    struct target *target = xcalloc(1, sizeof(*target));
    target->poster = poster;
    target->host = slice_copy(url->host);
    target->port = port;
    target->host_header = slice_copy(slice_skip(url->origin, url->scheme.length + 3));
    target->pump = event_new(poster->base, -1, 0, on_pump, target);
    TAILQ_INIT(&target->queue);
    target->next = poster->targets;
    poster->targets = target;
    return target;
}

static struct target *target_of(struct poster *poster, const struct url *url)
{
    uint64_t port = 80;
    if (!slice_is_nocase(url->scheme, "http") ||
        (url->port.length > 0 && !slice_to_u64(url->port, &port))) {
        return NULL;
    }
    struct target *target = poster->targets;
    while (target != NULL && !(slice_is(url->host, target->host) && target->port == port)) {
        target = target->next;
    }
    return target != NULL ? target : target_new(poster, url, (uint16_t)port);
}

static char *path_of(const struct url *url)
{
    if (url->target.length == 0) {
        return xstrdup("/");
    }
    char *target = slice_copy(url->target);
    char *path = target[0] == '/' ? xstrdup(target) : xasprintf("/%s", target);
    free(target);
    return path;
}

void poster_send(struct poster *poster, const struct posting *posting)
{
    struct url url;
    struct delivery *delivery = xcalloc(1, sizeof(*delivery));
    delivery->poster = poster;
    delivery->body = slice_copy(posting->body);
    delivery->length = posting->body.length;
    delivery->slow_ms = posting->slow_ms;
    delivery->on_first = posting->on_first;
    delivery->arg = posting->arg;
    delivery->retry = evtimer_new(poster->base, on_retry, delivery);
    TAILQ_INSERT_TAIL(&poster->deliveries, delivery, all);
    if (url_parse(slice_text(posting->url), MAX_URL, &url, NULL)) {
        delivery->target = target_of(poster, &url);
        delivery->path = path_of(&url);
    }
    event_active(delivery->retry, EV_TIMEOUT, 0);
}

struct poster_counts poster_counts(const struct poster *poster)
{
    return poster->counts;
}

struct poster *poster_new(struct event_base *base, poster_end_fn on_end, void *arg)
{
    struct poster *poster = xcalloc(1, sizeof(*poster));
    poster->base = base;
    poster->on_end = on_end;
    poster->arg = arg;
    TAILQ_INIT(&poster->deliveries);
    return poster;
}

static void target_free(struct target *target)
{
    for (size_t i = 0; i < MAX_CHANNELS; i++) {
        if (target->channels[i].connection != NULL) {
            evhttp_connection_free(target->channels[i].connection);
        }
    }
    event_free(target->pump);
    free(target->host);
    free(target->host_header);
    free(target);
}

void poster_free(struct poster *poster)
{
    struct target *target = poster->targets;
    while (target != NULL) {
        struct target *next = target->next;
        target_free(target);
        target = next;
    }
    struct delivery *delivery = TAILQ_FIRST(&poster->deliveries);
    while (delivery != NULL) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it left the list */
        delivery_free(delivery);
        delivery = TAILQ_FIRST(&poster->deliveries);
    }
    free(poster);
}
