/* Least privilege: the whole pipeline under the users of deploy/redis.acl, what each is refused,
 * and what is granted without need. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/redis_users.h"
#include "net/redis_denial.h"
#include "support/temp_dir.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define URL          "\"url\":\"https://e.com/a.mp4\""

enum { MAX_ACL = 64 << 10, MAX_WORD = 64 };

static struct pipeline pipeline;

static void run(const char *command)
{
    freeReplyObject(redis_server_command(pipeline.redis, command));
}

/* --- the whole pipeline ----------------------------------------------------------------------- */

static void upload_index_and_batch(void)
{
    pipeline_submit(&pipeline, "{\"id\":\"one\"," URL ",\"index\":[\"spoken_words\",\"scenes\"]}");
    pipeline_submit(&pipeline, "{\"type\":\"batch\",\"id\":\"b\",\"tasks\":[{\"id\":\"b1\"," URL
                               "},{\"url\":\"https://e.com/missing.mp4\"},{\"x\":1}]}");
    pipeline_submit(&pipeline,
                    "{\"id\":\"m\"," URL ",\"index\":[],\"batch\":\"s\",\"batch_size\":1}");
    (void)pipeline_await(&pipeline, "ready", "one");
    (void)pipeline_await(&pipeline, "batch", "b");
    (void)pipeline_await(&pipeline, "batch", "s");
}

static void fail_and_run_again(void)
{
    pipeline_faults(&pipeline, "upload:418=x1 scene:418=x1");
    pipeline_submit(&pipeline, "{\"id\":\"f\"," URL ",\"index\":[],\"batch\":\"r\"}");
    (void)pipeline_await(&pipeline, "failed", "f");
    pipeline_submit(&pipeline, "f");
    (void)pipeline_await(&pipeline, "ready", "f");
    pipeline_submit(&pipeline, "{\"id\":\"i\"," URL ",\"index\":[\"scenes\"]}");
    (void)pipeline_await(&pipeline, "failed", "i");
    pipeline_submit(&pipeline, "i");
    (void)pipeline_await(&pipeline, "ready", "i");
}

/* Rate limit, outage with a probe, forgotten scripts. */
static void bear_trouble(void)
{
    run("SCRIPT FLUSH");
    pipeline_faults(&pipeline, "upload:429(1)=x1");
    pipeline_submit(&pipeline, "{\"id\":\"limited\"," URL ",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "limited");
    pipeline_faults(&pipeline, "upload:500=x4");
    pipeline_submit(&pipeline, "{\"id\":\"away\"," URL ",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "away");
    pipeline_submit(&pipeline, "nobody");
    (void)pipeline_await(&pipeline, "failed", "nobody");
}

/* A callback that never comes, a second video, a worker that is killed. */
static void sweep(void)
{
    pipeline_faults(&pipeline, "callback:lost=x1");
    pipeline_submit(&pipeline, "{\"id\":\"lost\"," URL ",\"index\":[]}");
    (void)pipeline_await(&pipeline, "ready", "lost");
    pipeline_faults(&pipeline, "upload:reset-after=x1 callback:late(3500)=x1");
    pipeline_submit(&pipeline, "{\"id\":\"twice\"," URL ",\"index\":[],\"name\":\"Holiday\"}");
    (void)pipeline_await(&pipeline, "ready", "twice");
    (void)pipeline_await(&pipeline, "duplicate", "twice");
    pipeline_faults(&pipeline, "upload:hang-after=x1");
    pipeline_submit(&pipeline, "{\"id\":\"orphan\"," URL ",\"index\":[]}");
    pipeline_await_asked(&pipeline, "\"name\":\"orphan\"", "\"POST\"", 1);
    for (unsigned i = 0; i < pipeline.worker_count; i++)
        process_signal(pipeline.workers[i], SIGKILL);
    (void)pipeline_worker(&pipeline);
    (void)pipeline_await(&pipeline, "ready", "orphan");
}

/* --- what was granted and used ---------------------------------------------------------------- */

/* Not met by the run above, or not told apart from others. */
static const struct {
    const char *user, *command, *reason;
} unused[] = {
    {REDIS_USERS_WORKER, "select", "a URL with a database other than 0"},
    {REDIS_USERS_WEBHOOK, "select", "a URL with a database other than 0"},
    {REDIS_USERS_WORKER, "lmove", "gives back what woke a worker that has become full"},
};

static const char *reason_for(const char *user, const char *command)
{
    for (size_t i = 0; i < COUNT(unused); i++)
        if (strcmp(unused[i].user, user) == 0 && strcmp(unused[i].command, command) == 0)
            return unused[i].reason;
    return NULL;
}

/* The "+COMMAND" words of the user's line; `at` walks through them. */
static bool next_command(const char **at, char command[MAX_WORD])
{
    const char *plus = strstr(*at, " +");
    size_t length = plus != NULL ? strcspn(plus + 2, " \n") : 0;

    if (plus == NULL || memchr(*at, '\n', (size_t)(plus - *at)) != NULL)
        return false;
    cr_assert_lt(length, MAX_WORD);
    memcpy(command, plus + 2, length);
    command[length] = '\0';
    *at = plus + 2 + length;
    return true;
}

static void expect_all_used(const char *acl, const char *stats, const char *user)
{
    char *head = xasprintf("user %s ", user), command[MAX_WORD];
    const char *at = strstr(acl, head);
    unsigned seen = 0;

    cr_assert_not_null(at, "no user %s", user);
    for (; next_command(&at, command); seen++) {
        char *line = xasprintf("cmdstat_%s:calls=", command);
        const char *reason = reason_for(user, command);
        bool used = strstr(stats, line) != NULL;
        cr_expect(used || reason != NULL, "%s has %s without need", user, command);
        if (reason != NULL)
            (void)fprintf(stderr, "%-16s %-16s %s\n", user, command, reason);
        free(line);
    }
    cr_expect_gt(seen, 0, "%s may do nothing", user);
    free(head);
}

static void expect_no_denial(void)
{
    struct redisReply *log = redis_server_command(pipeline.redis, "ACL LOG");

    cr_assert_eq(log->type, REDIS_REPLY_ARRAY);
    for (size_t i = 0; i < log->elements; i++)
        for (size_t k = 0; k + 1 < log->element[i]->elements; k += 2)
            if (log->element[i]->element[k + 1]->type == REDIS_REPLY_STRING)
                (void)fprintf(stderr, "%s=%s\n", log->element[i]->element[k]->str,
                              log->element[i]->element[k + 1]->str);
    cr_expect_eq(log->elements, 0, "ACL LOG has %zu entries", log->elements);
    freeReplyObject(log);
}

Test(redis_users, do_the_whole_work_with_nothing_to_spare)
{
    struct buffer acl = BUFFER(MAX_ACL);

    pipeline_start(&pipeline,
                   &(struct pipeline_options){
                       .users = true,
                       .agreed = true,
                       .workers = 2,
                       .worker = LIST("REELQ_LEASE=1s", "REELQ_UNKNOWN_GRACE=2500ms",
                                      "REELQ_CALLBACK_TIMEOUT=2s", "REELQ_DUPLICATES=delete",
                                      "REELQ_BREAKER=1", "REELQ_MAX_AWAITING=50")});
    run("CONFIG RESETSTAT");
    upload_index_and_batch();
    fail_and_run_again();
    bear_trouble();
    sweep();
    struct redisReply *stats = redis_server_command(pipeline.redis, "INFO commandstats");
    temp_dir_read(REELQ_DEPLOY_DIR "/redis.acl", &acl);
    expect_all_used(buffer_text(&acl), stats->str, REDIS_USERS_WORKER);
    expect_all_used(buffer_text(&acl), stats->str, REDIS_USERS_WEBHOOK);
    expect_no_denial();
    freeReplyObject(stats);
    buffer_clear(&acl);
    pipeline_stop(&pipeline);
}

/* --- what each is refused --------------------------------------------------------------------- */

static const struct {
    const char *user, *command;
    bool granted;
} attempts[] = {
    {NULL, "PING", false},
    {NULL, "LPUSH reelq:tasks x", false},
    {REDIS_USERS_SUBMITTER, "LPUSH reelq:tasks nobody", true},
    {REDIS_USERS_SUBMITTER, "LLEN reelq:tasks", true},
    {REDIS_USERS_SUBMITTER, "GET reelq:callback-secret", false},
    {REDIS_USERS_SUBMITTER, "FLUSHALL", false},
    {REDIS_USERS_SUBMITTER, "CONFIG GET dir", false},
    {REDIS_USERS_SUBMITTER, "HSET reelq:task:t state ready", false},
    {REDIS_USERS_SUBMITTER, "LPUSH reelq:task:t x", false},
    {REDIS_USERS_SUBMITTER, "LPUSH reelq:callbacks x", false},
    {REDIS_USERS_SUBMITTER, "LRANGE reelq:tasks 0 -1", false},
    {REDIS_USERS_SUBMITTER, "DEL reelq:tasks", false},
    {REDIS_USERS_SUBMITTER, "PUBLISH reelq:ready x", false},
    {REDIS_USERS_SUBMITTER, "EVAL return 0", false},
    {REDIS_USERS_WEBHOOK, "GET reelq:callback-secret", true},
    {REDIS_USERS_WEBHOOK, "LPUSH reelq:tasks x", false},
    {REDIS_USERS_WEBHOOK, "LRANGE reelq:callbacks 0 -1", false},
    {REDIS_USERS_WEBHOOK, "HGETALL reelq:task:t", false},
    {REDIS_USERS_WEBHOOK, "SET reelq:task:t x", false},
    {REDIS_USERS_WEBHOOK, "PUBLISH reelq:ready x", false},
    {REDIS_USERS_WEBHOOK, "SUBSCRIBE reelq:ready", false},
    {REDIS_USERS_WEBHOOK, "EVAL return 0", false},
    {REDIS_USERS_WEBHOOK, "FLUSHALL", false},
    {REDIS_USERS_WORKER, "HGET reelq:task:t state", true},
    {REDIS_USERS_WORKER, "GET other:callback-secret", false},
    {REDIS_USERS_WORKER, "LPUSH other:tasks x", false},
    {REDIS_USERS_WORKER, "HGET reelq:unknown x", false},
    {REDIS_USERS_WORKER, "PUBLISH other:ready x", false},
    {REDIS_USERS_WORKER, "CONFIG GET dir", false},
    {REDIS_USERS_WORKER, "CONFIG SET dir /tmp", false},
    {REDIS_USERS_WORKER, "KEYS *", false},
    {REDIS_USERS_WORKER, "SCAN 0", false},
    {REDIS_USERS_WORKER, "FLUSHALL", false},
    {REDIS_USERS_WORKER, "MONITOR", false},
    {REDIS_USERS_WORKER, "SHUTDOWN", false},
    {REDIS_USERS_WORKER, "SCRIPT FLUSH", false},
    {REDIS_USERS_WORKER, "REPLICAOF 127.0.0.1 1", false},
    {REDIS_USERS_WORKER, "SAVE", false},
    {REDIS_USERS_WORKER, "ACL LIST", false},
    {REDIS_USERS_WORKER, "CLIENT KILL TYPE normal", false},
    {REDIS_USERS_OBSERVER, "HGETALL reelq:task:t", true},
    {REDIS_USERS_OBSERVER, "LLEN reelq:tasks", true},
    {REDIS_USERS_OBSERVER, "ZCARD reelq:running", true},
    {REDIS_USERS_OBSERVER, "GET reelq:pause", true},
    {REDIS_USERS_OBSERVER, "XREVRANGE reelq:events + - COUNT 1", true},
    {REDIS_USERS_OBSERVER, "TIME", true},
    {REDIS_USERS_OBSERVER, "GET reelq:callback-secret", false},
    {REDIS_USERS_OBSERVER, "TYPE reelq:callback-secret", false},
    {REDIS_USERS_OBSERVER, "SET reelq:pause 1", false},
    {REDIS_USERS_OBSERVER, "LPUSH reelq:tasks x", false},
    {REDIS_USERS_OBSERVER, "HSET reelq:task:t state ready", false},
    {REDIS_USERS_OBSERVER, "DEL reelq:task:t", false},
    {REDIS_USERS_OBSERVER, "ZREM reelq:dead t", false},
    {REDIS_USERS_OBSERVER, "PUBLISH reelq:ready x", false},
    {REDIS_USERS_OBSERVER, "SUBSCRIBE other:ready", false},
    {REDIS_USERS_OBSERVER, "XADD reelq:events * a b", false},
    {REDIS_USERS_OBSERVER, "EVAL return 0", false},
    {REDIS_USERS_OBSERVER, "FLUSHALL", false},
    {REDIS_USERS_OPERATOR, "LPUSH reelq:tasks nobody", true},
    {REDIS_USERS_OPERATOR, "SET reelq:pause 1", true},
    {REDIS_USERS_OPERATOR, "UNLINK reelq:pause", true},
    {REDIS_USERS_OPERATOR, "ZREVRANGE reelq:dead 0 -1", true},
    {REDIS_USERS_OPERATOR, "GET reelq:callback-secret", false},
    {REDIS_USERS_OPERATOR, "SET reelq:callback-secret x", false},
    {REDIS_USERS_OPERATOR, "HSET reelq:task:t state ready", false},
    {REDIS_USERS_OPERATOR, "PUBLISH reelq:ready x", false},
    {REDIS_USERS_OPERATOR, "EVAL return 0", false},
    {REDIS_USERS_OPERATOR, "FLUSHALL", false},
};

static void expect_answer(size_t i)
{
    const char *user = attempts[i].user;
    redisContext *connection = redis_users_dial(redis_server_path(pipeline.redis), user);
    redisReply *reply = redisCommand(connection, attempts[i].command);
    const char *text = "granted";

    cr_assert_not_null(reply);
    if (reply->type == REDIS_REPLY_ERROR)
        text = reply->str;
    bool refused = strncmp(text, "NOPERM", 6) == 0 || strncmp(text, "NOAUTH", 6) == 0;
    (void)fprintf(stderr, "%-16s %-36s %s\n", user != NULL ? user : "(nobody)", attempts[i].command,
                  text);
    cr_expect_eq(refused, !attempts[i].granted, "%s: %s", attempts[i].command, text);
    cr_expect(refused || reply->type != REDIS_REPLY_ERROR, "%s: %s", attempts[i].command, text);
    freeReplyObject(reply);
    redisFree(connection);
}

Test(redis_users, are_refused_everything_else)
{
    pipeline.redis = redis_users_start("reelq:", NULL);
    for (size_t i = 0; i < COUNT(attempts); i++)
        expect_answer(i);
    redis_server_stop(pipeline.redis);
}

/* Scripts are no way around it. */
Test(redis_users, are_refused_inside_scripts_too)
{
    pipeline.redis = redis_users_start("reelq:", NULL);
    redisContext *worker = redis_users_dial(redis_server_path(pipeline.redis), REDIS_USERS_WORKER);
    static const char *const calls[] = {"'GET','other:callback-secret'", "'FLUSHALL'",
                                        "'PUBLISH','other:ready','x'", "'KEYS','*'"};

    for (size_t i = 0; i < COUNT(calls); i++) {
        char *script = xasprintf("return redis.call(%s)", calls[i]);
        redisReply *reply = redisCommand(worker, "EVAL %s 0", script);
        cr_assert_not_null(reply);
        cr_expect(redis_denial_is(reply), "%s: %s", script,
                  reply->type == REDIS_REPLY_ERROR ? reply->str : "done");
        freeReplyObject(reply);
        free(script);
    }
    redisFree(worker);
    redis_server_stop(pipeline.redis);
}

/* Redis reads its AOF as the user default, and drops the transactions that default may not do: all
 * that scripts have written. */
Test(redis_users, lose_nothing_when_redis_reads_its_file_again)
{
    pipeline.redis =
        redis_users_start("reelq:", LIST("--appendonly", "yes", "--enable-debug-command", "local"));

    run("EVAL return{redis.call('SET',KEYS[1],1),redis.call('LPUSH',KEYS[2],1)} 2 a b");
    run("DEBUG LOADAOF");
    cr_expect_eq(redis_server_integer(pipeline.redis, "EXISTS a b"), 2);
    redis_server_stop(pipeline.redis);
}

/* --- as it is, and for another prefix --------------------------------------------------------- */

/* Redis does not start with placeholders in place of the digests. */
Test(redis_users, the_file_is_of_no_use_as_it_is)
{
    char *directory = temp_dir_make("users"), *line = NULL;

    cr_assert_gt(asprintf(&line,
                          "cd '%s' && timeout 20 \"${REDIS_SERVER:-redis-server}\" --port 0"
                          " --unixsocket '%s/s' --save '' --aclfile '%s' >log 2>&1",
                          directory, directory, REELQ_DEPLOY_DIR "/redis.acl"),
                 0);
    /* NOLINTNEXTLINE(cert-env33-c): a recipe is for a shell, and nobody else has a say in it */
    cr_expect_neq(system(line), 0);
    free(line);
    line = xasprintf("grep -q 'password hash' '%s/log'", directory);
    /* NOLINTNEXTLINE(cert-env33-c): a recipe is for a shell, and nobody else has a say in it */
    cr_expect_eq(system(line), 0, "another reason");
    free(line);
    temp_dir_remove(directory);
}

static struct process *start_worker(const char *prefix)
{
    char *url = redis_users_url(pipeline.redis, REDIS_USERS_WORKER);
    char *redis = xasprintf("REELQ_REDIS_URL=%s", url);
    char *name = xasprintf("REELQ_PREFIX=%s", prefix);
    struct process *worker = process_start(&(struct process_options){
        REELQ_BIN_DIR "/reelq-worker", NULL,
        LIST(redis, name, "VIDEO_DB_API_KEY=sk-e2e", "REELQ_ADMIN_LISTEN=off")});

    free(name);
    free(redis);
    free(url);
    return worker;
}

Test(redis_users, of_another_prefix)
{
    pipeline.redis = redis_users_start("{other}:", NULL);
    struct process *good = start_worker("{other}:"), *stranger = start_worker("reelq:");

    cr_expect(process_wait_log(good, "redis-up connection=commands", 1, PIPELINE_WAIT_MS));
    cr_expect_eq(process_wait(stranger), 1, "a worker with the wrong prefix goes on");
    pipeline_has("stranger", process_log(stranger), "refuses the user reelq-worker");
    pipeline_has("stranger", process_log(stranger), "deploy/redis.acl");
    process_signal(good, SIGTERM);
    cr_expect_eq(process_wait(good), 0);
    process_free(good);
    process_free(stranger);
    redis_server_stop(pipeline.redis);
}
