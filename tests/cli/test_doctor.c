/* reelq doctor: what it finds, and what it exits with. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "cli/cli_site.h"
#include "e2e/redis_users.h"

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

Test(doctor, all_is_well)
{
    start_with(LIST("--appendonly", "yes"));
    worker_is_up();
    cr_expect_eq(cli_run(&site, "doctor"), 0);
    cli_has(&site, "  ok    maxmemory-policy noeviction\n  ok    appendonly yes\n");
    cli_has(&site, "  ok    1 worker is up\n  ok    0 tasks have failed\n");
    cli_has_not(&site, "warn");
    stop();
}

Test(doctor, warns)
{
    start_with(LIST("--maxmemory", "1mb"));
    worker_is_up();
    cli_redis(&site, "CONFIG SET maxmemory 900000");
    cr_expect_eq(cli_run(&site, "doctor"), 6);
    cli_has(&site, "  warn  appendonly no: set appendonly yes, or");
    cli_has(&site, " % of maxmemory is used: a full Redis refuses tasks");
    stop();
}

Test(doctor, finds_what_must_be_repaired)
{
    start_with(LIST("--maxmemory-policy", "allkeys-lru"));
    cli_redis(&site, "ZADD reelq:dead 1 a");
    cli_redis(&site, "SET reelq:pause %lld", (long long)clock_wall_ms() + 60000);
    cr_expect_eq(cli_run(&site, "doctor"), 1);
    cli_has(&site, "  fail  maxmemory-policy allkeys-lru: set noeviction, or");
    cli_has(&site, "  fail  0 workers are up: start reelq-worker with this REELQ_REDIS_URL");
    cli_has(&site, "  warn  the workers are paused: ");
    cli_has(&site, "  warn  1 tasks have failed: reelq dead says of what");
    cr_expect_eq(cli_run(&site, "doctor --json"), 1);
    cli_has(&site, "{\"verdict\":\"fail\",\"found\":\"0 workers are up\",\"advice\":\"start");
    stop();
}

Test(doctor, says_what_it_may_not_look_at)
{
    site =
        (struct cli_site){.redis = redis_users_start("reelq:", NULL), .user = REDIS_USERS_OBSERVER};
    worker_is_up();
    cr_expect_eq(cli_run(&site, "doctor"), 6);
    cli_has(&site, "  warn  this user may not look at INFO: version, policy");
    stop();
}
