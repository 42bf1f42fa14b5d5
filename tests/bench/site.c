#include "bench/site.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "bench/account.h"
#include "support/sandbox_client.h"

enum { START_MS = 20000, MAX_WORDS = 24 };

const char *const site_quick_api[] = {"--upload-time", "20", "--index-time", "20", NULL};

__attribute__((noreturn)) static void fail(const char *what)
{
    (void)fprintf(stderr, "site: %s\n", what);
    abort();
}

static size_t add_words(const char **words, size_t count, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL && count + 1 < MAX_WORDS; i++)
        words[count++] = more[i];
    words[count] = NULL;
    return count;
}

static struct process *start(const char *program, const char *const *arguments,
                             const char *const *environment)
{
    return process_start(&(struct process_options){program, arguments, environment});
}

/* One of ours, in the hands of a tool. */
static struct process *start_with(const char *const *tool, const char *program,
                                  const char *const *environment)
{
    const char *words[MAX_WORDS];

    if (tool == NULL)
        return start(program, NULL, environment);
    size_t count = add_words(words, 0, tool + 1);
    (void)add_words(words, count, (const char *[]){program, NULL});
    return start(tool[0], words, environment);
}

static void await_redis(struct process *process)
{
    if (!process_wait_log(process, "redis-up", 1, START_MS)) {
        (void)fprintf(stderr, "%s\n", process_log(process));
        fail("a program has not come up; its log stands above");
    }
}

/* --- parts ------------------------------------------------------------------------------------ */

static void start_redis(struct site *site)
{
    static const char conf[] = REELQ_DEPLOY_DIR "/redis.conf";
    const char *const options[] = {"--include", conf, "--appendonly",
                                   site->options.aof ? "yes" : "no", NULL};

    site->redis = redis_server_start_with(options);
    if (site->options.redis_delay_ms == 0) {
        site->redis_url = xstrdup(redis_server_url(site->redis));
        return;
    }
    char *delay_ms = xasprintf("%u", site->options.redis_delay_ms);
    site->delay = start(REELQ_BIN_DIR "/reelq-delay",
                        (const char *[]){redis_server_path(site->redis), delay_ms, NULL}, NULL);
    site->redis_url = xasprintf("redis://%s", process_address(site->delay, "delay"));
    free(delay_ms);
}

static void start_sandbox(struct site *site)
{
    const char *words[MAX_WORDS] = {"--listen", "127.0.0.1:0", "--log-level", "info"};

    (void)add_words(words, 4, site->options.sandbox_options);
    site->sandbox =
        sandbox_client_start(REELQ_BIN_DIR "/reelq-sandbox", words, &site->sandbox_address);
}

static void start_webhook(struct site *site)
{
    char *url = xasprintf("REELQ_REDIS_URL=%s", site->redis_url);
    const char *const words[] = {
        url,
        "REELQ_LISTEN=127.0.0.1:0",
        site->options.admin ? "REELQ_ADMIN_LISTEN=127.0.0.1:0" : "REELQ_ADMIN_LISTEN=off",
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the secret belongs to its name */
        "REELQ_CALLBACK_SECRET=" SITE_SECRET,
        NULL,
    };

    site->webhook = start_with(site->options.webhook_tool, REELQ_BIN_DIR "/reelq-webhook", words);
    site->webhook_address = process_address(site->webhook, "public");
    await_redis(site->webhook);
    free(url);
}

void site_add_worker(struct site *site)
{
    char *redis_url = xasprintf("REELQ_REDIS_URL=%s", site->redis_url);
    char *public_url = xasprintf("REELQ_PUBLIC_URL=http://%s", site->webhook_address);
    char *api = site->options.api != NULL
                    ? xasprintf("VIDEO_DB_BASE_URL=%s", site->options.api)
                    : xasprintf("VIDEO_DB_BASE_URL=http://%s", site->sandbox_address);
    const char *words[MAX_WORDS] = {
        redis_url,
        public_url,
        api,
        "VIDEO_DB_API_KEY=sk-bench",
        "REELQ_ADMIN_LISTEN=off",
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the secret belongs to its name */
        "REELQ_CALLBACK_SECRET=" SITE_SECRET,
    };

    if (site->worker_count == SITE_MAX_WORKERS)
        fail("too many workers");
    (void)add_words(words, 6, site->options.worker_settings);
    struct process *worker =
        start_with(site->options.worker_tool, REELQ_BIN_DIR "/reelq-worker", words);
    site->workers[site->worker_count++] = worker;
    await_redis(worker);
    free(redis_url);
    free(public_url);
    free(api);
}

/* --- the whole -------------------------------------------------------------------------------- */

struct site *site_new(const struct site_options *options)
{
    struct site *site = xcalloc(1, sizeof(*site));

    site->options = *options;
    start_redis(site);
    if (options->api == NULL)
        start_sandbox(site);
    start_webhook(site);
    for (unsigned i = 0; i < options->workers; i++)
        site_add_worker(site);
    return site;
}

static void stop(struct process *process)
{
    process_signal(process, SIGTERM);
    if (process_wait(process) != 0) {
        (void)fprintf(stderr, "%s\n", process_log(process));
        fail("a program has not ended well; its log stands above");
    }
}

void site_stop_programs(struct site *site)
{
    for (unsigned i = 0; i < site->worker_count; i++)
        stop(site->workers[i]);
    stop(site->webhook);
}

void site_free(struct site *site)
{
    for (unsigned i = 0; i < site->worker_count; i++)
        process_free(site->workers[i]);
    process_free(site->webhook);
    process_free(site->sandbox);
    process_free(site->delay);
    redis_server_stop(site->redis);
    free(site->sandbox_address);
    free(site->redis_url);
    free(site);
}

/* --- cost ------------------------------------------------------------------------------------- */

struct site_cost site_cost(const struct site *site)
{
    struct site_cost cost = {
        .webhook = (double)account_cpu_ns(process_pid(site->webhook)),
        .redis = (double)account_cpu_ns(redis_server_pid(site->redis)),
    };

    for (unsigned i = 0; i < site->worker_count; i++)
        cost.workers += (double)account_cpu_ns(process_pid(site->workers[i]));
    return cost;
}

struct site_cost site_cost_of_each(const struct site *site, const struct site_cost *before,
                                   unsigned count)
{
    struct site_cost now = site_cost(site);
    double each = 1000.0 * count;

    return (struct site_cost){.workers = (now.workers - before->workers) / each,
                              .webhook = (now.webhook - before->webhook) / each,
                              .redis = (now.redis - before->redis) / each};
}

double site_cost_sum(const struct site_cost *cost)
{
    return cost->workers + cost->webhook + cost->redis;
}

double site_memory(const struct site *site)
{
    int64_t bytes = account_private_bytes(process_pid(site->webhook));

    for (unsigned i = 0; i < site->worker_count; i++)
        bytes += account_private_bytes(process_pid(site->workers[i]));
    return (double)bytes / (1 << 20);
}
