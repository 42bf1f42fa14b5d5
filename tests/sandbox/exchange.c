/*     exchange_start -> [latency] -> on_turn -> (fault before) | serve -> conclude -> send
 *                                                                 |            ^
 *                                                        held: exchange_release */
#include "exchange.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "routes.h"
#include "server.h"
#include "wire.h"

#define MAX_JSON ((size_t)4 << 20)
#define MAX_SENT ((size_t)1 << 30)
#define MAX_TEXT ((size_t)1 << 20)

#define KEY_WITHOUT_CREDIT "sk-broke"

/* ---- looking at the request ---- */

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(exchange->request), name);
}

char *exchange_base_url(const struct exchange *exchange)
{
    const char *host = exchange_header(exchange, "Host");
    bool usable = host != NULL && host[0] != '\0' && strlen(host) < 256;
    return xasprintf("http://%s", usable ? host : exchange->sandbox->address);
}

char *exchange_query(const struct exchange *exchange, const char *name)
{
    struct slice value;
    struct buffer text = BUFFER(MAX_TEXT);
    if (!url_query_get(exchange->query, name, &value) || !url_add_decoded(&text, value)) {
        buffer_reset(&text);
    }
    char *copy = xstrdup(buffer_text(&text));
    buffer_clear(&text);
    return copy;
}

bool exchange_json(struct exchange *exchange)
{
    struct error error;
    struct json_limits limits = {.max_bytes = MAX_JSON, .max_depth = 64};
    char message[sizeof(exchange->reply.message)];
    if (!exchange->has_json) {
        if (!json_parse(&exchange->json, exchange->body, &limits, &error)) {
            (void)snprintf(message, sizeof(message), "Invalid JSON: %.200s", error.text);
            reply_error(&exchange->reply, 400, REPLY_FALSE, message);
            return false;
        }
        exchange->has_json = true;
    }
    if (json_type(&exchange->json, JSON_ROOT) != JSON_OBJECT) {
        reply_error(&exchange->reply, 400, REPLY_FALSE, "The body must be a JSON object");
        return false;
    }
    return true;
}

bool exchange_string(struct exchange *exchange, const char *key, char **value)
{
    char message[sizeof(exchange->reply.message)];
    struct buffer text = BUFFER(MAX_TEXT);
    int node = json_get(&exchange->json, JSON_ROOT, key);
    enum json_type type = json_type(&exchange->json, node);
    *value = NULL;
    if (type == JSON_MISSING || type == JSON_NULL) {
        return true;
    }
    if (!json_string(&exchange->json, node, &text)) {
        (void)snprintf(message, sizeof(message), "'%s' must be a string", key);
        exchange_refuse(exchange, 400, message);
        buffer_clear(&text);
        return false;
    }
    *value = xstrdup(buffer_text(&text));
    buffer_clear(&text);
    return true;
}

void exchange_refuse(struct exchange *exchange, int status, const char *message)
{
    bool plain = exchange->sandbox->options->business_status == 200;
    reply_error(&exchange->reply, plain ? 200 : status, REPLY_FALSE, message);
}

/* ---- the end ---- */

static void exchange_free(struct exchange *exchange)
{
    TAILQ_REMOVE(&exchange->server->exchanges, exchange, link);
    if (exchange->has_json) {
        json_clear(&exchange->json);
    }
    reply_clear(&exchange->reply);
    event_free(exchange->timer);
    free(exchange);
}

void exchange_abandon(struct exchange *exchange)
{
    wire_drop(exchange->request);
    exchange_free(exchange);
}

static void finish_with_reset(struct exchange *exchange)
{
    wire_reset(exchange->request);
    exchange_free(exchange);
}

static void finish_with_cut(struct exchange *exchange)
{
    struct buffer body = BUFFER(MAX_SENT);
    reply_add_body(&body, &exchange->reply, FAULT_NONE);
    wire_cut(exchange->request, exchange->reply.status, buffer_slice(&body));
    buffer_clear(&body);
    exchange_free(exchange);
}

static void finish_with_reply(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    const char *type = reply->content_type != NULL ? reply->content_type : "application/json";
    struct buffer body = BUFFER(MAX_SENT);
    reply_add_body(&body, reply, exchange->fault.kind);
    evhttp_add_header(headers, "Content-Type",
                      exchange->fault.kind == FAULT_NOT_JSON ? "text/html" : type);
    if (reply->retry_after_s >= 0) {
        char seconds[24];
        (void)snprintf(seconds, sizeof(seconds), "%lld", (long long)reply->retry_after_s);
        evhttp_add_header(headers, "Retry-After", seconds);
    }
    struct evbuffer *out = evbuffer_new();
    evbuffer_add(out, body.data, body.length);
    evhttp_send_reply(exchange->request, reply->status, NULL, out);
    evbuffer_free(out);
    buffer_clear(&body);
    exchange_free(exchange);
}

/* ---- the faults that end it in another way ---- */

static void do_nothing(struct exchange *exchange)
{
    (void)exchange;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct exchange *exchange = arg;
    exchange->next(exchange);
}

static void go_on_after(struct exchange *exchange, int64_t ms,
                        void (*next)(struct exchange *exchange))
{
    struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    exchange->next = next;
    event_add(exchange->timer, &wait);
}

/* Resets and cuts wait for the next turn of the loop: libevent is still busy with the connection
 * while it runs our callback. */
static void reset_soon(struct exchange *exchange)
{
    go_on_after(exchange, 0, finish_with_reset);
}

static void cut_soon(struct exchange *exchange)
{
    go_on_after(exchange, 0, finish_with_cut);
}

static void answer_status(struct exchange *exchange)
{
    reply_error(&exchange->reply, exchange->fault.status, REPLY_UNSAID,
                "Fault made by the sandbox");
    exchange->reply.retry_after_s = exchange->fault.argument;
    finish_with_reply(exchange);
}

/* Accepted, but nobody knows yet. */
static void reply_later(struct exchange *exchange)
{
    go_on_after(exchange, exchange->fault.argument, finish_with_reply);
}

typedef void ending(struct exchange *exchange);

static ending *const BEFORE[FAULT_SLOW + 1] = {
    [FAULT_HANG] = do_nothing,
    [FAULT_RESET_BEFORE] = reset_soon,
    [FAULT_STATUS] = answer_status,
};

static ending *const AFTER[FAULT_SLOW + 1] = {
    [FAULT_HANG_AFTER] = do_nothing,
    [FAULT_LATE_REPLY] = reply_later,
    [FAULT_RESET_AFTER] = reset_soon,
    [FAULT_CUT] = cut_soon,
};

static void conclude(struct exchange *exchange)
{
    ending *end = AFTER[exchange->fault.kind];
    if (end == NULL) {
        end = finish_with_reply;
    }
    end(exchange);
}

void exchange_release(struct exchange *exchange)
{
    exchange->held = false;
    conclude(exchange);
}

/* ---- the beginning ---- */

/* False after answering 401 or 402. */
static bool authenticate(struct exchange *exchange)
{
    const char *given = exchange_header(exchange, "x-access-token");
    const char *wanted = exchange->sandbox->options->key;
    if (given == NULL || given[0] == '\0') {
        reply_error(&exchange->reply, 401, REPLY_UNSAID, "Missing x-access-token");
        return false;
    }
    if (strcmp(given, KEY_WITHOUT_CREDIT) == 0) {
        reply_error(&exchange->reply, 402, REPLY_UNSAID, "Insufficient credits");
        return false;
    }
    if (wanted != NULL && strcmp(given, wanted) != 0) {
        reply_error(&exchange->reply, 401, REPLY_UNSAID, "Invalid API key");
        return false;
    }
    return true;
}

static void serve(struct exchange *exchange)
{
    const struct route *route = exchange->route;
    if (route != NULL && (route->open || authenticate(exchange))) {
        route->handle(exchange);
    }
    if (!exchange->held) {
        conclude(exchange);
    }
}

static void on_turn(struct exchange *exchange)
{
    ending *end = BEFORE[exchange->fault.kind];
    if (end == NULL) {
        end = serve;
    }
    end(exchange);
}

static struct journal_request describe(const struct exchange *exchange, const char *method)
{
    struct json_limits limits = {.max_bytes = MAX_JSON, .max_depth = 64};
    const char *token = exchange_header(exchange, "x-access-token");
    const char *type = exchange_header(exchange, "Content-Type");
    bool multipart = type != NULL && slice_starts_with(slice_text(type), "multipart/");
    return (struct journal_request){
        .method = method,
        .target = evhttp_request_get_uri(exchange->request),
        .has_token = token != NULL && token[0] != '\0',
        .client = exchange_header(exchange, "x-videodb-client"),
        .content_type = type,
        .user_agent = exchange_header(exchange, "User-Agent"),
        .body = multipart ? slice_make(NULL, 0) : exchange->body,
        .body_is_json = !multipart && json_check(exchange->body, &limits, NULL, NULL),
    };
}

static const char *method_name(enum evhttp_cmd_type type)
{
    static const struct {
        enum evhttp_cmd_type type;
        const char *name;
    } METHODS[] = {
        {EVHTTP_REQ_GET, "GET"},       {EVHTTP_REQ_POST, "POST"}, {EVHTTP_REQ_PUT, "PUT"},
        {EVHTTP_REQ_DELETE, "DELETE"}, {EVHTTP_REQ_HEAD, "HEAD"}, {EVHTTP_REQ_PATCH, "PATCH"},
    };
    for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
        if (METHODS[i].type == type) {
            return METHODS[i].name;
        }
    }
    return "OTHER";
}

static void find_route(struct exchange *exchange, const char *method, struct slice path)
{
    bool path_known;
    exchange->route = routes_find(slice_text(method), path, exchange->arguments, &path_known);
    if (exchange->route == NULL) {
        reply_error(&exchange->reply, path_known ? 405 : 404, REPLY_UNSAID,
                    path_known ? "Method not allowed" : "Not found");
    }
}

static struct exchange *exchange_new(struct server *server, struct evhttp_request *request)
{
    struct exchange *exchange = xcalloc(1, sizeof(*exchange));
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    exchange->sandbox = server->sandbox;
    exchange->server = server;
    exchange->request = request;
    exchange->timer = evtimer_new(server->sandbox->base, on_timer, exchange);
    exchange->body = slice_make(evbuffer_pullup(body, -1), evbuffer_get_length(body));
    reply_init(&exchange->reply);
    TAILQ_INSERT_TAIL(&server->exchanges, exchange, link);
    return exchange;
}

void exchange_start(struct server *server, struct evhttp_request *request)
{
    const char *target = evhttp_request_get_uri(request);
    if (target == NULL) {
        evhttp_send_error(request, 400, NULL);
        return;
    }
    struct exchange *exchange = exchange_new(server, request);
    struct sandbox *sandbox = server->sandbox;
    const char *method = method_name(evhttp_request_get_command(request));
    struct slice path = slice_text(target);
    size_t question = slice_find(path, '?');
    exchange->query = slice_skip(path, question + 1);
    path = slice_head(path, question);
    find_route(exchange, method, path);
    log_debug("request", "method=%s path=%s", method, log_quote(path));
    if (!routes_is_own(path)) {
        struct journal_request described = describe(exchange, method);
        journal_add_request(&sandbox->requests, &described, clock_wall_ms());
        exchange->fault = faults_decide(
            &sandbox->faults, exchange->route == NULL ? FAULT_ROUTE_NONE : exchange->route->fault);
    }
    if (exchange->fault.latency_ms > 0) {
        go_on_after(exchange, exchange->fault.latency_ms, on_turn);
    } else {
        on_turn(exchange);
    }
}
