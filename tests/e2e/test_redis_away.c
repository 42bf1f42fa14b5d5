/* Every way in which Redis can be away for the workers: said once, come back from by themselves,
 * nothing lost, nothing paid for twice. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

enum {
    TASKS = 12,
    WORKERS = 2,
    FILLERS = 60,
    LOOK_AGAIN_MS = 5,
    OUTAGE_MS = 400,
    ATTEMPTS_SEEN = 12
};

static struct pipeline pipeline;

static void look_again(void)
{
    (void)poll(NULL, 0, LOOK_AGAIN_MS);
}

static void command(const char *text)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, text);
    cr_expect_neq(reply->type, REDIS_REPLY_ERROR, "%s: %s", text, reply->str);
    freeReplyObject(reply);
}

/* A number of INFO; `name` ends with the colon. */
static long info(const char *name)
{
    struct redisReply *reply = redis_server_command(pipeline.redis, "INFO everything");
    const char *at = reply->type == REDIS_REPLY_STRING ? strstr(reply->str, name) : NULL;
    cr_assert_not_null(at, "INFO has no %s", name);
    long value = strtol(at + strlen(name), NULL, 10);
    freeReplyObject(reply);
    return value;
}

static void await_in_logs(const char *name, const char *text, unsigned count)
{
    for (unsigned i = 0; i < pipeline.worker_count; i++)
        cr_assert(process_wait_log(pipeline.workers[i], text, count, PIPELINE_WAIT_MS),
                  "%s: worker %u does not say '%s': %s", name, i, text,
                  process_log(pipeline.workers[i]));
}

/* The workers try again, and again: so many more connections than there were. */
static void see_attempts(void)
{
    long before = info("total_connections_received:");
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;

    while (info("total_connections_received:") < before + ATTEMPTS_SEEN) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "the workers do not try again");
        look_again();
    }
}

/* --- how it goes, and how it comes back ------------------------------------------------------- */

static void go_down(void)
{
    redis_server_kill(pipeline.redis);
}

/* Away for longer than the calls take that were under way: their outcomes have to wait. */
static void come_up(void)
{
    (void)poll(NULL, 0, OUTAGE_MS);
    redis_server_restart(pipeline.redis);
}

/* So much is there to load, so slowly, that everybody meets a server that is loading. */
static void go_down_full(void)
{
    for (int i = 0; i < FILLERS; i++)
        freeReplyObject(redis_server_command(pipeline.redis, "SETRANGE filler:%d 4096 x", i));
    command("BGREWRITEAOF");
    while (info("aof_rewrite_in_progress:") + info("aof_rewrite_scheduled:") != 0)
        look_again();
    redis_server_kill(pipeline.redis);
}

static void come_up_full(void)
{
    redis_server_restart(pipeline.redis);
    cr_expect_gt(info("errorstat_LOADING:count="), 0);
}

static void become_replica(void)
{
    command("REPLICAOF 127.0.0.1 1");
}

static void become_master(void)
{
    see_attempts();
    command("REPLICAOF NO ONE");
}

static void save(void)
{
    command("BGSAVE");
    while (info("rdb_bgsave_in_progress:") != 0)
        look_again();
}

static void configure(const char *name, const char *value)
{
    struct redisReply *reply =
        redis_server_command(pipeline.redis, "CONFIG SET %s %s", name, value);
    cr_assert_neq(reply->type, REDIS_REPLY_ERROR, "%s %s: %s", name, value, reply->str);
    freeReplyObject(reply);
}

/* Its directory is gone: it cannot save, and so does not write (-MISCONF). */
static void lose_directory(void)
{
    char *gone = xasprintf("%s.gone", redis_server_path(pipeline.redis));

    cr_assert_eq(mkdir(gone, 0700), 0);
    configure("dir", gone);
    cr_assert_eq(rmdir(gone), 0);
    configure("save", "3600 1");
    save();
    free(gone);
}

static void find_directory(void)
{
    char *path = xstrdup(redis_server_path(pipeline.redis));

    see_attempts();
    *strrchr(path, '/') = '\0';
    configure("dir", path);
    save();
    free(path);
}

static void hang(void)
{
    redis_server_pause(pipeline.redis);
}

static void answer_again(void)
{
    redis_server_resume(pipeline.redis);
}

/* The connections of the workers are called reelq-...; ours has no name. */
static void cut_workers(void)
{
    struct redisReply *list = redis_server_command(pipeline.redis, "CLIENT LIST");
    const char *line = list->str;

    while (line != NULL && *line != '\0') {
        const char *name = strstr(line, " name=");
        if (name != NULL && strncmp(name, " name=reelq-", 12) == 0)
            freeReplyObject(redis_server_command(pipeline.redis, "CLIENT KILL ID %ld",
                                                 strtol(line + strlen("id="), NULL, 10)));
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    freeReplyObject(list);
}

static void change_password(void)
{
    configure("requirepass", "another");
    cut_workers();
}

static void change_it_back(void)
{
    await_in_logs("password", "redis-refused", 1);
    see_attempts();
    configure("requirepass", "");
}

/* --- what must hold --------------------------------------------------------------------------- */

static void submit(void)
{
    for (unsigned i = 0; i < TASKS; i++)
        pipeline_submit(&pipeline, "{\"id\":\"t%u\",\"url\":\"https://e.com/%u.mp4\"}", i, i);
}

static void expect_ready_once(const char *name)
{
    for (unsigned i = 0; i < TASKS; i++) {
        char *id = xasprintf("t%u", i);
        (void)pipeline_await(&pipeline, "ready", id);
        cr_expect_eq(witness_events(pipeline.witness, "ready", id), 1, "%s: %s", name, id);
        free(id);
    }
    cr_expect_eq(witness_events(pipeline.witness, "failed", NULL), 0, "%s", name);
    unsigned paid = pipeline_paid(&pipeline, NULL, NULL);
    cr_expect_eq(paid, 2 * TASKS, "%s: %u calls paid for", name, paid);
}

static void expect_in_log(const char *name, const char *text, unsigned count)
{
    for (unsigned i = 0; i < pipeline.worker_count; i++) {
        const char *log = process_log(pipeline.workers[i]);
        unsigned found = 0;
        for (const char *at = strstr(log, text); at != NULL; at = strstr(at + 1, text))
            found++;
        cr_expect_eq(found, count, "%s: worker %u says '%s' %u times: %s", name, i, text, found,
                     log);
    }
}

static void start(void)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .workers = WORKERS,
                                  .restarts = true,
                                  .redis = LIST("--appendonly", "yes", "--enable-protected-configs",
                                                "yes", "--key-load-delay", "20000",
                                                "--loading-process-events-interval-bytes", "1024"),
                                  .worker = LIST("REELQ_CALLBACK_TIMEOUT=1s", "REELQ_CONCURRENCY=4",
                                                 "REELQ_LEASE=3s")});
    await_in_logs("start", "redis-up", 1);
}

/* Redis goes in the middle of everything. */
static void outage(const char *name, void (*go)(void), void (*come_back)(void))
{
    start();
    pipeline_faults(&pipeline, "any:latency(50)=1");
    submit();
    (void)witness_event(pipeline.witness, "accepted", NULL, 3, PIPELINE_WAIT_MS);
    go();
    await_in_logs(name, "redis-lost", 1);
    come_back();
    await_in_logs(name, "redis-up", 2);
    expect_ready_once(name);
    expect_in_log(name, "redis-lost", 1);
    expect_in_log(name, "redis-away", 0);
    expect_in_log(name, "script-failed", 0);
    expect_in_log(name, "lease-lapsed", 0);
    pipeline_await_empty(&pipeline, "reelq:callbacks:taken");
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

Test(redis_away, restarts)
{
    outage("restart", go_down, come_up);
}

Test(redis_away, loads)
{
    outage("loading", go_down_full, come_up_full);
}

Test(redis_away, is_a_replica_for_a_while)
{
    outage("read-only", become_replica, become_master);
}

Test(redis_away, cannot_save)
{
    outage("cannot save", lose_directory, find_directory);
}

Test(redis_away, refuses_the_password)
{
    outage("password", change_password, change_it_back);
}

Test(redis_away, hangs_without_closing)
{
    outage("hangs", hang, answer_again);
}

static long number_in(const char *json, const char *key)
{
    const char *at = strstr(json, key);
    return at != NULL ? strtol(at + strlen(key), NULL, 10) : 0;
}

/* Every callback was taken or given up, and every one that was taken is applied. */
static void await_callbacks(long count)
{
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    long over = -1;

    while (over < count || redis_server_integer(pipeline.redis, "LLEN reelq:callbacks") > 0) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%ld callbacks of %ld", over, count);
        look_again();
        const char *state = pipeline_get(&pipeline, "/_sandbox/state");
        over = number_in(state, "\"delivered\":") + number_in(state, "\"given_up\":");
    }
}

/* At maxmemory nothing can be pushed, and what is there is worked off to its end, with callbacks
 * refused and without any. */
Test(redis_away, a_full_one_empties)
{
    for (int poll_mode = 0; poll_mode < 2; poll_mode++) {
        pipeline_start(&pipeline,
                       &(struct pipeline_options){
                           .workers = WORKERS,
                           .poll = poll_mode == 1,
                           .worker = LIST("REELQ_CALLBACK_TIMEOUT=300ms", "REELQ_CONCURRENCY=2")});
        pipeline_faults(&pipeline, "upload:latency(100)=1");
        submit();
        pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 1);
        configure("maxmemory", "1");
        struct redisReply *reply = redis_server_command(pipeline.redis, "LPUSH reelq:tasks x");
        cr_expect_eq(strncmp(reply->str, "OOM", 3), 0, "%s", reply->str);
        freeReplyObject(reply);
        expect_ready_once("full");
        expect_in_log("full", "script-failed", 0);
        configure("maxmemory", "0");
        await_callbacks(poll_mode == 1 ? 0 : 2 * TASKS);
        pipeline_faults(&pipeline, "");
        pipeline_stop(&pipeline);
    }
}

/* Leases end while Redis stands still for longer than one; their workers are well. */
Test(redis_away, a_standstill_is_no_lost_worker)
{
    pipeline_start(&pipeline, &(struct pipeline_options){
                                  .workers = WORKERS,
                                  .worker = LIST("REELQ_LEASE=600ms", "REELQ_CONCURRENCY=6")});
    pipeline_faults(&pipeline, "upload:latency(2000)=x12");
    submit();
    pipeline_await_asked(&pipeline, "/upload", "\"POST\"", TASKS);
    redis_server_pause(pipeline.redis);
    (void)poll(NULL, 0, 1000);
    redis_server_resume(pipeline.redis);
    expect_ready_once("standstill");
    cr_expect_eq(witness_events(pipeline.witness, "unknown", NULL), 0);
    expect_in_log("standstill", "lease-lapsed", 0);
    pipeline_stop(&pipeline);
}
