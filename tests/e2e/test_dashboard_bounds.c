/* The dashboard: what it asks of Redis stays within bounds, whoever looks, and what goes wrong
 * there is told as what it is. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "e2e/page.h"
#include "e2e/pipeline_sandbox.h"
#include "support/raw_http.h"

static struct pipeline pipeline;
static struct page page;

static const char *admin(void)
{
    return page_address(pipeline.webhook);
}

static void start(void)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .idle = true, .webhook = LIST("REELQ_ADMIN_TOKEN=" PAGE_TOKEN)});
    page_open(&page, admin());
    (void)page_await(&page, "summary", "\"redis\":true");
}

static void stop(void)
{
    page_close(&page);
    pipeline_stop(&pipeline);
}

static void command(const char *text)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, text);

    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
    freeReplyObject(reply);
}

/* Each look asks for the time, and nobody else does. */
static long long looks(void)
{
    static const char mark[] = "cmdstat_time:calls=";
    struct redisReply *reply = redis_server_command(pipeline.redis, "INFO commandstats");
    const char *at = strstr(reply->str, mark);
    long long count = at != NULL ? strtoll(at + strlen(mark), NULL, 10) : 0;

    freeReplyObject(reply);
    return count;
}

Test(dashboard_bounds, looks_once_a_second_whoever_comes_and_goes, .init = start, .fini = stop)
{
    enum { SECONDS = 3 };
    long long before = looks();
    int comers = 0;

    for (int64_t end = clock_monotonic_ms() + SECONDS * INT64_C(1000);
         clock_monotonic_ms() < end;) {
        char head[512];
        int fd = raw_http_send(admin(), "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        comers += recv(fd, head, sizeof(head), 0) > 0;
        (void)close(fd);
    }
    cr_expect_gt(comers, 4 * SECONDS);
    cr_expect_leq(looks() - before, SECONDS + 2);
}

/* An item that is next in line may be too long to come in time, whenever it is asked for. */
Test(dashboard_bounds, does_without_what_may_have_cost_it_an_answer, .init = start, .fini = stop)
{
    command("LPUSH reelq:tasks {\"url\":\"https://e.com/a.mp4\"}");
    (void)page_await(&page, "summary", "\"next_task_age_ms\":1");
    command("CLIENT PAUSE 3000");
    (void)page_await(&page, "summary", "\"redis\":false");
    pipeline_has("again", page_await(&page, "summary", "\"redis\":true"),
                 "\"next_task_age_ms\":0}");
    pipeline_has("again", page_await(&page, "summary", "\"redis\":true"),
                 "\"next_task_age_ms\":0}");
    command("DEL reelq:tasks");
}

static int status_of(int fd)
{
    char head[16] = "";

    cr_assert_eq(recv(fd, head, sizeof(head) - 1, MSG_WAITALL), (ssize_t)sizeof(head) - 1);
    (void)close(fd);
    return (int)strtol(head + strlen("HTTP/1.1 "), NULL, 10);
}

Test(dashboard_bounds, reads_few_tasks_at_once, .init = start, .fini = stop)
{
    enum { ALL = 6, AT_ONCE = 4 };
    int fds[ALL], busy = 0, missing = 0;

    command("CLIENT PAUSE 1000");
    for (int i = 0; i < ALL; i++)
        fds[i] = raw_http_send(admin(), "GET /api/task?id=x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (int i = 0; i < ALL; i++) {
        int status = status_of(fds[i]);
        busy += status == 503;
        missing += status == 404;
    }
    cr_expect_eq(missing, AT_ONCE);
    cr_expect_eq(busy, ALL - AT_ONCE);
    cr_expect_eq(page_get(admin(), "/api/task?id=x", "", &pipeline.answer), 404);
}

Test(dashboard_bounds, a_full_redis_is_no_missing_right, .init = start, .fini = stop)
{
    command("ZADD reelq:dead 1 f");
    command("CONFIG SET maxmemory 1");
    cr_expect_eq(page_change(admin(), "/api/retry", "{\"id\":\"f\"}", &pipeline.answer), 503);
    pipeline_has("answer", buffer_text(&pipeline.answer), "OOM");
    command("CONFIG SET maxmemory 0");
    command("DEL reelq:dead");
}
