/* A connection that is kept for later calls, between two of them. */
#include <criterion/criterion.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>

#include "support/scripted_api.h"
#include "support/wait.h"
#include "worker/http_client.h"

enum { WAIT_MS = 5000, IDLE_MS = 300 };

static struct http_client *make_client(struct loop *loop)
{
    struct http_client_options options = {.loop = loop,
                                          .token = "t",
                                          .user_agent = "u",
                                          .timeout_ms = 2000,
                                          .max_body = 20,
                                          .max_connections = 4};

    return http_client_new(&options);
}

static void on_not_sent(const struct http_result *result, void *arg)
{
    unsigned *ended = arg;

    cr_expect_eq(result->end, HTTP_NOT_SENT);
    ++*ended;
}

static void on_byte(evutil_socket_t fd, short what, void *arg)
{
    unsigned *came = arg;

    (void)fd;
    (void)what;
    ++*came;
}

static void on_done(const struct http_result *result, void *arg)
{
    unsigned *ended = arg;

    cr_expect_eq(result->end, HTTP_REPLIED, "%s", result->error);
    ++*ended;
}

static long cpu_ms(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

static void close_peers(struct scripted_api *api)
{
    for (unsigned i = 0; i < api->accepted; i++) {
        bufferevent_free(api->peers[i]);
        api->peers[i] = NULL;
    }
}

/* The end of the connection stays readable: it must not keep the loop turning. */
Test(http_kept, its_end_costs_nothing_and_the_next_call_goes_over_another)
{
    static const struct scripted_step steps[] = {
        {SCRIPTED_REPLY, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}};
    struct scripted_api api = {0};
    struct loop *loop = loop_new();
    struct http_client *client = make_client(loop);
    unsigned ended = 0;

    scripted_api_start(&api, loop, steps, 1);
    struct http_call_request request = {.method = "POST", .url = api.url};
    for (unsigned i = 1; i <= 3; i++) {
        http_client_send(client, &request, on_done, &ended);
        cr_assert(wait_for_count(loop, &ended, i, WAIT_MS));
    }
    cr_expect_eq(api.accepted, 1, "kept");
    close_peers(&api);
    long before = cpu_ms();
    wait_ms(loop, IDLE_MS);
    cr_expect_lt(cpu_ms() - before, IDLE_MS / 3, "the loop turns without end");
    http_client_send(client, &request, on_done, &ended);
    cr_expect(wait_for_count(loop, &ended, 4, WAIT_MS));
    cr_expect_eq(api.accepted, 2);
    http_client_free(client);
    scripted_api_stop(&api);
    loop_free(loop);
}

/* A label of a name has at most 63 letters: it is looked up, and not found, without a network. */
#define NO_SUCH_NAME                                                                               \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid"

/* The numbers of the resolver's sockets are free afterwards, and serve others. */
Test(http_kept, a_lookup_leaves_nothing_behind)
{
    struct loop *loop = loop_new();
    struct http_client *client = make_client(loop);
    struct http_call_request request = {.method = "POST", .url = "http://" NO_SUCH_NAME "/"};
    unsigned ended = 0, came = 0;
    int ends[2];

    http_client_send(client, &request, on_not_sent, &ended);
    cr_assert(wait_for_count(loop, &ended, 1, WAIT_MS));
    cr_assert_eq(pipe(ends), 0);
    struct event *event = event_new(loop_base(loop), ends[0], EV_READ, on_byte, &came);
    event_add(event, NULL);
    cr_assert_eq(write(ends[1], "x", 1), 1);
    cr_expect(wait_for_count(loop, &came, 1, WAIT_MS), "what comes on %d is not seen", ends[0]);
    event_free(event);
    (void)close(ends[0]);
    (void)close(ends[1]);
    http_client_free(client);
    loop_free(loop);
}
