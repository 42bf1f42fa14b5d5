/* reelq submit and wait: with the real pipeline, and against a Redis on which the test itself plays
 * the pipeline. */
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

static long long subscribers(void)
{
    struct redisReply *reply = redis_server_command(site.redis, "PUBSUB NUMSUB reelq:failed");
    long long count = reply->element[1]->integer;

    freeReplyObject(reply);
    return count;
}

/* Until the program listens, or does not any more. */
static void await_subscribers(long long count)
{
    int64_t end = clock_monotonic_ms() + PIPELINE_WAIT_MS;

    while (subscribers() != count)
        cr_assert_lt(clock_monotonic_ms(), end, "nobody listens");
}

/* --- the real pipeline ------------------------------------------------------------------------ */

static void start_pipeline(bool users)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.users = users});
    site = (struct cli_site){.redis = pipeline.redis};
}

static void stop_pipeline(void)
{
    cli_clear(&site);
    pipeline_stop(&pipeline);
}

Test(submit, a_batch_and_waits_for_it)
{
    start_pipeline(false);
    cr_expect_eq(cli_run(&site, "submit --batch b --index none --wait https://e.com/1.mp4 "
                                "https://e.com/2.mp4 https://e.com/missing.mp4"),
                 3);
    cli_has(&site, "Submitted 3 tasks of batch b\n  b.1\n  b.2\n  b.3\n");
    cli_has(&site, "b.3     upload  Download failed.  Verify the URL and its permissions.\n");
    cli_has(&site, "2 ready, 1 failed, in ");
    (void)pipeline_await(&pipeline, "batch", "b");
    cr_expect_eq(cli_run(&site, "wait b.1 b.2"), 0);
    cli_has(&site, "2 ready, 0 failed, in 0s");
    cr_expect_eq(cli_run(&site, "wait b.1 b.3"), 3);
    cli_has(&site, "Download failed.");
    stop_pipeline();
}

Test(submit, the_same_again_submits_nothing_twice)
{
    start_pipeline(false);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(cli_run(&site, "submit --batch b --index none --wait https://e.com/1.mp4"), 0);
    cr_expect_eq(pipeline_paid(&pipeline, "upload", NULL), 1);
    cr_expect_eq(cli_run(&site, "submit --batch b --index none --wait https://e.com/1.mp4 "
                                "https://e.com/2.mp4"),
                 0);
    cr_expect_eq(cli_run(&site, "$REELQ submit --batch b https://e.com/other.mp4 2>&1"), 2);
    cli_has(&site, "submit: b.1 is there already, of https://e.com/1.mp4, and would not be run: "
                   "give ids of your own (JSON or CSV), or take another batch; nothing was "
                   "submitted\n");
    stop_pipeline();
}

Test(submit, options_that_only_waiting_has, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "$REELQ submit --timeout 1s https://e.com/1.mp4 2>&1"), 2);
    cli_has(&site, "submit: --timeout and --interval need --wait; nothing was submitted\n");
    cr_expect_eq(redis_server_integer(site.redis, "EXISTS reelq:tasks"), 0);
}

Test(wait, is_for_tasks, .init = start, .fini = stop)
{
    cli_redis(&site, "HSET reelq:batch:b total 3");
    cr_expect_eq(cli_run(&site, "$REELQ wait b 2>&1"), 2);
    cli_has(&site, "wait: b is a batch, not a task: name its tasks, or submit with --wait\n");
}

Test(submit, with_the_rights_of_a_submitter)
{
    start_pipeline(true);
    site.user = REDIS_USERS_SUBMITTER;
    cr_expect_eq(cli_run(&site, "submit --index none --wait --json https://e.com/1.mp4 "
                                "https://e.com/2.mp4"),
                 0);
    cli_has(&site, "{\"event\":\"submitted\",\"count\":2,\"batch\":null,\"ids\":[\"t-");
    cli_has(&site, "{\"event\":\"ready\",\"id\":\"t-");
    cli_has(&site, "{\"event\":\"end\",\"total\":2,\"ready\":2,\"failed\":0,\"ms\":");
    site.user = REDIS_USERS_OBSERVER;
    cr_expect_eq(cli_run(&site, "submit https://e.com/1.mp4"), 1);
    cli_says(&site, "Redis refuses the user reelq-observer");
    stop_pipeline();
}

/* --- what is pushed --------------------------------------------------------------------------- */

static const char *item(long long n)
{
    static char text[512];
    struct redisReply *reply = redis_server_command(site.redis, "LINDEX reelq:tasks %lld", n);

    (void)snprintf(text, sizeof(text), "%s", reply->str != NULL ? reply->str : "");
    freeReplyObject(reply);
    return text;
}

Test(submit, from_files_and_standard_input, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "f=$(mktemp); printf 'url,id\\nhttps://e.com/1,one\\n' >\"$f\"; "
                                "echo https://e.com/3 | $REELQ submit \"$f\" "
                                "'https://e.com/2' -; s=$?; rm \"$f\"; exit $s"),
                 0);
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:tasks"), 3);
    cr_expect_str_eq(item(-1), "{\"url\":\"https://e.com/1\",\"id\":\"one\"}");
    cr_expect_not_null(strstr(item(-2), "\"url\":\"https://e.com/2\""));
    cr_expect_not_null(strstr(item(-3), "\"url\":\"https://e.com/3\""));
}

Test(submit, many, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "seq -f 'https://e.com/%%g' 5000 | $REELQ submit --batch b"), 0);
    cli_has(&site, "Submitted 5000 tasks of batch b\n  b.1\n");
    cli_has(&site, "  ... and 4990 more\n");
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:tasks"), 5000);
    cr_expect_not_null(strstr(item(-1), "\"id\":\"b.1\",\"batch\":\"b\",\"batch_size\":5000,"));
    cr_expect_not_null(strstr(item(0), "\"id\":\"b.5000\""));
}

Test(submit, dry_run_prints_what_would_be_pushed, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "submit --dry-run --batch b --batch-size 9 https://e.com/1"), 0);
    cr_expect_str_eq(cli_output(&site), "{\"id\":\"b.1\",\"batch\":\"b\",\"batch_size\":9,"
                                        "\"url\":\"https://e.com/1\"}\n");
    cr_expect_eq(redis_server_integer(site.redis, "EXISTS reelq:tasks"), 0);
}

Test(submit, nothing_is_pushed_when_one_is_wrong, .init = start, .fini = stop)
{
    static const struct {
        const char *command, *log;
    } mistakes[] = {
        {"submit https://e.com/1 ftp://e.com/2", "submit: url ftp://e.com/2: must start with http"},
        {"submit /nowhere/list", "submit: /nowhere/list: No such file or directory (a URL begins"},
        {"submit /", "submit: /: Is a directory"},
        {"submit --batch 'a b' https://e.com/1", "--batch a b: expected 1 to 128 letters"},
        {"submit --batch-size 2 https://e.com/1", "--batch-size needs --batch"},
        {"submit --batch b --batch-size 0 https://e.com/1", "expected a number, at least 1"},
        {"submit --index words https://e.com/1", "--index words: expected spoken_words, scenes"},
        {"submit --wait --timeout soon https://e.com/1", "--timeout soon: expected a duration"},
        {"submit --batch", "--batch: its ID is missing"},
        {"$REELQ submit </dev/null", "there is no task in what was given"},
        {"script -qec '$REELQ submit' /dev/null", ""},
        {"wait", "ID... is missing"},
        {"wait 'a b'", "a b is no task id"},
    };

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        cr_expect_eq(cli_run(&site, "%s", mistakes[i].command), 2, "%s", mistakes[i].command);
        cli_says(&site, mistakes[i].log);
    }
    cr_expect_eq(redis_server_integer(site.redis, "EXISTS reelq:tasks"), 0);
}

Test(submit, says_how_far_it_came_when_redis_is_full)
{
    static const char *const options[] = {"--maxmemory", "3mb", NULL};

    site = (struct cli_site){.redis = redis_server_start_with(options)};
    cr_expect_eq(cli_run(&site, "seq -f 'https://e.com/%%g' 50000 | $REELQ submit"), 1);
    cli_says(&site, " of 50000 were pushed, the rest was not");
    cli_says(&site, "OOM command not allowed");
    stop();
}

/* --- waiting ---------------------------------------------------------------------------------- */

Test(wait, for_what_is_said, .init = start, .fini = stop)
{
    struct process *waiting = cli_start(&site, "wait --json a b");

    await_subscribers(1);
    cli_redis(&site, "PUBLISH reelq:ready {\"event\":\"ready\",\"id\":\"other\"}");
    cli_redis(&site, "PUBLISH reelq:ready {\"event\":\"ready\",\"id\":\"a\"}");
    cli_redis(&site, "PUBLISH reelq:ready broken");
    cli_redis(&site, "PUBLISH reelq:failed {\"event\":\"failed\",\"id\":\"b\"}");
    cr_expect_eq(process_wait(waiting), 3);
    const char *said = process_output(waiting);
    cr_expect_eq(strstr(said,
                        "{\"event\":\"ready\",\"id\":\"a\"}\n{\"event\":\"failed\",\"id\":\"b\"}\n"
                        "{\"event\":\"end\",\"total\":2,\"ready\":1,\"failed\":1,\"ms\":"),
                 said, "%s", said);
    process_free(waiting);
}

/* What is published while Redis, or the connection, is away is heard by nobody. */
Test(wait, looks_into_the_records_for_what_it_missed, .init = start, .fini = stop)
{
    struct process *waiting = cli_start(&site, "wait a");

    await_subscribers(1);
    cli_redis(&site, "CLIENT KILL TYPE pubsub");
    cr_expect(process_wait_log(waiting, "Redis is back", 1, PIPELINE_WAIT_MS));
    cli_redis(&site, "HSET reelq:task:a state ready");
    cr_expect_eq(process_wait(waiting), 0);
    process_free(waiting);
}

Test(wait, survives_a_restart_of_redis, .init = start, .fini = stop)
{
    struct process *waiting = cli_start(&site, "wait --interval 50ms a");

    /* Before it knows that it listens, a Redis that goes is an error. */
    cli_await_output(waiting, "0/1");
    redis_server_restart(site.redis);
    await_subscribers(1);
    cli_redis(&site, "PUBLISH reelq:ready {\"event\":\"ready\",\"id\":\"a\"}");
    cr_expect_eq(process_wait(waiting), 0);
    process_free(waiting);
}

/* A failed task that is submitted again has the record of the run before until a worker takes it.
 */
Test(wait, submit_does_not_take_an_old_failure_for_its_own, .init = start, .fini = stop)
{
    cli_redis(&site, "HSET reelq:task:b.1 state failed failed_at 1000 failure \"error\":\"old\"");
    struct process *waiting = cli_start(&site, "submit --batch b --wait https://e.com/1");

    await_subscribers(1);
    cr_expect_not(process_wait_log(waiting, "never", 1, 500));
    cr_expect_not(process_ended(waiting));
    cli_redis(&site, "HSET reelq:task:b.1 state ready");
    cr_expect_eq(process_wait(waiting), 0);
    process_free(waiting);
    cli_redis(&site, "HSET reelq:task:b.1 state failed");
    cr_expect_eq(cli_run(&site, "wait b.1"), 3);
    cli_has(&site, "old");
}

/* What it is about to ask must not end it, if the connection has gone: here only that for commands.
 */
Test(wait, survives_the_loss_of_one_connection, .init = start, .fini = stop)
{
    struct process *waiting = cli_start(&site, "wait --interval 50ms a");

    await_subscribers(1);
    cli_redis(&site, "CLIENT KILL TYPE normal SKIPME yes");
    cr_expect(process_wait_log(waiting, "Redis is back", 1, PIPELINE_WAIT_MS));
    cli_redis(&site, "PUBLISH reelq:ready {\"event\":\"ready\",\"id\":\"a\"}");
    cr_expect_eq(process_wait(waiting), 0);
    process_free(waiting);
}

Test(wait, ends_with_its_reader, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "timeout 10 $REELQ wait --interval 50ms a | head -n 1; exit 0"), 0);
    cli_has(&site, "0/1");
}

Test(wait, gives_up_after_the_timeout, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "wait --timeout 300ms --interval 100ms a b"), 5);
    cli_has(&site, "[........................] 0/2  ready 0  failed 0  in flight 2  waiting 0\n");
    cli_has(&site, "0 ready, 0 failed, 2 still under way, in 0s");
    cli_has_not(&site, "\r");
}

Test(wait, ends_cleanly_with_ctrl_c, .init = start, .fini = stop)
{
    struct process *waiting = cli_start(&site, "wait a b c");

    await_subscribers(1);
    cli_redis(&site, "PUBLISH reelq:ready {\"event\":\"ready\",\"id\":\"a\"}");
    process_signal(waiting, SIGINT);
    cr_expect_eq(process_wait(waiting), 130);
    cr_expect_not_null(strstr(process_output(waiting), "still under way"));
    process_free(waiting);
}

Test(wait, draws_a_bar_on_a_terminal, .init = start, .fini = stop)
{
    cli_redis(&site, "HSET reelq:task:a state ready");
    cr_expect_eq(cli_run(&site,
                         "NO_COLOR=1 script -qec 'stty cols 200; $REELQ wait --timeout 900ms a b' "
                         "/dev/null </dev/null"),
                 5);
    cli_has(&site,
            "\r[############............] 1/2  ready 1  failed 0  in flight 1  waiting 0\x1b[K");
    cli_has_not(&site, "/s"); /* what had ended before is no sign of how fast it goes */
    cli_has(&site, "\r\x1b[K1 ready, 0 failed, 1 still under way");
}
