/* reelq show, dead, events, pause, resume. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli_site.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/redis_users.h"

static struct pipeline pipeline;
static struct cli_site site;

static void start(void)
{
    site = (struct cli_site){.redis = redis_server_start()};
}

static void stop(void)
{
    cli_clear(&site);
    redis_server_stop(site.redis);
}

static void start_pipeline(const char *user)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.users = user != NULL});
    site = (struct cli_site){.redis = pipeline.redis, .user = user};
}

static void stop_pipeline(void)
{
    cli_clear(&site);
    pipeline_stop(&pipeline);
}

/* --- show ------------------------------------------------------------------------------------- */

Test(show, a_task_as_a_time_line)
{
    start_pipeline(REDIS_USERS_OBSERVER);
    pipeline_submit(&pipeline, "{\"id\":\"my\",\"url\":\"https://e.com/a.mp4\",\"batch\":\"b\","
                               "\"index\":[\"spoken_words\"],\"meta\":{\"n\":1.0}}");
    pipeline_submit(&pipeline, "{\"id\":\"my2\",\"url\":\"https://e.com/missing.mp4\"}");
    (void)pipeline_await(&pipeline, "ready", "my");
    (void)pipeline_await(&pipeline, "failed", "my2");
    cr_expect_eq(cli_run(&site, "show my"), 0);
    cli_has(&site, "  state       ready, attempt 1 of 3\n");
    cli_has(&site, "  url         https://e.com/a.mp4\n  batch       b\n"
                   "  meta        {\"n\":1.0}\n  video       m-z-");
    cli_has(&site, "  accepted      attempt 1\n");
    cli_has(&site, "  uploaded      m-z-");
    cli_has(&site, "  indexed       my/spoken_words\n");
    cli_has(&site, "  ready         m-z-");
    cli_has_not(&site, "my2");
    cr_expect_eq(cli_run(&site, "show my2"), 0);
    cli_has(&site, "  error       Download failed.\n");
    cr_expect_eq(cli_run(&site, "$REELQ show my --json | python3 -m json.tool --compact"), 0);
    cli_has(&site, "{\"id\":\"my\",\"record\":{");
    cli_has(&site, "\"events\":[{\"event\":\"accepted\",\"id\":\"my\",\"attempt\":1,");
    stop_pipeline();
}

Test(show, what_comes_next, .init = start, .fini = stop)
{
    cli_redis(&site, "HSET reelq:task:a state awaiting why callback attempt 1 max_attempts 3");
    cli_redis(&site, "ZADD reelq:awaiting %lld a", (long long)clock_wall_ms() + 90900);
    cr_expect_eq(cli_run(&site, "show a"), 0);
    cli_has(&site, "  state       awaiting (callback), attempt 1 of 3\n");
    cli_has(&site, "  next        VideoDB is asked in 1m 30s\n");
}

Test(show, nobody, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "show nobody"), 4);
    cli_says(&site, "there is no task nobody: it still waits in the queue, was never submitted");
    cr_expect_eq(cli_run(&site, "show"), 2);
    cr_expect_eq(cli_run(&site, "show a b"), 2);
}

/* The steps are found behind more than a page of others'. */
Test(show, looks_through_a_long_stream, .init = start, .fini = stop)
{
    cli_redis(&site, "HSET reelq:task:a state running submitted_at 1");
    freeReplyObject(redis_server_command(
        site.redis, "EVAL %s 0",
        "for i = 1, 2500 do redis.call('XADD', 'reelq:events', '*', 'event', 'retry', 'id', 'b', "
        "'json', '{}') end redis.call('XADD', 'reelq:events', '*', 'event', 'retry', 'id', 'a', "
        "'json', '{\"error\":\"why\"}')"));
    cr_expect_eq(cli_run(&site, "show a"), 0);
    cli_has(&site, "  retry         why\n");
}

/* --- dead ------------------------------------------------------------------------------------- */

static void bury(const char *id, long long at, const char *error)
{
    struct redisReply *reply = redis_server_command(
        site.redis, "HSET reelq:task:%s state failed failed_at %lld about %s failure %s", id, at,
        "\"url\":\"https://e.com/x\"", error);

    freeReplyObject(reply);
    cli_redis(&site, "ZADD reelq:dead %lld %s", at, id);
}

static void bury_three(void)
{
    bury("one", 1767348000000, "\"stage\":\"upload\",\"error\":\"Download failed.\"");
    bury("two", 1767348001000,
         "\"stage\":\"upload\",\"error\":\"Crash loop\",\"action\":\"Look.\"");
    bury("three", 1767348002000, "\"stage\":\"upload\",\"error\":\"Download failed.\"");
    cli_redis(&site, "ZADD reelq:dead 1 expired");
}

Test(dead, is_listed_with_the_errors_counted, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "dead"), 0);
    cli_has(&site, "No task has failed\n");
    bury_three();
    cr_expect_eq(cli_run(&site, "dead"), 0);
    cli_has(&site, "  2026-01-02 10:00:02  three  upload  Download failed.  -\n"
                   "  2026-01-02 10:00:01  two    upload  Crash loop        Look.\n"
                   "  2026-01-02 10:00:00  one    upload  Download failed.  -\n");
    cli_has(&site, "      2  Download failed.\n      1  Crash loop\n");
    cli_has_not(&site, "expired");
    cr_expect_eq(cli_run(&site, "dead list --count 1 --error DOWNLOAD"), 0);
    cli_has(&site, "three");
    cli_has(&site, "  ... and 1 more\n");
    cli_has_not(&site, "two");
    cr_expect_eq(cli_run(&site, "dead --json --error crash"), 0);
    cr_expect_str_eq(cli_output(&site),
                     "{\"id\":\"two\",\"failed_at\":1767348001000,\"stage\":\"upload\",\"error\":"
                     "\"Crash loop\",\"action\":\"Look.\",\"url\":\"https://e.com/x\"}\n");
    cr_expect_eq(cli_run(&site, "dead show two"), 0);
    cli_has(&site, "  error       Crash loop\n");
}

static void expect_pushed(const char *ids)
{
    struct redisReply *reply = redis_server_command(site.redis, "LRANGE reelq:tasks 0 -1");
    char pushed[256] = "";

    for (size_t i = reply->elements; i > 0; i--) {
        strncat(pushed, reply->element[i - 1]->str, sizeof(pushed) - strlen(pushed) - 2);
        strncat(pushed, " ", sizeof(pushed) - strlen(pushed) - 1);
    }
    cr_expect_str_eq(pushed, ids);
    freeReplyObject(reply);
    cli_redis(&site, "DEL reelq:tasks");
}

Test(dead, is_retried_by_id_and_by_error, .init = start, .fini = stop)
{
    bury_three();
    cr_expect_eq(cli_run(&site, "dead retry one two"), 0);
    cli_has(&site, "2 tasks to be run again\n");
    expect_pushed("one two ");
    cr_expect_eq(cli_run(&site, "dead retry --error 'download failed'"), 0);
    expect_pushed("three one ");
    cr_expect_eq(cli_run(&site, "dead retry --all --json"), 0);
    cli_has(&site, "{\"retried\":3}\n");
    expect_pushed("three two one ");
}

Test(dead, mistakes_push_nothing, .init = start, .fini = stop)
{
    bury_three();
    cli_redis(&site, "HSET reelq:task:done state ready");
    cr_expect_eq(cli_run(&site, "dead retry one done"), 2);
    cli_says(&site, "done is ready, not failed; nothing was retried");
    cr_expect_eq(cli_run(&site, "dead retry one nobody"), 4);
    cli_says(&site, "there is no task nobody; nothing was retried");
    cr_expect_eq(cli_run(&site, "dead retry"), 2);
    cr_expect_eq(cli_run(&site, "dead retry --all one"), 2);
    cr_expect_eq(cli_run(&site, "dead retry one/scenes"), 2);
    cr_expect_eq(cli_run(&site, "dead bury"), 2);
    cli_says(&site, "dead bury: expected list, show ID or retry ID...");
    expect_pushed("");
}

Test(dead, is_run_again_by_an_operator)
{
    start_pipeline(REDIS_USERS_OPERATOR);
    pipeline_faults(&pipeline, "upload:418=x1");
    pipeline_submit(&pipeline, "{\"id\":\"f\",\"url\":\"https://e.com/a.mp4\",\"index\":[]}");
    (void)pipeline_await(&pipeline, "failed", "f");
    cr_expect_eq(cli_run(&site, "dead retry --all"), 0);
    (void)pipeline_await(&pipeline, "ready", "f");
    stop_pipeline();
}

/* --- events ----------------------------------------------------------------------------------- */

static void say(const char *event, const char *id)
{
    freeReplyObject(redis_server_command(site.redis, "XADD reelq:events * event %s id %s json %s",
                                         event, id, "{\"attempt\":1,\"error\":\"why\"}"));
}

Test(events, the_last_ones, .init = start, .fini = stop)
{
    say("accepted", "a");
    say("retry", "b");
    say("indexed", "a/scenes");
    cr_expect_eq(cli_run(&site, "events"), 0);
    cli_has(&site, "  accepted      a  attempt 1  why\n");
    cli_has(&site, "  retry         b  attempt 1  why\n");
    cr_expect_eq(cli_run(&site, "events --id a"), 0);
    cli_has(&site, "a/scenes");
    cli_has_not(&site, "retry");
    cr_expect_eq(cli_run(&site, "events --count 1 --json"), 0);
    cr_expect_str_eq(cli_output(&site), "{\"attempt\":1,\"error\":\"why\"}\n");
    cli_redis(&site, "XADD reelq:events * event foreign id a");
    cr_expect_eq(cli_run(&site, "events --count 1 --json"), 0);
    cr_expect_str_eq(cli_output(&site), "");
}

Test(events, say_when_they_cannot_be_printed, .init = start, .fini = stop)
{
    say("accepted", "a");
    cr_expect_eq(cli_run(&site, "$REELQ status 2>&1 >/dev/full"), 1);
    cli_has(&site, "reelq: standard output: No space left on device\n");
    cr_expect_eq(cli_run(&site, "$REELQ events --follow 2>&1 >/dev/full"), 1);
    cli_has(&site, "reelq: standard output: No space left on device\n");
}

Test(events, are_followed_over_a_restart_until_ctrl_c)
{
    static const char *const options[] = {"--appendonly", "yes", "--appendfsync", "always", NULL};

    site = (struct cli_site){.redis = redis_server_start_with(options)};
    say("retry", "before");
    struct process *events = cli_start(&site, "events --follow");
    cli_await_output(events, "before");
    say("retry", "then");
    cli_await_output(events, "then");
    redis_server_restart(site.redis);
    say("retry", "later");
    cli_await_output(events, "later");
    cr_expect_not_null(strstr(process_log(events), "Redis is back"));
    process_signal(events, SIGINT);
    cr_expect_eq(process_wait(events), 130);
    process_free(events);
    stop();
}

/* --- pause ------------------------------------------------------------------------------------ */

Test(pause, holds_the_workers_until_resume)
{
    start_pipeline(REDIS_USERS_OPERATOR);
    cr_expect_eq(cli_run(&site, "pause"), 0);
    cli_has(&site, "Paused: no worker takes tasks, until reelq resume\n");
    cr_expect_eq(cli_run(&site, "submit --batch b --index none --wait --timeout 700ms "
                                "https://e.com/a.mp4"),
                 5);
    cr_expect_eq(cli_run(&site, "status"), 0);
    cli_has(&site, "paused: no worker takes tasks; reelq resume ends it");
    cr_expect_eq(cli_run(&site, "resume"), 0);
    cli_has(&site, "Resumed: the workers go on within 5 s\n");
    cr_expect_eq(cli_run(&site, "wait --timeout 15s b.1"), 0);
    cr_expect_eq(cli_run(&site, "resume"), 0);
    cli_has(&site, "There was no pause\n");
    stop_pipeline();
}

Test(pause, for_a_time, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "pause --for 30s --json"), 0);
    cli_has(&site, "{\"paused_until\":");
    long long ttl = redis_server_integer(site.redis, "PTTL reelq:pause");
    cr_expect(ttl > 20000 && ttl <= 30000, "%lld", ttl);
    cr_expect_eq(cli_run(&site, "pause --for 0"), 2);
    cr_expect_eq(cli_run(&site, "$REELQ pause --for 99999d 2>&1"), 2);
    cli_has(&site, "pause: --for 99999d: expected");
    cr_expect_eq(cli_run(&site, "resume --json"), 0);
    cli_has(&site, "{\"paused_until\":0}\n");
}

Test(pause, is_not_for_observers)
{
    site =
        (struct cli_site){.redis = redis_users_start("reelq:", NULL), .user = REDIS_USERS_OBSERVER};
    cr_expect_eq(cli_run(&site, "pause"), 1);
    cli_says(&site, "Redis refuses the user reelq-observer");
    stop();
}
