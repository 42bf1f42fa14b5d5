/* The dashboard: what one sees there, and what can be done. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/page.h"
#include "e2e/pipeline_sandbox.h"

#define TOKEN LIST("REELQ_ADMIN_TOKEN=another-token-of-old, " PAGE_TOKEN)

static struct pipeline pipeline;
static struct page page;

static const char *admin(void)
{
    return page_address(pipeline.webhook);
}

static void open_page(const struct pipeline_options *options)
{
    pipeline_start(&pipeline, options);
    page_open(&page, admin());
}

static void close_page(void)
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

static void script(const char *text)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, "EVAL %s 0", text);

    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
    freeReplyObject(reply);
}

/* --- what one sees ---------------------------------------------------------------------------- */

static void submit_batch(void)
{
    static const char *const names[] = {"a", "b", "missing"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        pipeline_submit(&pipeline,
                        "{\"id\":\"%s\",\"url\":\"https://e.com/%s.mp4\",\"index\":[],"
                        "\"batch\":\"films\",\"batch_size\":3,\"max_attempts\":1}",
                        names[i], names[i]);
}

Test(dashboard, shows_a_batch_from_its_tasks_to_its_end)
{
    open_page(&(struct pipeline_options){.idle = true});
    pipeline_has("at first", page_await(&page, "summary", "\"redis\":true"),
                 "\"writable\":false,\"now\":1");
    cr_expect_str_eq(page_await(&page, "workers", ""), "[]");
    cr_expect_str_eq(page_await(&page, "batches", ""), "[]");
    cr_expect_str_eq(page_await(&page, "in_flight", ""), "[]");
    cr_expect_str_eq(page_await(&page, "failed", ""), "[]");
    submit_batch();
    (void)page_await(&page, "summary", "\"tasks\":3,");
    (void)page_await(&page, "summary", "\"next_task_age_ms\":1");
    (void)pipeline_worker(&pipeline);
    (void)pipeline_await(&pipeline, "batch", "films");
    (void)page_await(&page, "batches",
                     "{\"id\":\"films\",\"total\":3,\"size\":3,\"ready\":2,\"failed\":1,");
    pipeline_has(
        "failed", page_await(&page, "failed", "\"id\":\"missing\""),
        "\"stage\":\"upload\",\"error\":\"Download failed.\",\"action\":\"Verify the URL and "
        "its permissions.\",\"attempts\":1,\"batch\":\"films\"}");
    const char *worker = page_await(&page, "workers", "\"ready\":2,\"failed\":1,");
    pipeline_has("worker", worker, "\"state\":\"up\",\"running\":0,\"concurrency\":16,\"memory\":");
    cr_expect_null(strstr(worker, "\"memory\":0"));
    (void)page_await(&page, "summary", "\"ready\":2,\"failed\":1,");
    close_page();
}

Test(dashboard, shows_what_is_in_flight_those_first_whose_turn_is_next)
{
    open_page(&(struct pipeline_options){.idle = true});
    (void)page_await(&page, "in_flight", "[]");
    command("HSET reelq:task:w kind upload attempt 2 submitted_at 5000 batch b about "
            "\"url\":\"https://e.com/w.mp4\"");
    command("HSET reelq:task:x/scenes kind index attempt 1 submitted_at 4000 video_id m-7");
    command("ZADD reelq:awaiting 20 w");
    command("ZADD reelq:delayed 10 x/scenes");
    const char *rows = page_await(&page, "in_flight", "x/scenes");
    pipeline_has("rows", rows,
                 "[{\"id\":\"x/scenes\",\"kind\":\"index\",\"state\":\"delayed\",\"url\":null,"
                 "\"video_id\":\"m-7\",\"since\":4000,\"due\":10,\"attempt\":1,\"batch\":null},"
                 "{\"id\":\"w\",\"kind\":\"upload\",\"state\":\"awaiting\","
                 "\"url\":\"https://e.com/w.mp4\",\"video_id\":null,\"since\":5000,\"due\":20,"
                 "\"attempt\":2,\"batch\":\"b\"}]");
    pipeline_has("summary", page_await(&page, "summary", "\"awaiting\":1,\"delayed\":1,"),
                 "\"oldest\":{\"id\":\"x/scenes\",\"since\":4000}");
    command("DEL reelq:awaiting reelq:delayed");
    (void)page_await(&page, "in_flight", "[]");
    close_page();
}

/* Ids and errors come from strangers: they stay text, and short; and there may be many. */
Test(dashboard, shows_a_hundred_rows_of_five_hundred_whatever_is_in_them)
{
    size_t count = 0;

    open_page(&(struct pipeline_options){.idle = true});
    (void)page_await(&page, "failed", "[]");
    script("for i = 1, 500 do\n"
           "local id = 't' .. i .. '</script>\\n\\ndata: \\1\\255'\n"
           "redis.call('ZADD', 'reelq:dead', i, id)\n"
           "redis.call('HSET', 'reelq:task:' .. id, 'failure', "
           "'\"stage\":\"upload\",\"error\":\"<b>' ..\n"
           "string.rep('\\195\\164', 20000) .. '\"', 'attempt', 'x')\n"
           "redis.call('ZADD', 'reelq:batches', i, 'b' .. i)\n"
           "redis.call('HSET', 'reelq:batch:b' .. i, 'members', 1)\n"
           "redis.call('ZADD', 'reelq:awaiting', i, 'b' .. i) end\n"
           "redis.call('SET', 'reelq:task:odd', '') redis.call('ZADD', 'reelq:dead', 450, 'odd')");
    const char *rows = page_await(&page, "failed", "t500<");
    for (const char *at = strstr(rows, "\"id\":"); at != NULL; at = strstr(at + 1, "\"id\":"))
        count++;
    cr_expect_eq(count, 100, "%zu rows", count);
    cr_expect_lt(strlen(rows), 100000);
    pipeline_has("row", rows,
                 "[{\"id\":\"t500</script>\\n\\ndata: \\u0001\xef\xbf\xbd\",\"at\":500,");
    pipeline_has("row", rows, "\xc3\xa4\",\"action\":null,\"attempts\":0,");
    pipeline_has("no record", rows, "{\"id\":\"odd\",\"at\":450,\"stage\":null,");
    (void)page_await(&page, "summary", "\"dead\":501}");
    command("DEL reelq:awaiting");
    close_page();
}

Test(dashboard, says_that_redis_is_away_and_goes_on)
{
    open_page(&(struct pipeline_options){.idle = true, .restarts = true});
    (void)page_await(&page, "failed", "[]");
    redis_server_kill(pipeline.redis);
    pipeline_has("away", page_await(&page, "summary", "\"redis\":false"),
                 "\"redis_error\":\"Redis at unix://");
    struct page late;
    page_open(&late, admin());
    (void)page_await(&late, "summary", "\"redis\":false");
    redis_server_restart(pipeline.redis);
    command("ZADD reelq:dead 1 d");
    (void)page_await(&page, "summary", "\"redis\":true");
    (void)page_await(&page, "failed", "\"id\":\"d\"");
    (void)page_await(&late, "failed", "\"id\":\"d\"");
    page_close(&late);
    close_page();
}

Test(dashboard, says_that_the_api_is_blocked)
{
    open_page(&(struct pipeline_options){.worker = LIST("REELQ_LEASE=600ms")});
    pipeline_faults(&pipeline, "any:401=1");
    submit_batch();
    (void)page_await(&page, "summary",
                     "\"blocked\":\"VideoDB answers 401: Check VIDEO_DB_API_KEY.\"");
    pipeline_faults(&pipeline, "");
    (void)page_await(&page, "summary", "\"blocked\":\"\"");
    (void)pipeline_await(&pipeline, "batch", "films");
    close_page();
}

/* --- what can be done ------------------------------------------------------------------------- */

Test(dashboard, runs_a_failed_task_again)
{
    open_page(&(struct pipeline_options){.webhook = TOKEN});
    pipeline_submit(&pipeline, "{\"id\":\"f\",\"url\":\"https://e.com/download-flaky-1.mp4\","
                               "\"index\":[],\"max_attempts\":1}");
    (void)page_await(&page, "failed", "\"id\":\"f\"");
    cr_expect_eq(page_get(admin(), "/api/task?id=f", "", &pipeline.answer), 200);
    pipeline_has("task", buffer_text(&pipeline.answer), "{\"id\":\"f\",\"record\":{\"");
    pipeline_has("task", buffer_text(&pipeline.answer), "{\"event\":\"accepted\",\"id\":\"f\"");
    pipeline_has("task", buffer_text(&pipeline.answer), "{\"event\":\"failed\",\"id\":\"f\"");
    cr_expect_eq(page_change(admin(), "/api/retry", "{\"id\":\"f\"}", &pipeline.answer), 202);
    pipeline_has("answer", buffer_text(&pipeline.answer), "{\"pushed\":1}");
    (void)pipeline_await(&pipeline, "ready", "f");
    (void)page_await(&page, "failed", "[]");
    cr_expect_eq(page_change(admin(), "/api/retry", "{\"id\":\"f\"}", &pipeline.answer), 409);
    cr_expect_eq(page_change(admin(), "/api/retry", "{\"id\":\"a b\"}", &pipeline.answer), 400);
    cr_expect_eq(page_change(admin(), "/api/retry", "[", &pipeline.answer), 400);
    cr_expect_eq(page_get(admin(), "/api/task?id=nobody", "", &pipeline.answer), 404);
    cr_expect_eq(page_get(admin(), "/api/task?id=%2e%2e%2f*", "", &pipeline.answer), 400);
    close_page();
}

Test(dashboard, pauses_and_resumes)
{
    open_page(&(struct pipeline_options){.webhook = TOKEN});
    cr_expect_eq(page_change(admin(), "/api/pause", "{\"ms\":600000}", &pipeline.answer), 200);
    (void)page_await(&page, "summary", "\"paused_ms\":59");
    pipeline_submit(&pipeline, "{\"id\":\"p\",\"url\":\"https://e.com/p.mp4\",\"index\":[]}");
    (void)page_await(&page, "summary", "\"tasks\":1,");
    (void)page_await(&page, "summary", "\"next_task_age_ms\":2");
    cr_expect_eq(witness_messages(pipeline.witness, NULL, "p"), 0);
    cr_expect_eq(page_change(admin(), "/api/resume", "{}", &pipeline.answer), 200);
    (void)page_await(&page, "summary", "\"paused_ms\":0");
    (void)pipeline_await(&pipeline, "ready", "p");
    for (size_t i = 0; i < 3; i++) {
        static const char *const wrong[] = {"{}", "{\"ms\":0}", "{\"ms\":999999999999999}"};
        cr_expect_eq(page_change(admin(), "/api/pause", wrong[i], &pipeline.answer), 400);
    }
    close_page();
}

/* --- what it costs ---------------------------------------------------------------------------- */

static long long commands(void)
{
    struct redisReply *info = redis_server_command(pipeline.redis, "INFO stats");
    const char *at = strstr(info->str, "total_commands_processed:");
    long long count = strtoll(at + strlen("total_commands_processed:"), NULL, 10);

    freeReplyObject(info);
    return count;
}

/* To see that something does not happen. */
static void pass(int64_t ms)
{
    (void)process_wait_log(pipeline.webhook, "there is no such line", 1, ms);
}

/* One look for all, and none when nobody watches. */
Test(dashboard, looks_once_for_all_and_not_for_nobody)
{
    enum { WATCHERS = 32 };
    struct page pages[WATCHERS];

    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    for (int i = 0; i < WATCHERS; i++)
        page_open(&pages[i], admin());
    for (int i = 0; i < WATCHERS; i++)
        (void)page_await(&pages[i], "failed", "[]");
    cr_expect_eq(page_get(admin(), "/events", "", &pipeline.answer), 503, "one too many");
    cr_expect_eq(page_get(admin(), "/livez", "", &pipeline.answer), 200);
    long long before = commands();
    pass(2500);
    long long watched = commands() - before;
    cr_expect(watched > 0 && watched < 150, "%lld commands for three looks", watched);
    for (int i = 0; i < WATCHERS; i++)
        page_close(&pages[i]);
    pass(1500);
    before = commands();
    pass(1500);
    cr_expect_lt(commands() - before, 10, "nobody watches");
    pipeline_stop(&pipeline);
}
