/* The webhook with a spool: Redis comes and goes, processes are killed, the disk fills up. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "integration/spool_site.h"
#include "support/temp_dir.h"

#define ALL_WELL "redis: ok\nspool: ok\nsecret: ok\nlistener: ok\n"

static void command(struct spool_site *site, const char *text)
{
    freeReplyObject(redis_server_command(site->web.redis, text));
}

/* --- Redis away ------------------------------------------------------------------------------- */

Test(webhook_spool, keeps_callbacks_while_redis_is_away)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    spool_site_expect_ready(&site, 200, ALL_WELL);
    redis_server_kill(site.web.redis);
    spool_site_expect_ready(&site, 200,
                            "redis: away\nspool: degraded, 0 callbacks wait\nsecret: ok\n"
                            "listener: ok\n");
    spool_site_post_all(&site, 0, 200);
    spool_site_expect_ready(&site, 200,
                            "redis: away\nspool: degraded, 200 callbacks wait\nsecret: ok\n"
                            "listener: ok\n");
    cr_expect_eq(spool_site_metric(&site, "reelq_callbacks_total{result=\"spooled\"}"), 200);
    cr_expect_eq(spool_site_metric(&site, "reelq_spool_records"), 200);
    cr_expect_gt(spool_site_metric(&site, "reelq_spool_bytes"), 200 * 100);
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed records=200\n");
    spool_site_expect_ready(&site, 200, ALL_WELL);
    spool_site_post_all(&site, 200, 201);
    cr_expect_eq(spool_site_metric(&site, "reelq_callbacks_total{result=\"stored\"}"), 1);
    cr_expect_eq(spool_site_metric(&site, "reelq_spool_replayed_total"), 200);
    cr_expect_eq(spool_site_metric(&site, "reelq_spool_records"), 0);
    spool_site_expect(&site, 0, 201);
    spool_site_expect_no_more(&site);
    cr_expect_eq(temp_dir_count(site.directory, ".spool"), 0);
    const char *log = process_log(site.web.webhook);
    cr_expect_eq(spool_site_occurrences(log, " spooling "), 1, "%s", log);
    cr_expect_eq(spool_site_occurrences(log, " redis-lost "), 1, "%s", log);
    spool_site_close(&site);
}

Test(webhook_spool, needs_no_redis_from_the_start)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    redis_server_kill(site.web.redis);
    process_signal(site.web.webhook, SIGTERM);
    cr_expect_eq(process_wait(site.web.webhook), 0);
    spool_site_replace(&site);
    spool_site_post_all(&site, 0, 10);
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed records=10\n");
    spool_site_expect(&site, 0, 10);
    spool_site_close(&site);
}

/* Nobody knows what the secret is that would be agreed on. */
Test(webhook_spool, is_of_no_use_without_the_secret)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    redis_server_kill(site.web.redis);
    const char *const extra[] = {site.variable, NULL};
    struct process *other = webhook_site_start(site.web.redis, extra);
    struct webhook_site second = {.admin = process_address(other, "admin"),
                                  .address = process_address(other, "public"),
                                  .answer = BUFFER(RAW_HTTP_MAX)};
    cr_expect_eq(webhook_site_post(&second, WEBHOOK_SITE_SECRET, "a", "{}"), 503);
    cr_expect_eq(raw_http_get(second.admin, "/readyz", &second.answer), 503);
    cr_expect_not_null(strstr(raw_http_body(&second.answer), "secret: not known yet\n"));
    buffer_clear(&second.answer);
    process_free(other);
    redis_server_restart(site.web.redis);
    spool_site_close(&site);
}

static void allow_bytes(struct spool_site *site, long long more)
{
    redisReply *info = redis_server_command(site->web.redis, "INFO memory");
    long long used = strtoll(strstr(info->str, "used_memory:") + strlen("used_memory:"), NULL, 10);

    freeReplyObject(info);
    freeReplyObject(
        redis_server_command(site->web.redis, "CONFIG SET maxmemory %lld", used + more));
}

/* Redis takes some of it until it is full, then the connection is lost, then it takes the rest. */
Test(webhook_spool, goes_on_where_it_was)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    command(&site, "CONFIG SET maxmemory 1");
    spool_site_post_all(&site, 0, 3000);
    allow_bytes(&site, 150000);
    cr_assert(process_wait_log(site.web.webhook, "push-accepted", 1, SPOOL_SITE_PATIENCE_MS));
    cr_assert(process_wait_log(site.web.webhook, "push-refused", 2, SPOOL_SITE_PATIENCE_MS));
    long long count = redis_server_integer(site.web.redis, "LLEN reelq:callbacks");
    cr_expect(count > 0 && count < 3000, "%lld", count);
    command(&site, "CLIENT KILL TYPE normal SKIPME yes");
    cr_assert(process_wait_log(site.web.webhook, "redis-up", 2, SPOOL_SITE_PATIENCE_MS));
    command(&site, "CONFIG SET maxmemory 0");
    spool_site_await(&site, "spool-replayed records=3000\n");
    spool_site_expect(&site, 0, 3000);
    spool_site_expect_no_more(&site);
    spool_site_close(&site);
}

/* --- the webhook ends ------------------------------------------------------------------------- */

Test(webhook_spool, outlives_the_process)
{
    static const int signals[] = {SIGKILL, SIGTERM};
    struct spool_site site;

    spool_site_open(&site, NULL);
    redis_server_kill(site.web.redis);
    for (unsigned i = 0; i < 2; i++) {
        spool_site_post_all(&site, i * 50, i * 50 + 50);
        process_signal(site.web.webhook, signals[i]);
        cr_expect_eq(process_wait(site.web.webhook), i == 0 ? -SIGKILL : 0);
        spool_site_replace(&site);
    }
    spool_site_post_all(&site, 100, 110);
    spool_site_expect_ready(&site, 200,
                            "redis: away\nspool: degraded, 110 callbacks wait\nsecret: ok\n"
                            "listener: ok\n");
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed records=110\n");
    spool_site_expect(&site, 0, 110);
    spool_site_expect_no_more(&site);
    spool_site_close(&site);
}

/* What can be seen of an end in the middle of a write, and of a bad disk. */
Test(webhook_spool, says_once_what_it_finds)
{
    struct buffer bytes = BUFFER(1 << 20);
    struct spool_site site;

    spool_site_open(&site, NULL);
    redis_server_kill(site.web.redis);
    spool_site_post_all(&site, 0, 4);
    process_signal(site.web.webhook, SIGKILL);
    (void)process_wait(site.web.webhook);
    char *file = temp_dir_find(site.directory, ".spool");
    temp_dir_read(file, &bytes);
    *strstr(bytes.data, "cb-1") = 'x';
    temp_dir_write(file, slice_head(buffer_slice(&bytes), bytes.length - 1));
    for (int i = 0; i < 2; i++) {
        spool_site_replace(&site);
        spool_site_await(&site, "spool-adopted");
        const char *log = process_log(site.web.webhook);
        cr_expect_eq(spool_site_occurrences(log, "spool-torn file="), i == 0 ? 1 : 0, "%s", log);
        cr_expect_eq(spool_site_occurrences(log, "spool-damaged file="), 1, "%s", log);
        cr_expect_not_null(strstr(log, "spool-adopted"), "%s", log);
    }
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed records=2\n");
    spool_site_expect(&site, 0, 1);
    spool_site_expect(&site, 2, 3);
    spool_site_expect_no_more(&site);
    cr_expect_eq(spool_site_occurrences(process_log(site.web.webhook), "spool-damaged"), 1);
    cr_expect_eq(temp_dir_count(site.directory, ".spool.damaged"), 1);
    free(file);
    buffer_clear(&bytes);
    spool_site_close(&site);
}

/* --- several processes ------------------------------------------------------------------------ */

Test(webhook_spool, is_shared_by_several_processes)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    struct process *other = spool_site_start(&site);
    struct spool_site second = {
        .web = {.address = process_address(other, "public"), .answer = BUFFER(RAW_HTTP_MAX)}};
    cr_assert(process_wait_log(other, "redis-up", 1, SPOOL_SITE_PATIENCE_MS));
    redis_server_kill(site.web.redis);
    cr_assert(process_wait_log(other, "redis-lost", 1, SPOOL_SITE_PATIENCE_MS));
    spool_site_await(&site, "redis-lost");
    spool_site_post_all(&site, 0, 20);
    spool_site_post_all(&second, 20, 40);
    cr_expect_eq(temp_dir_count(site.directory, ".spool"), 2);
    process_signal(other, SIGKILL);
    (void)process_wait(other);
    spool_site_await(&site, "spool-adopted"); /* while it runs, and holds some itself */
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed records=40\n");
    spool_site_expect(&site, 0, 40);
    spool_site_expect_no_more(&site);
    buffer_clear(&second.web.answer);
    process_free(other);
    spool_site_close(&site);
}

/* --- no room ---------------------------------------------------------------------------------- */

enum { LARGE = 15000 };

static char *large_body(void)
{
    char *filler = xcalloc(LARGE + 1, 1);

    memset(filler, 'x', LARGE);
    char *body = xasprintf("{\"success\":true,\"x\":\"%s\"}", filler);
    free(filler);
    return body;
}

/* Posts large callbacks until one is refused: how many were not. */
static unsigned fill_up(struct spool_site *site, const char *body)
{
    unsigned taken = 0;

    while (webhook_site_post(&site->web, WEBHOOK_SITE_SECRET, "large", body) == 200)
        cr_assert_lt(taken++, 100, "it is never full");
    cr_expect_eq(raw_http_status(&site->web.answer), 503);
    cr_expect_not_null(strstr(buffer_text(&site->web.answer), "\r\nRetry-After: "));
    return taken;
}

static void expect_large(struct spool_site *site, unsigned count, const char *body)
{
    char *rest = xasprintf(",\"body\":%s}", body);

    for (unsigned i = 0; i < count; i++)
        webhook_site_expect_envelope(&site->web, "{\"kind\":\"upload\",\"id\":\"large\"", rest);
    free(rest);
    spool_site_expect_no_more(site);
}

Test(webhook_spool, says_when_it_is_full)
{
    struct spool_site site;
    char *body = large_body();

    spool_site_open(&site, "REELQ_MAX_SPOOL=1m");
    redis_server_kill(site.web.redis);
    unsigned count = fill_up(&site, body);
    cr_expect(count > 60 && count < 70, "%u of 15 kB in 1 MiB", count);
    char *lines = xasprintf("redis: away\nspool: full, %u callbacks wait\nsecret: ok\n"
                            "listener: ok\n",
                            count);
    spool_site_expect_ready(&site, 503, lines);
    cr_expect_eq(spool_site_occurrences(process_log(site.web.webhook), "spool-full"), 1);
    redis_server_restart(site.web.redis);
    spool_site_expect_ready(&site, 200, ALL_WELL);
    expect_large(&site, count, body);
    spool_site_post_all(&site, 0, 1);
    free(lines);
    free(body);
    spool_site_close(&site);
}

/* A disk that is full, and has room again. Callbacks that were answered 200 are whole. */
static void survive_full_disk(struct spool_site *site, void (*make_room)(struct spool_site *site),
                              const char *reason)
{
    char *body = large_body();

    unsigned count = fill_up(site, body);
    cr_expect_gt(count, 0);
    char *lines = xasprintf("redis: away\nspool: write: %s, %u callbacks wait\nsecret: ok\n"
                            "listener: ok\n",
                            reason, count);
    spool_site_expect_ready(site, 503, lines);
    cr_expect_eq(spool_site_occurrences(process_log(site->web.webhook), "spool-failed"), 1);
    make_room(site);
    spool_site_await(site, "spool-works");
    cr_expect_eq(webhook_site_post(&site->web, WEBHOOK_SITE_SECRET, "large", body), 200);
    redis_server_restart(site->web.redis);
    spool_site_expect_ready(site, 200, ALL_WELL);
    expect_large(site, count + 1, body);
    cr_expect_null(strstr(process_log(site->web.webhook), "spool-damaged"));
    cr_expect_null(strstr(process_log(site->web.webhook), "spool-torn"));
    free(lines);
    free(body);
}

static void limit_files(struct spool_site *site, rlim_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

    cr_assert_eq(prlimit(process_pid(site->web.webhook), RLIMIT_FSIZE, &limit, NULL), 0);
}

static void lift_limit(struct spool_site *site)
{
    limit_files(site, RLIM_INFINITY);
}

Test(webhook_spool, survives_a_limit_of_file_sizes)
{
    struct spool_site site;

    spool_site_open(&site, NULL);
    redis_server_kill(site.web.redis);
    spool_site_await(&site, "redis-lost");
    limit_files(&site, 50000);
    survive_full_disk(&site, lift_limit, "File too large");
    spool_site_close(&site);
}

static char *small_disk;

static void grow_disk(struct spool_site *site)
{
    (void)site;
    cr_assert_eq(mount(NULL, small_disk, "", MS_REMOUNT, "size=8m"), 0);
}

/* A file system of 1 MiB, in a mount namespace that ends with the test. */
Test(webhook_spool, survives_a_full_disk)
{
    struct spool_site site;

    small_disk = temp_dir_make("disk");
    if (unshare(CLONE_NEWNS) == -1 || mount(NULL, "/", "", MS_REC | MS_PRIVATE, NULL) == -1 ||
        mount("tmpfs", small_disk, "tmpfs", 0, "size=1m") == -1) {
        temp_dir_remove(small_disk);
        cr_skip_test("no right to mount: %s", strerror(errno));
    }
    char *variable = xasprintf("REELQ_SPOOL_DIR=%s/spool", small_disk);
    spool_site_open_at(&site, variable);
    redis_server_kill(site.web.redis);
    spool_site_await(&site, "redis-lost");
    survive_full_disk(&site, grow_disk, "No space left on device");
    spool_site_close(&site);
    (void)umount(small_disk);
    temp_dir_remove(small_disk);
    free(variable);
}

/* --- start ------------------------------------------------------------------------------------ */

Test(webhook_spool, needs_a_directory)
{
    char *directory = temp_dir_make("spool"), *file = xasprintf("%s/file", directory);
    char *wrong[] = {xasprintf("REELQ_SPOOL_DIR=%s", file),
                     xasprintf("REELQ_SPOOL_DIR=%s/below/it", directory),
                     xasprintf("REELQ_SPOOL_DIR=/proc/reelq-spool")};

    temp_dir_write(file, slice_text("x"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *const environment[] = {wrong[i], "REELQ_LISTEN=127.0.0.1:0",
                                           "REELQ_ADMIN_LISTEN=off", "REELQ_LOG_LEVEL=error", NULL};
        struct process_options options = {.program = REELQ_BIN_DIR "/reelq-webhook",
                                          .environment = environment};
        struct process *process;
        cr_expect_eq(process_run(&options, &process), 1);
        const char *log = process_log(process);
        cr_expect_eq(spool_site_occurrences(log, "\n"), 1, "%s", log);
        cr_expect(strncmp(log, "reelq-webhook: REELQ_SPOOL_DIR: /", 33) == 0, "%s", log);
        cr_expect_not_null(strstr(log, strchr(wrong[i], '=') + 1), "%s", log);
        process_free(process);
        free(wrong[i]);
    }
    free(file);
    temp_dir_remove(directory);
}
