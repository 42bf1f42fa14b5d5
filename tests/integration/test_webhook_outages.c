/* Every way in which Redis can be away from a webhook, with a spool and without: it is said once,
 * nothing that was answered 200 is lost, and it is over by itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "integration/spool_site.h"

enum { BEFORE = 5, DURING = 10, AFTER = BEFORE + DURING, LOADING_KEYS = 12000 };

struct outage {
    void (*begin)(struct spool_site *site);
    void (*end)(struct spool_site *site);
    const char *said[2];    /* once each, and of no kind that is not named */
    const char *comes_back; /* said once when it is over */
};

static void command(struct spool_site *site, const char *text)
{
    redisReply *reply = redis_server_command(site->web.redis, text);

    cr_expect_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
    freeReplyObject(reply);
}

/* --- callbacks meanwhile ---------------------------------------------------------------------- */

/* Posts them all at once; which of them were answered 200. All others are answered 503. */
static unsigned post_during(struct spool_site *site, bool stored[AFTER])
{
    int sockets[AFTER];
    unsigned count = 0;

    for (unsigned n = BEFORE; n < AFTER; n++) {
        char *id = xasprintf("cb-%u", n);
        sockets[n] = webhook_site_send(&site->web, id);
        free(id);
    }
    for (unsigned n = BEFORE; n < AFTER; n++) {
        raw_http_receive(sockets[n], &site->web.answer);
        stored[n] = raw_http_status(&site->web.answer) == 200;
        cr_expect(stored[n] || raw_http_status(&site->web.answer) == 503, "%s",
                  buffer_text(&site->web.answer));
        count += stored[n];
    }
    return count;
}

static void expect_all(struct spool_site *site, const bool stored[AFTER])
{
    redisReply *all = redis_server_command(site->web.redis, "LRANGE reelq:callbacks 0 -1");

    for (unsigned n = 0; n < AFTER; n++) {
        char *id = xasprintf("\"id\":\"cb-%u\",", n);
        bool found = false;
        for (size_t i = 0; i < all->elements; i++)
            found = found || strstr(all->element[i]->str, id) != NULL;
        cr_expect(found || !stored[n], "cb-%u was answered 200", n);
        free(id);
    }
    freeReplyObject(all);
}

static void wait_until_taken(struct spool_site *site)
{
    int64_t end_ms = clock_monotonic_ms() + SPOOL_SITE_PATIENCE_MS;

    while (spool_site_post(site, AFTER) != 200)
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%s", process_log(site->web.webhook));
}

static void expect_degraded(struct spool_site *site, bool refused)
{
    char *lines = xasprintf("redis: %s\nspool: degraded, %d callbacks wait\nsecret: ok\n"
                            "listener: ok\n",
                            refused ? "refuses callbacks" : "away", (int)DURING);

    spool_site_expect_ready(site, 200, lines);
    free(lines);
}

/* --- the course of an outage ------------------------------------------------------------------ */

static void expect_said(struct spool_site *site, const struct outage *outage)
{
    static const char *const all[] = {" redis-lost ", " redis-refused ", " push-refused "};
    const char *log = process_log(site->web.webhook);

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        bool named = strcmp(all[i], outage->said[0]) == 0 ||
                     (outage->said[1] != NULL && strcmp(all[i], outage->said[1]) == 0);
        cr_expect_eq(spool_site_occurrences(log, all[i]), named ? 1 : 0, "%s: %s", all[i], log);
    }
}

static void run(const struct outage *outage, bool spooling)
{
    bool stored[AFTER] = {true, true, true, true, true};
    struct spool_site site;

    if (spooling)
        spool_site_open(&site, NULL);
    else
        spool_site_open_at(&site, "REELQ_SPOOL_DIR=");
    spool_site_post_all(&site, 0, BEFORE);
    outage->begin(&site);
    unsigned count = post_during(&site, stored);
    cr_expect_eq(count, spooling ? DURING : 0);
    cr_expect_eq(raw_http_get(site.web.admin, "/livez", &site.web.answer), 200);
    if (spooling)
        expect_degraded(&site, strcmp(outage->said[0], " push-refused ") == 0);
    expect_said(&site, outage);
    outage->end(&site);
    wait_until_taken(&site);
    if (spooling)
        spool_site_await(&site, " spool-replayed records=");
    cr_assert(process_wait_log(site.web.webhook, outage->comes_back,
                               strcmp(outage->comes_back, " redis-up ") == 0 ? 2 : 1,
                               SPOOL_SITE_PATIENCE_MS));
    expect_all(&site, stored);
    expect_said(&site, outage);
    cr_expect_eq(spool_site_occurrences(process_log(site.web.webhook), " spooling "),
                 spooling ? 1 : 0);
    spool_site_close(&site);
}

#define LOST    .said = {" redis-lost "}, .comes_back = " redis-up "
#define REFUSED .said = {" push-refused "}, .comes_back = " push-accepted "

/* --- Redis ends, and loads for a long time ---------------------------------------------------- */

static void kill_redis(struct spool_site *site)
{
    redis_server_kill(site->web.redis);
}

static void start_redis(struct spool_site *site)
{
    redis_server_restart(site->web.redis);
}

static const struct outage restart = {.begin = kill_redis, .end = start_redis, LOST};

/* It loads its keys so slowly that all of this is over before it is done. */
static void restart_slowly(struct spool_site *site)
{
    freeReplyObject(redis_server_command(
        site->web.redis, "EVAL %s 0 %d",
        "for i = 1, ARGV[1] do redis.call('SET', 'filler' .. i, '1') end", LOADING_KEYS));
    redis_server_launch(site->web.redis);
}

static void await_redis(struct spool_site *site)
{
    redis_server_await(site->web.redis);
}

static const struct outage loading = {.begin = restart_slowly, .end = await_redis, LOST};

/* --- Redis refuses ---------------------------------------------------------------------------- */

/* Pauses between tries grow: without that each of the held callbacks is tried 40 times. */
static void expect_few_tries(struct spool_site *site)
{
    redisReply *stats = redis_server_command(site->web.redis, "INFO commandstats");
    const char *line = strstr(stats->str, "cmdstat_lpush:");

    cr_assert_not_null(line);
    long rejected = strtol(strstr(line, "rejected_calls=") + strlen("rejected_calls="), NULL, 10);
    cr_expect(rejected > 0 && rejected <= 15L * DURING, "%ld", rejected);
    freeReplyObject(stats);
}

static void demote(struct spool_site *site)
{
    command(site, "REPLICAOF 127.0.0.1 1");
}

static void promote(struct spool_site *site)
{
    expect_few_tries(site);
    command(site, "REPLICAOF NO ONE");
}

static const struct outage readonly = {.begin = demote, .end = promote, LOST};

static void fill(struct spool_site *site)
{
    command(site, "CONFIG SET maxmemory 1");
}

static void make_room(struct spool_site *site)
{
    expect_few_tries(site);
    command(site, "CONFIG SET maxmemory 0");
}

static const struct outage oom = {.begin = fill, .end = make_room, REFUSED};

/* Saves until the last save went as it is to go. */
static void save(struct spool_site *site, const char *status)
{
    bool done = false;

    command(site, "BGSAVE SCHEDULE");
    for (int64_t end_ms = clock_monotonic_ms() + SPOOL_SITE_PATIENCE_MS; !done;) {
        redisReply *info = redis_server_command(site->web.redis, "INFO persistence");
        done = strstr(info->str, status) != NULL &&
               strstr(info->str, "rdb_bgsave_in_progress:0") != NULL;
        freeReplyObject(info);
        cr_assert(done || clock_monotonic_ms() < end_ms, "%s", status);
    }
}

/* A directory stands where the dump is to go. */
static char *dump_path(const struct spool_site *site)
{
    const char *socket = redis_server_path(site->web.redis);

    return xasprintf("%.*s/dump.rdb", (int)(strrchr(socket, '/') - socket), socket);
}

static void break_saving(struct spool_site *site)
{
    char *path = dump_path(site);

    cr_assert_eq(mkdir(path, 0700), 0);
    freeReplyObject(redis_server_command(site->web.redis, "CONFIG SET save %s", "3600 1000000"));
    save(site, "rdb_last_bgsave_status:err");
    free(path);
}

static void repair_saving(struct spool_site *site)
{
    char *path = dump_path(site);

    expect_few_tries(site);
    cr_assert_eq(rmdir(path), 0);
    save(site, "rdb_last_bgsave_status:ok");
    free(path);
}

static const struct outage misconf = {.begin = break_saving, .end = repair_saving, LOST};

/* --- Redis does not know us any more, or says nothing ----------------------------------------- */

static long long connections(struct spool_site *site)
{
    static const char name[] = "total_connections_received:";
    redisReply *info = redis_server_command(site->web.redis, "INFO stats");
    long long count = strtoll(strstr(info->str, name) + strlen(name), NULL, 10);

    freeReplyObject(info);
    return count;
}

static void change_password(struct spool_site *site)
{
    command(site, "CONFIG SET requirepass another");
    command(site, "CLIENT KILL TYPE normal SKIPME yes");
    cr_assert(process_wait_log(site->web.webhook, " redis-refused ", 1, SPOOL_SITE_PATIENCE_MS));
}

static void change_back(struct spool_site *site)
{
    cr_expect_lt(connections(site), 40, "it backs off");
    freeReplyObject(redis_server_command(site->web.redis, "CONFIG SET requirepass %s", ""));
}

static const struct outage password = {.begin = change_password,
                                       .end = change_back,
                                       .said = {" redis-lost ", " redis-refused "},
                                       .comes_back = " redis-up "};

static void stop_redis(struct spool_site *site)
{
    redis_server_pause(site->web.redis);
}

static void continue_redis(struct spool_site *site)
{
    redis_server_resume(site->web.redis);
}

static const struct outage hang = {.begin = stop_redis, .end = continue_redis, LOST};

/* --- all of them ------------------------------------------------------------------------------ */

#define OUTAGE(name)                                                                               \
    Test(webhook_outages, name##_with_a_spool)                                                     \
    {                                                                                              \
        run(&(name), true);                                                                        \
    }                                                                                              \
    Test(webhook_outages, name##_without)                                                          \
    {                                                                                              \
        run(&(name), false);                                                                       \
    }

OUTAGE(restart)
OUTAGE(loading)
OUTAGE(readonly)
OUTAGE(oom)
OUTAGE(misconf)
OUTAGE(password)
OUTAGE(hang)
