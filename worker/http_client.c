/* http_client - calls, and what became of them.
 *   send -> (waiting) -> start -> { on_address, on_request, on_head_line, on_body }
 *        -> on_done -> finish -> done
 *
 * A call that fails is told apart by whether any byte of its request had left. libcurl sends a
 * request again by itself, on a new connection, when a kept connection ends without a reply. The
 * other side may have read the request all the same, so on_request forbids that for everything but
 * GET: a repeated POST may be a second video. It also looks at the clock: a process that was
 * stopped for longer than it may have the task must not send it any more. */
#include "worker/http_client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "worker/http_easy.h"
#include "worker/http_multi.h"
#include "worker/http_reach.h"

enum { MAX_SPARES = 16 };

struct http_call {
    TAILQ_ENTRY(http_call) link;
    struct http_client *client;
    CURL *easy;
    http_done_fn done;
    void *arg;
    bool running;
    bool repeatable;
    int64_t send_before_ms, started_us;
    struct histogram *seconds;
    bool too_near;   /* an address was refused that is not public */
    bool head_ended; /* the empty line after the header fields has come */
    struct buffer body;
    char error[CURL_ERROR_SIZE]; /* libcurl's own words, or empty */
};

TAILQ_HEAD(call_list, http_call);

struct http_client {
    struct http_multi *multi;
    struct http_easy_headers headers;
    char *user_agent;
    int64_t timeout_ms;
    size_t max_body;
    unsigned max_connections;
    bool guarded;
    unsigned running_count;
    unsigned spare_count;
    struct call_list running;
    struct call_list waiting;    /* all connections are busy; no timeout runs yet */
    struct call_list spares;     /* easy handles for later calls */
    struct http_call *finishing; /* its `done` is on the stack */
};

static void call_free(struct http_call *call)
{
    curl_easy_cleanup(call->easy);
    buffer_clear(&call->body);
    free(call);
}

static struct http_call *call_new(struct http_client *client)
{
    struct http_call *call = TAILQ_FIRST(&client->spares);

    if (call != NULL) {
        TAILQ_REMOVE(&client->spares, call, link);
        client->spare_count--;
        return call;
    }
    call = xcalloc(1, sizeof(*call));
    call->client = client;
    call->easy = curl_easy_init();
    if (call->easy == NULL)
        log_die("cannot make a handle of libcurl");
    return call;
}

/* Gives the call's memory back; nobody waits for it any more. */
static void call_recycle(struct http_call *call)
{
    struct http_client *client = call->client;

    if (client->spare_count == MAX_SPARES) {
        call_free(call);
        return;
    }
    curl_easy_reset(call->easy);
    buffer_clear(&call->body);
    client->spare_count++;
    TAILQ_INSERT_HEAD(&client->spares, call, link);
}

/* Of a guarded call, for each address that its host resolves to; what the name says is not enough.
 */
static curl_socket_t on_address(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_call *call = arg;

    (void)purpose;
    if (http_reach_of_address(&address->addr) != HTTP_REACH_PUBLIC) {
        call->too_near = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Before each time that the request is written to a connection. */
static int on_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    const struct http_call *call = arg;

    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (call->send_before_ms != 0 && clock_monotonic_ms() >= call->send_before_ms)
        return CURL_PREREQFUNC_ABORT;
    return call->repeatable || !http_easy_request_left(call->easy) ? CURL_PREREQFUNC_OK
                                                                   : CURL_PREREQFUNC_ABORT;
}

/* libcurl takes a reply that ends within its head for a whole one without a body, and shows the
 * fields after the last chunk here too. */
static size_t on_head_line(char *data, size_t size, size_t count, void *arg)
{
    struct http_call *call = arg;
    struct slice line = slice_make(data, size * count);

    if (slice_starts_with(line, "HTTP/")) {
        call->head_ended = false;
    } else if (slice_trim(line).length == 0) {
        call->head_ended = true;
    }
    return line.length;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct http_call *call = arg;

    buffer_add(&call->body, data, size * count);
    return call->body.failed ? 0 : size * count;
}

static const char *error_of(const struct http_call *call, CURLcode code)
{
    if (call->body.failed)
        return "the reply is too large";
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        return http_easy_request_left(call->easy)
                   ? "the connection was lost after the request was sent"
                   : "it was too late to send the request";
    }
    if (code == CURLE_OK)
        return "the reply was cut off";
    if (call->too_near && code == CURLE_COULDNT_CONNECT)
        return "the address is not a public one";
    return call->error[0] != '\0' ? call->error : curl_easy_strerror(code);
}

static enum http_end end_of(const struct http_call *call, CURLcode code)
{
    if (http_easy_request_left(call->easy))
        return HTTP_UNKNOWN;
    return code == CURLE_ABORTED_BY_CALLBACK ? HTTP_TOO_LATE : HTTP_NOT_SENT;
}

static struct http_result result_of(const struct http_call *call, CURLcode code)
{
    struct http_result result = {.end = HTTP_REPLIED, .retry_after_ms = -1};
    long status = 0;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || !call->head_ended || status < 200) {
        result.end = end_of(call, code);
        result.error = error_of(call, code);
        return result;
    }
    result.status = (int)status;
    result.retry_after_ms = http_easy_retry_after_ms(call->easy);
    result.body = buffer_slice(&call->body);
    return result;
}

static void start(struct http_call *call)
{
    struct http_client *client = call->client;

    call->running = true;
    call->started_us = clock_monotonic_us();
    client->running_count++;
    TAILQ_INSERT_TAIL(&client->running, call, link);
    http_multi_add(client->multi, call->easy);
}

static void start_waiting(struct http_client *client)
{
    while (client->running_count < client->max_connections && !TAILQ_EMPTY(&client->waiting)) {
        struct http_call *call = TAILQ_FIRST(&client->waiting);
        TAILQ_REMOVE(&client->waiting, call, link);
        start(call);
    }
}

static void unlink_call(struct http_call *call)
{
    struct http_client *client = call->client;

    if (call->running) {
        client->running_count--;
        TAILQ_REMOVE(&client->running, call, link);
    } else {
        TAILQ_REMOVE(&client->waiting, call, link);
    }
}

/* Tells the owner, once; `done` may send, cancel and free. */
static void finish(struct http_call *call, const struct http_result *result)
{
    struct http_client *client = call->client;

    unlink_call(call);
    client->finishing = call;
    call->done(result, call->arg);
    if (call->client == NULL) { /* the client is gone */
        call_free(call);
        return;
    }
    client->finishing = NULL;
    call_recycle(call);
    start_waiting(client);
}

static void on_done(CURL *easy, CURLcode code, void *arg)
{
    struct http_call *call = NULL;
    struct http_result result;

    (void)arg;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
    result = result_of(call, code);
    if (call->seconds != NULL && (result.end == HTTP_REPLIED || result.end == HTTP_UNKNOWN))
        histogram_observe(call->seconds, (double)(clock_monotonic_us() - call->started_us) / 1e6);
    finish(call, &result);
}

static void set_callbacks(struct http_call *call, bool guarded)
{
    CURL *easy = call->easy;

    if (guarded) {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_address);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
    }
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

/* libcurl copies all of it but the headers, which live as long as the client. */
static void set_request(const struct http_call *call, const struct http_call_request *request)
{
    const struct http_client *client = call->client;
    CURL *easy = call->easy;
    bool post = strcmp(request->method, "POST") == 0;

    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers.lists[request->authorized][post]);
    if (post) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS,
                         request->body.length > 0 ? request->body.data : "");
    } else {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

struct http_call *http_client_send(struct http_client *client,
                                   const struct http_call_request *request, http_done_fn done,
                                   void *arg)
{
    struct http_call *call = call_new(client);

    call->done = done;
    call->arg = arg;
    call->running = false;
    call->repeatable = strcmp(request->method, "GET") == 0;
    call->send_before_ms = request->send_before_ms;
    call->seconds = request->seconds;
    call->too_near = false;
    call->head_ended = false;
    call->error[0] = '\0';
    buffer_init(&call->body, client->max_body);
    http_easy_set_connection(call->easy, client->timeout_ms, call->repeatable);
    set_callbacks(call, client->guarded && !request->authorized);
    set_request(call, request);
    TAILQ_INSERT_TAIL(&client->waiting, call, link);
    start_waiting(client);
    return call;
}

bool http_client_waits(const struct http_call *call)
{
    return !call->running;
}

/* Takes a call away from libcurl. */
static void detach(const struct http_call *call)
{
    if (call->running)
        http_multi_remove(call->client->multi, call->easy);
}

void http_client_cancel(struct http_call *call)
{
    struct http_client *client = call->client;
    bool connected = call->running;

    detach(call);
    unlink_call(call);
    call_recycle(call);
    if (connected)
        start_waiting(client);
}

struct http_client *http_client_new(const struct http_client_options *options)
{
    struct http_client *client = xcalloc(1, sizeof(*client));
    const struct http_multi_options multi = {.loop = options->loop,
                                             .max_idle = options->max_connections,
                                             .done = on_done,
                                             .arg = client};

    client->multi = http_multi_new(&multi);
    client->user_agent = xstrdup(options->user_agent);
    client->timeout_ms = options->timeout_ms;
    client->max_body = options->max_body;
    client->max_connections = options->max_connections;
    client->guarded = options->guarded;
    http_easy_headers_init(&client->headers, options->token, options->user_agent);
    TAILQ_INIT(&client->running);
    TAILQ_INIT(&client->waiting);
    TAILQ_INIT(&client->spares);
    return client;
}

/* The call that is first in line to end; NULL when there is none. */
static struct http_call *first_call(const struct http_client *client)
{
    struct http_call *call = TAILQ_FIRST(&client->running);

    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): a call that ends has left its list */
    return call != NULL ? call : TAILQ_FIRST(&client->waiting);
}

static void cancel_all(struct http_client *client)
{
    static const struct http_result cancelled = {
        .end = HTTP_CANCELLED, .retry_after_ms = -1, .error = "cancelled"};
    struct http_call *call;

    client->max_connections = 0; /* nothing is started any more */
    for (call = first_call(client); call != NULL; call = first_call(client)) {
        detach(call);
        finish(call, &cancelled);
    }
}

void http_client_free(struct http_client *client)
{
    struct http_call *call;

    if (client == NULL)
        return;
    if (client->finishing != NULL)
        client->finishing->client = NULL;
    cancel_all(client);
    for (call = TAILQ_FIRST(&client->spares); call != NULL; call = TAILQ_FIRST(&client->spares)) {
        TAILQ_REMOVE(&client->spares, call, link);
        call_free(call);
    }
    http_multi_free(client->multi);
    http_easy_headers_clear(&client->headers);
    free(client->user_agent);
    free(client);
}
