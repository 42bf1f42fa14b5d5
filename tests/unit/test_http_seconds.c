/* How long calls take: those that were sent, from their turn on. */
#include <criterion/criterion.h>
#include <math.h>

#include "support/scripted_api.h"
#include "support/wait.h"
#include "worker/http_client.h"

enum { TIMEOUT_MS = 500, WAIT_MS = 10000 };

static const struct scripted_step steps[] = {
    {SCRIPTED_HANG, ""}, {SCRIPTED_REPLY, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}};
static const double bounds[] = {INFINITY};

struct ends {
    enum http_end of[3];
    unsigned count;
};

static void on_done(const struct http_result *result, void *arg)
{
    struct ends *ends = arg;

    ends->of[ends->count++] = result->end;
}

static void send_call(struct http_client *client, const char *url, struct histogram *seconds,
                      struct ends *ends)
{
    struct http_call_request request = {.method = "POST", .url = url, .seconds = seconds};

    histogram_init(seconds, &(struct metric){.name = "seconds"}, bounds);
    (void)http_client_send(client, &request, on_done, ends);
}

Test(http_seconds, of_what_was_sent)
{
    struct scripted_api api = {0};
    struct ends ends = {.count = 0};
    struct histogram lost, replied, refused;
    struct loop *loop = loop_new();
    struct http_client *client =
        http_client_new(&(struct http_client_options){.loop = loop,
                                                      .token = "t",
                                                      .user_agent = "u",
                                                      .timeout_ms = TIMEOUT_MS,
                                                      .max_body = 20,
                                                      .max_connections = 1});

    scripted_api_start(&api, loop, steps, 2);
    send_call(client, api.url, &lost, &ends);
    send_call(client, api.url, &replied, &ends);
    send_call(client, "http://127.0.0.1:1", &refused, &ends);
    cr_assert(wait_for_count(loop, &ends.count, 3, WAIT_MS));
    cr_expect_eq(ends.of[0], HTTP_UNKNOWN);
    cr_expect_eq(lost.counts[0], 1);
    cr_expect(lost.metric.value >= 0.4 && lost.metric.value < 5, "%f", lost.metric.value);
    cr_expect_eq(ends.of[1], HTTP_REPLIED);
    cr_expect_eq(replied.counts[0], 1);
    cr_expect(replied.metric.value > 0 && replied.metric.value < 0.4,
              "it waited for the first one, which does not count: %f", replied.metric.value);
    cr_expect_eq(ends.of[2], HTTP_NOT_SENT);
    cr_expect_eq(refused.counts[0], 0);
    http_client_free(client);
    scripted_api_stop(&api);
    loop_free(loop);
}
