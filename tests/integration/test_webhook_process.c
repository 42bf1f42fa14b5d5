/* The webhook as a process: options, configuration, admin listener, shared ports, its end. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "support/process.h"
#include "support/raw_http.h"
#include "support/redis_server.h"
#include "support/temp_dir.h"

#define PROGRAM REELQ_BIN_DIR "/reelq-webhook"

enum { PATIENCE_MS = 10000 };

static unsigned lines(const char *text)
{
    unsigned count = 0;

    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

Test(webhook_process, explains_itself)
{
    static const struct {
        const char *argument, *output[4];
    } cases[] = {
        {"--help",
         {"usage: reelq-webhook [", "REELQ_CALLBACK_SECRET", "--check-config", "--healthcheck"}},
        {"--version", {"reelq-webhook 0."}},
        {"--check-config",
         {"configuration ok\n", "REELQ_MAX_BODY=32k\n",
          "REELQ_REDIS_URL=redis://u:***@127.0.0.1:1/0\n"}},
    };
    static const char *const environment[] = {"REELQ_REDIS_URL=redis://u:hidden@127.0.0.1:1/0",
                                              "REELQ_MAX_BODY=32k", NULL};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const arguments[] = {cases[i].argument, NULL};
        struct process_options options = {
            .program = PROGRAM, .arguments = arguments, .environment = environment};
        struct process *process;
        cr_expect_eq(process_run(&options, &process), 0, "%s", cases[i].argument);
        const char *output = process_output(process);
        for (size_t n = 0; n < 4 && cases[i].output[n] != NULL; n++)
            cr_expect_not_null(strstr(output, cases[i].output[n]), "%s: %s", cases[i].argument,
                               output);
        cr_expect_null(strstr(output, "hidden"));
        cr_expect_str_eq(process_log(process), "");
        process_free(process);
    }
}

Test(webhook_process, refuses_what_it_is_not_made_for)
{
    static const struct {
        const char *arguments[3], *setting, *message;
    } cases[] = {
        {{"--port"}, "REELQ_MAX_BODY=64k", "unknown argument --port"},
        {{"--help", "x"}, "REELQ_MAX_BODY=64k", "unknown argument x"},
        {{NULL}, "REELQ_MAX_BODY=5", "REELQ_MAX_BODY"},
        {{"--check-config"}, "REELQ_MAX_BODY=5", "REELQ_MAX_BODY"},
        {{"--healthcheck"}, "REELQ_MAX_BODY=5", "REELQ_MAX_BODY"},
        {{"--healthcheck"}, "REELQ_ADMIN_LISTEN=off", "REELQ_ADMIN_LISTEN is off"},
        {{"--healthcheck"}, "REELQ_ADMIN_LISTEN=127.0.0.1:0", "127.0.0.1:0: the system picks"},
        {{"--healthcheck"}, "REELQ_ADMIN_LISTEN=unix:/nowhere", "unix:/nowhere: No such file"},
        {{NULL}, "REELQ_MAX_BODYS=64k", "REELQ_MAX_BODY"},
        {{"--check-config"}, "REELQ_LISTEN=8080", "REELQ_LISTEN"},
        {{"--check-config"}, "REELQ_LISTEN=unix:relative", "REELQ_LISTEN"},
        {{"--check-config"}, "REELQ_ADMIN_LISTEN=on", "REELQ_ADMIN_LISTEN"},
        {{"--check-config"}, "REELQ_TRUSTED_PROXIES=10.0.0.0/40", "REELQ_TRUSTED_PROXIES"},
        {{"--check-config"}, "REELQ_REDIS_URL=http://x", "REELQ_REDIS_URL"},
        {{"--check-config"}, "REELQ_CALLBACK_SECRET=short", "REELQ_CALLBACK_SECRET"},
        {{NULL}, "REELQ_TRUSTED_PROXIES=nobody", "REELQ_TRUSTED_PROXIES"},
        {{NULL}, "REELQ_LISTEN=192.0.2.1:1", "REELQ_LISTEN: 192.0.2.1:1: "},
        {{NULL}, "REELQ_ADMIN_LISTEN=192.0.2.1:1", "REELQ_ADMIN_LISTEN: 192.0.2.1:1: "},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const environment[] = {cases[i].setting, "REELQ_LOG_LEVEL=error", NULL};
        struct process_options options = {
            .program = PROGRAM, .arguments = cases[i].arguments, .environment = environment};
        struct process *process;
        cr_expect_eq(process_run(&options, &process), 1, "case %zu", i);
        const char *log = process_log(process);
        cr_expect(strncmp(log, "reelq-webhook: ", 15) == 0, "%s", log);
        cr_expect_not_null(strstr(log, cases[i].message), "%s", log);
        cr_expect_eq(lines(log), 1, "%s", log);
        cr_expect_str_eq(process_output(process), "");
        process_free(process);
    }
}

Test(webhook_process, ends_when_redis_refuses_the_password)
{
    static const char *const locked[] = {"--requirepass", "right", NULL};
    struct redis_server *redis = redis_server_start_with(locked);
    char *url = xasprintf("REELQ_REDIS_URL=unix://:not-it-at-all@%s", redis_server_path(redis));
    const char *const environment[] = {url, "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=off",
                                       "REELQ_LOG_LEVEL=error", NULL};
    struct process_options options = {.program = PROGRAM, .environment = environment};
    struct process *process;

    cr_expect_eq(process_run(&options, &process), 1);
    cr_expect(strncmp(process_log(process), "reelq-webhook: ", 15) == 0, "%s",
              process_log(process));
    cr_expect_eq(lines(process_log(process)), 1, "%s", process_log(process));
    cr_expect_null(strstr(process_log(process), "not-it-at-all"));
    process_free(process);
    redis_server_stop(redis);
    free(url);
}

/* --- running ---------------------------------------------------------------------------------- */

static struct process *start(const struct redis_server *redis, const char *listen_on,
                             const char *admin)
{
    char *url = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(redis));
    const char *const environment[] = {url, listen_on, admin, "REELQ_MAX_BODY=32k", NULL};
    struct process_options options = {.program = PROGRAM, .environment = environment};

    struct process *process = process_start(&options);
    free(url);
    return process;
}

static void stop(struct process *process)
{
    process_signal(process, SIGTERM);
    cr_expect_eq(process_wait(process), 0, "%s", process_log(process));
    process_free(process);
}

Test(webhook_process, has_an_admin_listener)
{
    static const char *const metrics[] = {
        "\nreelq_callbacks_total{result=\"stored\"} 0\n",
        "\nreelq_callbacks_total{result=\"failed\"} 0\n",
        "\nreelq_callbacks_total{result=\"refused\"} 1\n",
        "\nreelq_http_requests_total 2\n",
        "\nreelq_http_connections 0\n",
        "\nreelq_redis_up 1\n",
        "\nreelq_build_info{version=",
        "\nprocess_resident_memory_bytes ",
    };
    struct redis_server *redis = redis_server_start();
    struct process *process =
        start(redis, "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=127.0.0.1:0");
    const char *address = process_address(process, "public");
    const char *admin = process_address(process, "admin");
    struct buffer answer = BUFFER(RAW_HTTP_MAX);

    cr_expect(process_wait_log(process, "secret-agreed", 1, PATIENCE_MS));
    cr_expect_eq(raw_http_get(admin, "/livez", &answer), 200);
    cr_expect_str_eq(raw_http_body(&answer), "ok\n");
    cr_expect_eq(raw_http_get(admin, "/readyz", &answer), 200);
    cr_expect_str_eq(raw_http_body(&answer), "redis: ok\nsecret: ok\nlistener: ok\n");
    cr_expect_eq(raw_http_get(address, "/webhooks/upload?id=a&n=1&sig=x", &answer), 404);
    cr_expect_eq(raw_http_get(address, "/readyz", &answer), 404,
                 "the public listener has none of it");
    cr_expect_eq(raw_http_get(admin, "/metrics", &answer), 200);
    cr_expect_not_null(strstr(buffer_text(&answer), "Content-Type: text/plain; version=0.0.4"));
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
        cr_expect_not_null(strstr(raw_http_body(&answer), metrics[i]), "%s in %s", metrics[i],
                           buffer_text(&answer));
    cr_expect_eq(raw_http_get(admin, "/webhooks/upload", &answer), 404);
    cr_expect_eq(raw_http_call(admin, "POST /livez HTTP/1.0\r\n\r\n", &answer), 405);
    cr_expect_eq(raw_http_call(admin, "HEAD /livez HTTP/1.0\r\n\r\n", &answer), 200);
    cr_expect_str_eq(raw_http_body(&answer), "");
    buffer_clear(&answer);
    stop(process);
    redis_server_stop(redis);
}

/* --- the health check ------------------------------------------------------------------------- */

/* What --healthcheck says with this setting, which is a line. */
static void expect_health(const char *setting, int status, const char *said)
{
    static const char *const arguments[] = {"--healthcheck", NULL};
    const char *const environment[] = {setting, NULL};
    struct process_options options = {
        .program = PROGRAM, .arguments = arguments, .environment = environment};
    struct process *process;

    cr_expect_eq(process_run(&options, &process), status, "%s", setting);
    const char *line = status == 0 ? process_output(process) : process_log(process);
    cr_expect_not_null(strstr(line, said), "%s: %s", setting, line);
    cr_expect_eq(lines(line), 1, "%s", line);
    process_free(process);
}

Test(webhook_process, says_whether_another_one_works)
{
    struct redis_server *redis = redis_server_start();
    struct process *process = start(redis, "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=[::]:0");
    char *directory = temp_dir_make("health");
    char *path = xasprintf("REELQ_ADMIN_LISTEN=unix:%s/admin", directory);
    char *all = xasprintf("REELQ_ADMIN_LISTEN=%s", process_address(process, "admin"));
    char *loopback = xasprintf("REELQ_ADMIN_LISTEN=127.0.0.1%s", strrchr(all, ':'));
    char *other = xasprintf("REELQ_ADMIN_LISTEN=%s", process_address(process, "public"));

    expect_health(all, 0, "ok\n");
    expect_health(loopback, 0, "ok\n");
    expect_health(other, 1, "/livez is not answered by 200");
    process_signal(process, SIGSTOP);
    expect_health(all, 1, ": no answer\n");
    process_signal(process, SIGCONT);
    stop(process);
    expect_health(all, 1, "refused\n");
    process = start(redis, "REELQ_LISTEN=127.0.0.1:0", path);
    (void)process_address(process, "admin");
    expect_health(path, 0, "ok\n");
    stop(process);
    redis_server_stop(redis);
    temp_dir_remove(directory);
    free(other);
    free(loopback);
    free(all);
    free(path);
}

Test(webhook_process, shares_its_port)
{
    struct redis_server *redis = redis_server_start();
    struct process *first = start(redis, "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=off");
    char *same = xasprintf("REELQ_LISTEN=%s", process_address(first, "public"));
    struct process *second = start(redis, same, "REELQ_ADMIN_LISTEN=off");
    struct buffer answer = BUFFER(RAW_HTTP_MAX);

    cr_expect_str_eq(process_address(second, "public"), process_address(first, "public"));
    stop(first);
    cr_expect_eq(raw_http_get(process_address(second, "public"), "/", &answer), 404);
    stop(second);
    buffer_clear(&answer);
    redis_server_stop(redis);
    free(same);
}

/* What is in flight is answered; new connections are not taken; readiness says so. */
Test(webhook_process, drains_on_sigterm)
{
    struct redis_server *redis = redis_server_start();
    struct process *process =
        start(redis, "REELQ_LISTEN=127.0.0.1:0", "REELQ_ADMIN_LISTEN=127.0.0.1:0");
    const char *address = process_address(process, "public");
    const char *admin = process_address(process, "admin");
    struct buffer answer = BUFFER(RAW_HTTP_MAX);

    cr_expect(process_wait_log(process, "secret-agreed", 1, PATIENCE_MS));
    int begun = raw_http_send(address, "GET /x HTTP/1.1\r\nHost:");
    for (uint64_t open = 0; open == 0;) { // until it has been accepted
        cr_assert_eq(raw_http_get(admin, "/metrics", &answer), 200);
        const char *line = strstr(raw_http_body(&answer), "\nreelq_http_connections ");
        open = strtoull(line + strlen("\nreelq_http_connections "), NULL, 10);
    }
    process_signal(process, SIGTERM);
    cr_expect(process_wait_log(process, "draining", 1, PATIENCE_MS));
    cr_expect_eq(raw_http_get(admin, "/readyz", &answer), 503);
    cr_expect_not_null(strstr(raw_http_body(&answer), "listener: draining\n"));
    cr_expect_eq(raw_http_get(admin, "/livez", &answer), 200);
    int64_t begin = clock_monotonic_ms();
    raw_http_receive(begun, &answer); // the rest never comes: the deadline of the head ends it
    cr_expect_eq(raw_http_status(&answer), 408, "%s", buffer_text(&answer));
    cr_expect_eq(process_wait(process), 0, "%s", process_log(process));
    cr_expect_lt(clock_monotonic_ms() - begin, 10000);
    buffer_clear(&answer);
    process_free(process);
    redis_server_stop(redis);
}
