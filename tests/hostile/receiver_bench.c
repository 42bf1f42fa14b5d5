#include "hostile/receiver_bench.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <event2/event.h>

#include "base/xalloc.h"
#include "support/http_vectors.h"
#include "support/temp_dir.h"
#include "support/wait.h"

enum { PATIENCE_MS = 10000, BODIES_MAX = 64 * 1024 };

static const char *answer(const char *name, unsigned number, void *arg)
{
    struct receiver_bench *bench = arg;

    (void)number;
    if (strcmp(name, "LPUSH") != 0)
        return strcmp(name, "PING") == 0 ? "+PONG\r\n" : "+OK\r\n";
    bench->stored++;
    return ":1\r\n";
}

static void on_up(void *arg)
{
    struct receiver_bench *bench = arg;

    bench->up = true;
    store_on_up(bench->store);
}

static enum http_verdict on_head(const struct http_view *view, const char **allow, void *arg)
{
    struct receiver_bench *bench = arg;
    return receiver_on_head(view, allow, bench->receiver);
}

static void on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct receiver_bench *bench = arg;

    http_vector_add_body(view->body, &bench->bodies);
    receiver_on_request(request, view, bench->receiver);
}

static void open_receiver(struct receiver_bench *bench)
{
    struct error error;
    struct redis_options redis = {.loop = bench->http.loop,
                                  .url = &bench->url,
                                  .name = "test",
                                  .reply_timeout_ms = PATIENCE_MS,
                                  .on_up = on_up,
                                  .arg = bench};
    struct receiver_options receiver = {.metrics = &bench->metrics, .keys = &bench->keys};

    cr_assert(signature_keys_parse(&bench->keys, slice_text(HTTP_VECTORS_SECRET), &error));
    bench->fake = fake_redis_new(bench->http.loop, answer, bench);
    bench->url = fake_redis_url(bench->fake);
    bench->redis = redis_new(&redis);
    bench->pusher = pusher_new(bench->redis, "t:callbacks");
    struct store_options store = {.loop = bench->http.loop, .pusher = bench->pusher};
    receiver.store = bench->store = store_new(&store);
    metrics_init(&bench->metrics);
    bench->receiver = receiver_new(&receiver);
}

void receiver_bench_open(struct receiver_bench *bench)
{
    *bench = (struct receiver_bench){.bodies = BUFFER(BODIES_MAX)};
    http_bench_init(&bench->http);
    open_receiver(bench);
    bench->directory = temp_dir_make("receiver");
    bench->address = xasprintf("unix:%s/s", bench->directory);
    bench->http.options.listen = bench->address;
    bench->http.options.gate = on_head;
    bench->http.options.handle = on_request;
    bench->http.options.arg = bench;
    bench->http.options.max_body = HTTP_VECTORS_MAX_BODY;
    bench->http.options.require_json_length = true;
    http_bench_start(&bench->http);
    cr_assert(wait_for_flag(bench->http.loop, &bench->up, PATIENCE_MS));
}

void receiver_bench_close(struct receiver_bench *bench)
{
    http_server_free(bench->http.server);
    bench->http.server = NULL;
    redis_free(bench->redis);
    store_free(bench->store);
    pusher_free(bench->pusher);
    receiver_free(bench->receiver);
    fake_redis_free(bench->fake);
    redis_url_clear(&bench->url);
    signature_keys_clear(&bench->keys);
    http_bench_clear(&bench->http);
    buffer_clear(&bench->bodies);
    free(bench->address);
    temp_dir_remove(bench->directory);
}

/* On a unix socket what was sent is there: one round of the loop sees it. */
static void turn(struct receiver_bench *bench)
{
    (void)event_base_loop(loop_base(bench->http.loop), EVLOOP_NONBLOCK);
}

int receiver_bench_dial(struct receiver_bench *bench)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", bench->address + strlen("unix:"));
    cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0, "%s", strerror(errno));
    turn(bench);
    return fd;
}

void receiver_bench_say(struct receiver_bench *bench, int fd, struct slice bytes)
{
    if (bytes.length > 0)
        (void)send(fd, bytes.data, bytes.length, MSG_NOSIGNAL);
    turn(bench);
}
