#include "fault/lane.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/xalloc.h"
#include "support/port.h"
#include "support/raw_http.h"

enum { START_MS = 30000, MAX_STATE = 64 << 10, MAX_DEPTH = 16 };

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "lane: %s: %s\n", what, detail);
    abort();
}

/* --- life ------------------------------------------------------------------------------------- */

static void start_sandbox(struct lane *lane)
{
    static const char mark[] = "listening address=";
    char *seed = xasprintf("%u", lane->number);

    lane->sandbox =
        process_start(&(struct process_options){REELQ_BIN_DIR "/reelq-sandbox",
                                                LIST("--listen", "127.0.0.1:0", "--upload-time",
                                                     "10", "--index-time", "10", "--seed", seed),
                                                NULL});
    if (!process_wait_log(lane->sandbox, mark, 1, START_MS))
        fail("the sandbox does not listen", process_log(lane->sandbox));
    const char *at = strstr(process_log(lane->sandbox), mark) + strlen(mark);
    lane->api = slice_copy(slice_make(at, strcspn(at, " \n")));
    free(seed);
}

/* A webhook that follows a killed one must listen at the same port. */
static void reserve_port(struct lane *lane)
{
    unsigned port;

    lane->hook_fd = port_hold(&port);
    lane->hook = xasprintf("127.0.0.1:%u", port);
}

void lane_open(struct lane *lane, unsigned number)
{
    *lane = (struct lane){.number = number, .answer = BUFFER(RAW_HTTP_MAX)};
    lane->redis = redis_server_start();
    lane->proxy = redis_proxy_new(redis_server_path(lane->redis));
    start_sandbox(lane);
    reserve_port(lane);
}

void lane_close(struct lane *lane)
{
    process_free(lane->sandbox);
    redis_proxy_free(lane->proxy);
    redis_server_stop(lane->redis);
    (void)close(lane->hook_fd);
    buffer_clear(&lane->answer);
    free(lane->api);
    free(lane->hook);
}

static void ask_sandbox(struct lane *lane, const char *what, const char *body)
{
    char *request = xasprintf("%s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                              "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                              what, strlen(body), body);
    int status = raw_http_call(lane->api, request, &lane->answer);

    if (status != 200 && status != 204)
        fail(what, buffer_text(&lane->answer));
    free(request);
}

void lane_begin(struct lane *lane, const struct lane_manner *manner)
{
    char *faults = xasprintf("{\"faults\":%s}", manner->faults);

    ask_sandbox(lane, "DELETE /_sandbox/journal", "");
    ask_sandbox(lane, "POST /_sandbox/faults", faults);
    freeReplyObject(redis_server_command(lane->redis, "FLUSHALL"));
    lane->manner = manner;
    lane->run++;
    free(faults);
}

/* --- processes -------------------------------------------------------------------------------- */

/* Times are short, so that a run waits for nothing. But the grace is longer than all that can hold
 * up a callback: a lease that has to end, and then an idle worker that looks at the list again. And
 * nobody asks for a callback that does not come: one that reelq has lost must be missed. */
struct process *lane_start_worker(struct lane *lane, const char *redis_url)
{
    char *redis = xasprintf("REELQ_REDIS_URL=%s", redis_url);
    char *api = xasprintf("VIDEO_DB_BASE_URL=http://%s", lane->api);
    char *hook = xasprintf("REELQ_PUBLIC_URL=http://%s", lane->hook);
    char *lease = xasprintf("REELQ_LEASE=%s", lane->manner->lease);
    struct process *worker = process_start(&(struct process_options){
        REELQ_BIN_DIR "/reelq-worker", NULL,
        LIST(redis, api, hook, lease, "VIDEO_DB_API_KEY=sk-torture", "REELQ_ADMIN_LISTEN=off",
             "REELQ_RETRY_BASE=20ms", "REELQ_POLL_INTERVAL=50ms", "REELQ_CALLBACK_TIMEOUT=10m",
             "REELQ_UNKNOWN_GRACE=8s")});

    free(redis);
    free(api);
    free(hook);
    free(lease);
    return worker;
}

struct process *lane_start_webhook(struct lane *lane, const char *redis_url)
{
    char *redis = xasprintf("REELQ_REDIS_URL=%s", redis_url);
    char *listen = xasprintf("REELQ_LISTEN=%s", lane->hook);
    struct process *webhook = process_start(&(struct process_options){
        REELQ_BIN_DIR "/reelq-webhook", NULL, LIST(redis, listen, "REELQ_ADMIN_LISTEN=off")});

    free(redis);
    free(listen);
    return webhook;
}

/* --- the sandbox ------------------------------------------------------------------------------ */

static const char *get(struct lane *lane, const char *path)
{
    if (raw_http_get(lane->api, path, &lane->answer) != 200)
        fail(path, buffer_text(&lane->answer));
    return raw_http_body(&lane->answer);
}

const char *lane_journal(struct lane *lane)
{
    return get(lane, "/_sandbox/journal");
}

static int64_t number(const struct json *doc, const char *group, const char *name)
{
    int64_t value = 0;

    if (!json_int(doc, json_get(doc, json_get(doc, JSON_ROOT, group), name), &value))
        fail("no such number in /_sandbox/state", name);
    return value;
}

struct lane_api lane_look_at_api(struct lane *lane)
{
    struct json_limits limits = {MAX_STATE, MAX_DEPTH};
    struct json doc;
    struct error error;

    if (!json_parse(&doc, slice_text(get(lane, "/_sandbox/state")), &limits, &error))
        fail("/_sandbox/state", error.text);
    int64_t given_up = number(&doc, "callbacks", "given_up");
    int64_t called = number(&doc, "callbacks", "delivered") + given_up;
    int64_t ended = number(&doc, "jobs", "done") + number(&doc, "jobs", "failed");
    bool quiet = number(&doc, "jobs", "processing") == 0 && ended == called;
    json_clear(&doc);
    return (struct lane_api){quiet, given_up};
}
