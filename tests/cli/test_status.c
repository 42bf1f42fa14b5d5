/* reelq status, and what all commands have in common. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "cli/cli_site.h"
#include "e2e/redis_users.h"

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

static void fill(void)
{
    long long now = clock_wall_ms();

    cli_redis(&site, "LPUSH reelq:tasks a b c");
    cli_redis(&site, "LPUSH reelq:tasks:landing d");
    cli_redis(&site, "LPUSH reelq:callbacks x");
    cli_redis(&site, "ZADD reelq:awaiting %lld young %lld old", now, now + 1);
    cli_redis(&site, "ZADD reelq:dead 1 one 2 two");
    cli_redis(&site, "HSET reelq:task:young submitted_at %lld", now - 1000);
    cli_redis(&site, "HSET reelq:task:old submitted_at %lld", now - 7384000);
    cli_redis(&site, "ZADD reelq:workers %lld w-here %lld w-gone %lld w-yesterday", now,
              now - 120000, now - 7200000);
    cli_redis(&site, "HSET reelq:worker:w-here runs 7 started_at %lld version 1.2 seen_at %lld",
              now - 61000, now);
    cli_redis(&site, "HSET reelq:worker:w-gone runs 3 started_at %lld version 1.2 seen_at %lld",
              now - 600000, now - 120000);
}

static void look(void)
{
    cr_expect_eq(cli_run(&site, "status"), 0);
    cli_has(&site, "waiting         4");
    cli_has(&site, "awaiting        2");
    cli_has(&site, "callbacks       1");
    cli_has(&site, "dead            2");
    cli_has(&site, "oldest: old, taken 2h 3m ago");
    cli_has(&site, "w-here        7   1m 1s");
    cli_has(&site, "up\n");
    cli_has(&site, "w-gone");
    cli_has(&site, "gone\n");
    cli_has_not(&site, "w-yesterday");
    cli_has_not(&site, "paused");
    cli_has_not(&site, "\x1b");
}

Test(status, shows_the_numbers, .init = start, .fini = stop)
{
    fill();
    look();
}

Test(status, works_with_the_rights_of_an_observer)
{
    site =
        (struct cli_site){.redis = redis_users_start("reelq:", NULL), .user = REDIS_USERS_OBSERVER};
    fill();
    look();
    site.user = REDIS_USERS_SUBMITTER;
    cr_expect_eq(cli_run(&site, "status"), 1);
    cli_says(&site, "Redis refuses the user reelq-submitter: NOPERM");
    cli_says(&site, "deploy/redis.acl");
    stop();
}

Test(status, as_json, .init = start, .fini = stop)
{
    fill();
    cr_expect_eq(cli_run(&site, "$REELQ status --json | python3 -m json.tool --compact"), 0);
    cli_has(&site, "\"tasks\":4,\"callbacks\":1,\"questions\":0,\"taken\":0,\"callbacks_taken\":0,"
                   "\"running\":0,"
                   "\"awaiting\":2,\"delayed\":0,\"dead\":2,\"paused_until\":0,\"pace_ms\":0,"
                   "\"oldest\":{\"id\":\"old\",\"age_ms\":738");
    cli_has(&site, "{\"name\":\"w-here\",\"running\":7,");
}

Test(status, of_an_empty_redis, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "status"), 0);
    cli_has(&site, "waiting         0");
    cli_has(&site, "no worker has been seen within the hour");
    cli_has_not(&site, "oldest");
}

Test(status, says_pause_and_pace, .init = start, .fini = stop)
{
    cli_redis(&site, "SET reelq:pause %lld", (long long)clock_wall_ms() + 90000);
    cli_redis(&site, "HSET reelq:pace interval 250.5");
    cr_expect_eq(cli_run(&site, "status"), 0);
    cli_has(&site, "paused for 1m 30s: no worker takes tasks; reelq resume ends it");
    cli_has(&site, "one task in 25");
}

Test(status, another_prefix, .init = start, .fini = stop)
{
    cli_redis(&site, "LPUSH {other}:tasks a b");
    cr_expect_eq(cli_run(&site, "REELQ_PREFIX={other}: $REELQ status"), 0);
    cli_has(&site, "waiting         2");
}

Test(status, what_a_record_says_does_not_steer_the_terminal, .init = start, .fini = stop)
{
    long long now = clock_wall_ms();

    cli_redis(&site, "ZADD reelq:workers %lld \x1b[2Jw", now);
    cli_redis(&site, "HSET reelq:worker:\x1b[2Jw seen_at %lld", now);
    cr_expect_eq(cli_run(&site, "status"), 0);
    cli_has(&site, "?[2Jw");
}

/* `script` runs it in a terminal of its own. */
Test(status, colours_only_on_a_terminal, .init = start, .fini = stop)
{
    fill();
    cr_expect_eq(cli_run(&site, "script -qec '$REELQ status' /dev/null </dev/null"), 0);
    cli_has(&site, "\x1b[31m2\x1b[0m");
    cr_expect_eq(cli_run(&site, "NO_COLOR=1 script -qec '$REELQ status' /dev/null </dev/null"), 0);
    cli_has(&site, "w-here");
    cli_has_not(&site, "\x1b[3");
}

/* --- of all commands -------------------------------------------------------------------------- */

Test(all, mistakes_are_named_with_what_would_be_right, .init = start, .fini = stop)
{
    static const struct {
        const char *command, *log;
        int status;
    } mistakes[] = {
        {"statsu", "unknown command statsu, see reelq --help", 2},
        {"status --jsno", "status: unknown option --jsno, see reelq status --help", 2},
        {"status more", "status: more is too much", 2},
        {"$REELQ status >/dev/full", "", 1},
        {"REELQ_REDIS_URL=http://x $REELQ status", "REELQ_REDIS_URL", 1},
        {"REELQ_REDIS_URL=unix:///nowhere/s $REELQ status",
         "Redis at unix:///nowhere/s: No such file or directory; is it running", 1},
        {"REELQ_PREFX=x $REELQ status", "did you mean REELQ_PREFIX?", 1},
    };

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        cr_expect_eq(cli_run(&site, "%s", mistakes[i].command), mistakes[i].status, "%s",
                     mistakes[i].command);
        cli_says(&site, mistakes[i].log);
    }
}

Test(all, the_url_may_stand_in_a_file, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "f=$(mktemp); printf %%s \"$REELQ_REDIS_URL\" >\"$f\"; unset "
                                "REELQ_REDIS_URL; REELQ_REDIS_URL_FILE=$f $REELQ status; s=$?; "
                                "rm \"$f\"; exit $s"),
                 0);
}

Test(all, help_and_version, .init = start, .fini = stop)
{
    cr_expect_eq(cli_run(&site, "--help"), 0);
    cli_has(&site, "status ");
    cli_has(&site, "REELQ_REDIS_URL_FILE");
    cli_has(&site, "3 when tasks have failed");
    cr_expect_eq(cli_run(&site, "status --help"), 0);
    cli_has(&site, "usage: reelq status [OPTION...]");
    cli_has(&site, "--json");
    cr_expect_eq(cli_run(&site, "--version"), 0);
    cli_has(&site, "reelq " REELQ_VERSION);
}
