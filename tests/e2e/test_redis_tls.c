/* rediss://: who is trusted, who is not and why, and the pipeline over it. Where hiredis has no TLS
 * each program says so at its start. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"
#include "e2e/tls_site.h"
#include "net/redis_tls.h"
#include "support/temp_dir.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORKER       REELQ_BIN_DIR "/reelq-worker"
#define WEBHOOK      REELQ_BIN_DIR "/reelq-webhook"
#define KEY          "VIDEO_DB_API_KEY=sk-e2e"

enum { ATTEMPTS_SEEN = 9, LOOK_AGAIN_MS = 5, MAX_FILES = 3, MAX_LOG = 1 << 20 };

static struct tls_site site;
static struct redis_server *server;

/* --- without TLS ------------------------------------------------------------------------------ */

static void expect_no_tls(void)
{
    static const char *const programs[] = {WORKER, WEBHOOK};

    for (size_t i = 0; i < COUNT(programs); i++) {
        struct process *process;
        int status = process_run(
            &(struct process_options){programs[i], NULL, LIST(KEY, "REELQ_REDIS_URL=rediss://h")},
            &process);
        cr_expect_eq(status, 1, "%s: %d", programs[i], status);
        pipeline_has(programs[i], process_log(process),
                     "REELQ_REDIS_URL: rediss:// needs TLS, which this build does not have");
        process_free(process);
    }
}

/* --- one connection --------------------------------------------------------------------------- */

static const struct {
    const char *what;
    const char *certificate; /* of the server; "" for one that has no TLS on that port */
    bool clients;            /* are asked for theirs */
    const char *scheme, *host, *ca;
    const char *client; /* the name of its certificate; NULL: none */
    const char *away;   /* in the reason; NULL: it works */
} cases[] = {
    {"name", "name", false, "rediss", "localhost", "ca.pem", NULL, NULL},
    {"address", "address", false, "rediss", "127.0.0.1", "ca.pem", NULL, NULL},
    {"client", "name", true, "rediss", "localhost", "ca.pem", "client", NULL},
    {"unknown CA", "name", false, "rediss", "localhost", "other.pem", NULL,
     "certificate is refused: "},
    {"not the system's", "name", false, "rediss", "localhost", NULL, NULL,
     "certificate is refused: "},
    {"wrong name", "elsewhere", false, "rediss", "localhost", "ca.pem", NULL,
     "certificate is refused: hostname mismatch"},
    {"no address", "name", false, "rediss", "127.0.0.1", "ca.pem", NULL,
     "certificate is refused: IP address mismatch"},
    {"no name", "address", false, "rediss", "localhost", "ca.pem", NULL,
     "certificate is refused: hostname mismatch"},
    {"expired", "expired", false, "rediss", "localhost", "ca.pem", NULL,
     "certificate is refused: certificate has expired"},
    {"no client certificate", "name", true, "rediss", "localhost", "ca.pem", NULL, "certificate"},
    {"plain server", "", false, "rediss", "localhost", "ca.pem", NULL, "TLS"},
    {"plain client", "name", false, "redis", "localhost", NULL, NULL, "wants rediss://"},
};

static void serve(const char *certificate, bool clients)
{
    tls_site_serve(&site, certificate[0] != '\0' ? certificate : "name", clients);
    if (certificate[0] == '\0') {
        static const char *plain[5] = {"--bind", "127.0.0.1", "--port"};
        plain[3] = site.options[3];
        server = redis_server_start_with(plain);
    } else {
        server = redis_server_start_with(site.options);
    }
}

static struct process *start_worker(size_t i)
{
    char *words[MAX_FILES + 1] = {tls_site_url(&site, cases[i].scheme, cases[i].host)};
    char *certificate = NULL;
    size_t count = 1;

    if (cases[i].ca != NULL)
        words[count++] = tls_site_file(&site, "REELQ_REDIS_CA", cases[i].ca);
    if (cases[i].client != NULL) {
        char *pem = xasprintf("%s.pem", cases[i].client),
             *key = xasprintf("%s.key", cases[i].client);
        certificate = tls_site_file(&site, "REELQ_REDIS_CERT", pem);
        words[count++] = tls_site_file(&site, "REELQ_REDIS_KEY", key);
        free(pem);
        free(key);
    }
    struct process *worker = process_start(&(struct process_options){
        WORKER, NULL,
        LIST(KEY, "REELQ_ADMIN_LISTEN=off", words[0], words[1] != NULL ? words[1] : KEY,
             words[2] != NULL ? words[2] : KEY, certificate)});
    for (size_t k = 0; k < count; k++)
        free(words[k]);
    free(certificate);
    return worker;
}

static unsigned times(const char *text, const char *part)
{
    unsigned found = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        found++;
    return found;
}

/* What became a client, and what the server says that it did not accept as one. */
static long attempts(void)
{
    struct redisReply *reply = redis_server_command(server, "INFO stats");
    const char *name = "total_connections_received:", *path = redis_server_path(server);
    long value = strtol(strstr(reply->str, name) + strlen(name), NULL, 10);
    char *log = xasprintf("%.*s/redis.log", (int)(strrchr(path, '/') - path), path);
    struct buffer text = BUFFER(MAX_LOG);

    temp_dir_read(log, &text);
    value += times(buffer_text(&text), "Error accepting a client connection");
    buffer_clear(&text);
    free(log);
    freeReplyObject(reply);
    return value;
}

/* It is said once, and tried again. */
static void expect_away(struct process *worker, size_t i)
{
    cr_assert(process_wait_log(worker, "redis-away connection=commands", 1, PIPELINE_WAIT_MS),
              "%s: %s", cases[i].what, process_log(worker));
    pipeline_has(cases[i].what, process_log(worker), cases[i].away);
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    while (attempts() < ATTEMPTS_SEEN) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%s: no further attempts", cases[i].what);
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
    cr_expect_eq(times(process_log(worker), "redis-away connection=commands"), 1, "%s: %s",
                 cases[i].what, process_log(worker));
    cr_expect_null(strstr(process_log(worker), "redis-up connection=commands"), "%s",
                   cases[i].what);
}

static void expect_case(size_t i)
{
    serve(cases[i].certificate, cases[i].clients);
    struct process *worker = start_worker(i);

    if (cases[i].away == NULL)
        cr_expect(process_wait_log(worker, "redis-up connection=commands", 1, PIPELINE_WAIT_MS),
                  "%s: %s", cases[i].what, process_log(worker));
    else
        expect_away(worker, i);
    const char *line = strstr(process_log(worker), "redis-");
    (void)fprintf(stderr, "%-22s %.*s\n", cases[i].what, (int)strcspn(line, "\n"), line);
    process_signal(worker, SIGTERM);
    cr_expect_eq(process_wait(worker), 0, "%s: %s", cases[i].what, process_log(worker));
    process_free(worker);
    redis_server_stop(server);
}

Test(redis_tls, trusts_whom_it_should)
{
    if (!redis_tls_possible()) {
        expect_no_tls();
        return;
    }
    tls_site_make(&site);
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_case(i);
    tls_site_clear(&site);
}

/* --- settings that cannot work ---------------------------------------------------------------- */

static const struct {
    const char *url, *ca, *certificate, *key;
    const char *line;
} mistakes[] = {
    {"rediss://h", "nowhere.pem", NULL, NULL, "nowhere.pem: No such file or directory"},
    {"rediss://h", "openssl.log", NULL, NULL, "REELQ_REDIS_CA: "},
    {"rediss://h", "ca.pem", "client.pem", NULL, "set both or neither"},
    {"rediss://h", "ca.pem", NULL, "client.key", "set both or neither"},
    {"rediss://h", "ca.pem", "nowhere.pem", "client.key", "REELQ_REDIS_CERT: "},
    {"rediss://h", "ca.pem", "client.key", "client.key", "REELQ_REDIS_CERT: "},
    {"rediss://h", "ca.pem", "client.pem", "nowhere.key", "REELQ_REDIS_KEY: "},
    {"rediss://h", "ca.pem", "client.pem", "client.pem", "REELQ_REDIS_KEY: "},
    {"rediss://h", "ca.pem", "mismatched.pem", "mismatched.key", "REELQ_REDIS_KEY: "},
    {"redis://h", "ca.pem", NULL, NULL, "REELQ_REDIS_CA is for rediss://"},
    {"unix:///run/r", NULL, "client.pem", "client.key", "REELQ_REDIS_CERT is for rediss://"},
};

static char *setting(const char *variable, const char *file)
{
    return file != NULL ? tls_site_file(&site, variable, file) : xstrdup(KEY);
}

static void expect_mistake(size_t i, const char *program)
{
    char *url = xasprintf("REELQ_REDIS_URL=%s", mistakes[i].url);
    char *ca = setting("REELQ_REDIS_CA", mistakes[i].ca);
    char *certificate = setting("REELQ_REDIS_CERT", mistakes[i].certificate);
    char *key = setting("REELQ_REDIS_KEY", mistakes[i].key);
    struct process *process;
    int status = process_run(
        &(struct process_options){program, NULL, LIST(KEY, url, ca, certificate, key)}, &process);

    cr_expect_eq(status, 1, "%zu: %d", i, status);
    pipeline_has(mistakes[i].url, process_log(process), mistakes[i].line);
    process_free(process);
    free(key);
    free(certificate);
    free(ca);
    free(url);
}

Test(redis_tls, mistakes_end_the_programs)
{
    if (!redis_tls_possible()) {
        expect_no_tls();
        return;
    }
    tls_site_make(&site);
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        expect_mistake(i, WORKER);
        expect_mistake(i, WEBHOOK);
    }
    tls_site_clear(&site);
}

/* --- the whole pipeline ----------------------------------------------------------------------- */

enum { TASKS = 20 };

Test(redis_tls, carries_the_pipeline)
{
    static struct pipeline pipeline;

    if (!redis_tls_possible()) {
        expect_no_tls();
        return;
    }
    tls_site_make(&site);
    tls_site_serve(&site, "name", true);
    char *url = xasprintf("rediss://localhost:%u", site.port);
    char *ca = tls_site_file(&site, "REELQ_REDIS_CA", "ca.pem");
    char *certificate = tls_site_file(&site, "REELQ_REDIS_CERT", "client.pem");
    char *key = tls_site_file(&site, "REELQ_REDIS_KEY", "client.key");
    const char *words[] = {ca, certificate, key, "REELQ_LEASE=1s", NULL};
    const char *const hook[] = {ca, certificate, key, NULL};
    const char *options[TLS_SITE_OPTIONS + 3] = {"--appendonly", "yes"};
    char *large = xcalloc(1, (60 << 10) + 1);

    memcpy(options + 2, site.options, sizeof(site.options));
    memset(large, 'x', 60 << 10);
    pipeline_start(&pipeline, &(struct pipeline_options){.redis = options,
                                                         .redis_url = url,
                                                         .worker = words,
                                                         .webhook = hook,
                                                         .workers = 2,
                                                         .restarts = true});
    for (unsigned i = 0; i < TASKS; i++)
        pipeline_submit(&pipeline,
                        "{\"id\":\"t%u\",\"url\":\"https://e.com/%u.mp4\",\"meta\":\"%s\"}", i, i,
                        large);
    (void)pipeline_await(&pipeline, "ready", "t3");
    redis_server_restart(pipeline.redis);
    for (unsigned i = 0; i < TASKS; i++) {
        char *id = xasprintf("t%u", i);
        (void)pipeline_await(&pipeline, "ready", id);
        free(id);
    }
    pipeline_has("restart", process_log(pipeline.workers[0]), "redis-lost connection=commands");
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), TASKS);
    pipeline_await_empty(&pipeline, "reelq:running");
    pipeline_await_empty(&pipeline, "reelq:taken");
    pipeline_await_empty(&pipeline, "reelq:callbacks:taken");
    pipeline_stop(&pipeline);
    free(large);
    free(key);
    free(certificate);
    free(ca);
    free(url);
    tls_site_clear(&site);
}
