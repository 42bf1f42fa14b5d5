/* Calls over the limit of connections wait in the client, and can be taken back there. */
#include <criterion/criterion.h>

#include "support/scripted_api.h"
#include "support/wait.h"
#include "worker/http_client.h"

enum { CONNECTIONS = 4, MORE = 3, WAIT_MS = 5000, SETTLE_MS = 20 };

/* What ends takes back what waits. */
struct taker {
    struct http_call *waiting[MORE];
    unsigned ended;
};

static void on_done(const struct http_result *result, void *arg)
{
    struct taker *taker = arg;

    cr_expect_eq(result->end, HTTP_REPLIED);
    if (taker->ended++ > 0)
        return;
    for (int i = 0; i < MORE; i++) {
        cr_expect(http_client_waits(taker->waiting[i]));
        http_client_cancel(taker->waiting[i]);
    }
}

Test(http_waiting, none_is_sent_for_one_that_is_taken_back)
{
    static const struct scripted_step steps[] = {
        {SCRIPTED_REPLY, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}};
    struct scripted_api api = {0};
    struct taker taker = {0};
    struct loop *loop = loop_new();
    struct http_client *client =
        http_client_new(&(struct http_client_options){.loop = loop,
                                                      .token = "t",
                                                      .user_agent = "u",
                                                      .timeout_ms = 2000,
                                                      .max_body = 20,
                                                      .max_connections = CONNECTIONS});

    scripted_api_start(&api, loop, steps, 1);
    struct http_call_request request = {.method = "POST", .url = api.url};
    for (int i = 0; i < CONNECTIONS; i++)
        cr_expect(!http_client_waits(http_client_send(client, &request, on_done, &taker)));
    for (int i = 0; i < MORE; i++)
        taker.waiting[i] = http_client_send(client, &request, on_done, &taker);
    cr_expect(wait_for_count(loop, &taker.ended, CONNECTIONS, WAIT_MS));
    wait_ms(loop, SETTLE_MS);
    cr_expect_eq(api.requests, CONNECTIONS, "%u were sent", api.requests);
    http_client_free(client);
    scripted_api_stop(&api);
    loop_free(loop);
}
