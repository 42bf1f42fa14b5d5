/* reelq top: what it shows, and that the terminal is as before, however it ends. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli_site.h"
#include "cli/pty.h"
#include "e2e/redis_users.h"

static struct cli_site site;
static struct pty pty;

static void start(void)
{
    site = (struct cli_site){.redis = redis_server_start()};
}

static void stop(void)
{
    cli_clear(&site);
    redis_server_stop(site.redis);
}

static void fill(void)
{
    long long now = clock_wall_ms();

    cli_redis(&site, "LPUSH reelq:tasks a b c");
    cli_redis(&site, "ZADD reelq:workers %lld w-new %lld w-old", now, now);
    cli_redis(&site,
              "HSET reelq:worker:w-new runs 8 started_at %lld version 1.3 seen_at %lld "
              "concurrency 16 ready 120 failed 3 memory 5242880 api VideoDB-answers-402",
              now - 61000, now);
    cli_redis(&site, "HSET reelq:worker:w-old runs 5 started_at %lld version 1.2 seen_at %lld",
              now - 61000, now);
    for (int i = 0; i < 30; i++)
        cli_redis(&site, "XADD reelq:events %lld-%d event ready id a json {}", now - 3000, i);
    for (int i = 0; i < 6; i++) {
        cli_redis(&site, "XADD reelq:events * event indexed id a/scenes json {}");
        cli_redis(&site, "ZADD reelq:dead %lld d%d", now + i, i);
        cli_redis(&site,
                  "HSET reelq:task:d%d state failed failed_at %lld about \"url\":\"u\" failure "
                  "\"stage\":\"upload\",\"error\":\"Broken\\u001b[2J\"",
                  i, now + i);
    }
}

/* --- without a terminal ----------------------------------------------------------------------- */

Test(top, one_picture, .init = start, .fini = stop)
{
    fill();
    cr_expect_eq(cli_run(&site, "top --once"), 0);
    cli_has(&site, "  2 workers are up\n");
    cli_has(&site, "  waiting         3  ##########..........  #\n");
    cli_has(&site, "  dead            6  ####################  #\n");
    cli_has(&site, "  ready           3.");
    cli_has(&site, "  failed          0.0");
    cli_has(&site, "\n  VideoDB-answers-402: 1 worker takes no tasks but to try it\n");
    cli_has(&site, "  d5  upload  Broken?[2J\n");
    cli_has_not(&site, "  d0 ");
    cli_has(&site, "  w-new         8  ####....    120       3  5.0 MiB   1m 1s");
    cli_has(&site, "  w-old         5  -             -       -        -   1m 1s");
    cli_has_not(&site, "\x1b");
    cr_expect_eq(cli_run(&site, "LC_ALL=C.UTF-8 $REELQ top --once"), 0);
    cli_has(&site, "  waiting         3  ██████████░░░░░░░░░░  █\n");
}

Test(top, works_with_the_rights_of_an_observer)
{
    site =
        (struct cli_site){.redis = redis_users_start("reelq:", NULL), .user = REDIS_USERS_OBSERVER};
    fill();
    cr_expect_eq(cli_run(&site, "top --once"), 0);
    cli_has(&site, "  waiting         3");
    stop();
}

Test(top, lines_of_json_until_it_is_stopped, .init = start, .fini = stop)
{
    fill();
    cr_expect_eq(cli_run(&site, "$REELQ top --once --json | python3 -m json.tool --compact"), 0);
    cli_has(&site, "\"tasks\":3,\"callbacks\":0,");
    cli_has(&site, "\"api\":\"VideoDB-answers-402\",\"concurrency\":16,\"ready\":120,\"failed\":3,"
                   "\"memory\":5242880}");
    cli_has(&site, "\"ready_per_s\":3.");
    cli_has(&site, "\"failed_per_s\":0.0}");
    cr_expect_eq(cli_run(&site,
                         "$REELQ top --json --interval 100ms | "
                         "{ for i in 1 2 3; do read -r l; echo \"$l\"; done; } | grep -c '^{.*}$'"),
                 0);
    cli_has(&site, "3\n");
}

Test(top, needs_a_terminal_and_says_so, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "top"), 2);
    cli_says(&site, "top: standard output is no terminal: --once prints one picture, --json");
    cr_expect_eq(cli_run(&site, "top --once --interval 0"), 2);
    cli_says(&site, "top: --interval: expected 100ms to 24d");
}

/* --- rates ------------------------------------------------------------------------------------ */

/* More than are read at once: what is older than those is not counted as nothing. */
Test(top, rates_of_more_than_it_reads, .init = start, .fini = stop)
{
    redisReply *time = redis_server_command(site.redis, "TIME");
    long long now = strtoll(time->element[0]->str, NULL, 10) * 1000 - 1000;

    freeReplyObject(time);
    for (int i = 0; i < 3000; i++)
        freeReplyObject(redis_server_command(site.redis,
                                             "XADD reelq:events %lld-%d event %s id a json {}",
                                             now - 3000 + i, i, i % 2 == 0 ? "ready" : "failed"));
    cr_expect_eq(cli_run(&site, "top --once --json"), 0);
    const char *rate = strstr(cli_output(&site), "\"failed_per_s\":");
    cr_assert_not_null(rate);
    double failed = strtod(rate + strlen("\"failed_per_s\":"), NULL);
    cr_expect(failed > 200 && failed < 500, "%f", failed);
}

/* --- in a terminal ---------------------------------------------------------------------------- */

static void start_live(void)
{
    start();
    fill();
    pty_start(&pty, &site, NULL, LIST("top", "--interval", "100ms"));
    pty_await(&pty, "\x1b[?1049h");
    pty_await(&pty, "w-new");
}

static void stop_live(void)
{
    pty_close(&pty);
    stop();
}

Test(live, q_leaves_and_restores, .init = start_live, .fini = stop_live)
{
    cr_expect(!pty_restored(&pty));
    cli_redis(&site, "LPUSH reelq:tasks d e f");
    pty_await(&pty, "  waiting         6  ");
    pty_await(&pty, "▄█");
    pty_press(&pty, "xq");
    cr_expect_eq(pty_end(&pty), 0);
    cr_expect(pty_restored(&pty));
}

Test(live, ctrl_c_leaves_and_restores, .init = start_live, .fini = stop_live)
{
    pty_press(&pty, "\x1a\x03");
    cr_expect_eq(pty_end(&pty), 130);
    cr_expect(pty_restored(&pty));
}

Test(live, is_drawn_anew_for_another_size, .init = start_live, .fini = stop_live)
{
    pty_size(&pty, 5, 30);
    pty_await(&pty, "  waiting         3  █████████\x1b[32m\x1b[0m\r");
    pty_await(&pty, "\x1b[H");
    pty_await(&pty, "  taken");
    size_t from = pty.mark;
    pty_await(&pty, "\x1b[H");
    cr_expect_null(strstr(buffer_text(&pty.seen) + from, "running"));
    pty_press(&pty, "q");
    cr_expect_eq(pty_end(&pty), 0);
}

static void expect_end_by(int number, int status)
{
    cr_assert_eq(kill(pty.pid, number), 0);
    cr_expect_eq(pty_end(&pty), status, "signal %d", number);
    cr_expect(pty_restored(&pty), "signal %d", number);
}

Test(live, a_signal_restores, .init = start_live, .fini = stop_live)
{
    expect_end_by(SIGTERM, 130);
}

Test(live, a_closed_window_ends_it, .init = start_live, .fini = stop_live)
{
    expect_end_by(SIGHUP, 130);
}

Test(live, a_crash_restores, .init = start_live, .fini = stop_live)
{
    expect_end_by(SIGSEGV, -SIGSEGV);
}

Test(live, waits_for_redis)
{
    static const char *const options[] = {"--appendonly", "yes", "--appendfsync", "always", NULL};

    site = (struct cli_site){.redis = redis_server_start_with(options)};
    cli_redis(&site, "LPUSH reelq:tasks a");
    pty_start(&pty, &site, NULL, LIST("top", "--interval", "100ms"));
    pty_await(&pty, "  waiting         1  ");
    redis_server_kill(site.redis);
    pty_await(&pty, "Redis at unix:");
    pty_await(&pty, "  waiting         1  ");
    redis_server_restart(site.redis);
    cli_redis(&site, "LPUSH reelq:tasks b");
    pty_await(&pty, "  waiting         2  ");
    redis_server_kill(site.redis);
    pty_await(&pty, "Redis at unix:");
    pty_press(&pty, "q");
    cr_expect_eq(pty_end(&pty), 0);
    cr_expect(pty_restored(&pty));
    stop_live();
}

/* The first one is heard when the answer is late; a second one does not wait for that. */
Test(live, a_second_signal_ends_it_beside_a_redis_that_hangs, .init = start_live, .fini = stop_live)
{
    redis_server_pause(site.redis);
    pty_await(&pty, "no answer in time");
    int64_t began_ms = clock_monotonic_ms();
    cr_assert_eq(kill(pty.pid, SIGINT), 0);
    cr_assert_eq(kill(pty.pid, SIGTERM), 0);
    int status = pty_end(&pty);
    cr_expect(status == -SIGINT || status == -SIGTERM || status == 130, "%d", status);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 1500);
    cr_expect(pty_restored(&pty));
    redis_server_resume(site.redis);
}

Test(live, a_missing_right_is_said_behind_the_picture)
{
    site = (struct cli_site){.redis = redis_users_start("reelq:", NULL),
                             .user = REDIS_USERS_SUBMITTER};
    pty_start(&pty, &site, NULL, LIST("top"));
    pty_await(&pty, "\x1b[?1049l");
    pty_await(&pty, "Redis refuses the user reelq-submitter");
    cr_expect_eq(pty_end(&pty), 1);
    cr_expect(pty_restored(&pty));
    stop_live();
}
