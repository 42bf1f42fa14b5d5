/* reelq doctor: what it finds in Redis, and what it exits with. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli_site.h"
#include "e2e/redis_users.h"
#include "support/port.h"

static struct cli_site site;

static void start_with(const char *const options[])
{
    site = (struct cli_site){.redis = redis_server_start_with(options)};
}

static void stop(void)
{
    cli_clear(&site);
    redis_server_stop(site.redis);
}

static void worker_is_up(void)
{
    long long now = clock_wall_ms();

    cli_redis(&site, "ZADD reelq:workers %lld w", now);
    cli_redis(&site, "HSET reelq:worker:w seen_at %lld", now);
}

Test(doctor, warns)
{
    start_with(LIST("--maxmemory", "1mb"));
    worker_is_up();
    cli_redis(&site, "CONFIG SET maxmemory 900000");
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor"), 6);
    cli_has(&site, "  warn  appendonly no: set appendonly yes, or");
    cli_has(&site, " % of maxmemory is used: a full Redis refuses tasks");
    stop();
}

Test(doctor, finds_what_must_be_repaired)
{
    start_with(LIST("--maxmemory-policy", "allkeys-lru"));
    cli_redis(&site, "ZADD reelq:dead 1 a");
    cli_redis(&site, "SET reelq:pause %lld", (long long)clock_wall_ms() + 60000);
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor"), 1);
    cli_has(&site, "  fail  maxmemory-policy allkeys-lru: set noeviction, or");
    cli_has(&site, "  fail  0 workers are up: start reelq-worker with this REELQ_REDIS_URL");
    cli_has(&site, "  warn  the workers are paused: ");
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor --json"), 1);
    cli_has(&site, "{\"verdict\":\"fail\",\"found\":\"0 workers are up\",\"advice\":\"start");
    worker_is_up();
    cli_redis(&site, "HSET reelq:worker:w api VideoDB-answers-401");
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor"), 1);
    cli_has(&site, "  ok    1 worker is up\n  fail  1 of them: VideoDB-answers-401: repair that;");
    cli_has(&site, "  warn  1 tasks have failed: reelq dead says of what");
    stop();
}

Test(doctor, says_what_it_may_not_look_at)
{
    site =
        (struct cli_site){.redis = redis_users_start("reelq:", NULL), .user = REDIS_USERS_OBSERVER};
    worker_is_up();
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor"), 6);
    cli_has(&site, "  warn  this user may not look at INFO: version, policy");
    cli_has(&site, "  ok    the user reelq-observer may look\n");
    cli_has_not(&site, "listen");
    site.user = REDIS_USERS_OPERATOR;
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor"), 6);
    cli_has(&site, "  ok    the user reelq-operator may look, and pause the workers\n");
    cr_expect_eq(redis_server_integer(site.redis, "EXISTS reelq:pause"), 0);
    cli_redis(&site, "ACL SETUSER reelq-operator -subscribe");
    cr_expect_eq(cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor"), 6);
    cli_has(&site, "  warn  this user may not listen: `wait` and `submit --wait` need SUBSCRIBE\n");
    stop();
}

/* --- users ------------------------------------------------------------------------------------ */

static int run_as_tester(void)
{
    return cli_run(&site, "REELQ_ADMIN_LISTEN=off $REELQ doctor");
}

Test(users, of_the_file_may_do_what_they_must)
{
    site =
        (struct cli_site){.redis = redis_users_start("reelq:", NULL), .user = REDIS_USERS_TESTER};
    worker_is_up();
    cr_expect_eq(run_as_tester(), 6);
    cli_has(&site, "  ok    5 users of deploy/redis.acl may do what they must\n");
    cli_has_not(&site, "the user default");
    cli_redis(&site, "ACL SETUSER default -@all");
    cli_redis(&site, "ACL SETUSER reelq-worker -evalsha");
    cli_redis(&site, "ACL SETUSER reelq-observer nopass");
    cli_redis(&site, "ACL SETUSER reelq-submitter off");
    cr_expect_eq(run_as_tester(), 1);
    if (strstr(cli_output(&site), "Redis 6.") == NULL)
        cli_has(&site, "evalsha' command: take its line of deploy/redis.acl of this version\n");
    cli_has(&site, "  fail  the user default may not do everything: Redis reads its AOF as");
    cli_has(&site, "  fail  the user reelq-observer needs no password: ACL SETUSER");
    cli_has(&site, "  warn  the user reelq-submitter is off: ");
    cli_has_not(&site, " 5 users");
    cli_redis(&site, "ACL DELUSER reelq-worker reelq-webhook reelq-observer reelq-submitter");
    (void)run_as_tester();
    cli_has(&site, "  ok    1 user of deploy/redis.acl may do what they must\n");
    stop();
}

/* The number is 127.0.0.1, and is not read as such. */
Test(users, default_without_a_password_elsewhere)
{
    unsigned port;
    char text[16];

    close(port_hold(&port));
    (void)snprintf(text, sizeof(text), "%u", port);
    start_with(LIST("--bind", "127.0.0.1", "--port", text));
    cr_expect_eq(cli_run(&site,
                         "REELQ_ADMIN_LISTEN=off REELQ_REDIS_URL=redis://2130706433:%u "
                         "$REELQ doctor",
                         port),
                 1);
    cli_has(&site, "  warn  the user default needs no password at redis://2130706433:");
    cr_expect_eq(cli_run(&site,
                         "REELQ_ADMIN_LISTEN=off REELQ_REDIS_URL=redis://127.0.0.1:%u "
                         "$REELQ doctor",
                         port),
                 1);
    cli_has(&site, "  ok    the user default may look, and pause the workers\n");
    stop();
}
