/* worker_new -> (Redis is up) on_redis_up -> [secret] -> begin: feeders, leases, sweeper
 * worker_drain -> check_drained (at every free slot) -> say_goodbye -> loop_stop */
#include "worker/worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "net/admin.h"
#include "net/notify.h"
#include "worker/api_health.h"
#include "worker/callback.h"
#include "worker/feeder.h"
#include "worker/gauges.h"
#include "worker/http_reach.h"
#include "worker/intake.h"
#include "worker/lease.h"
#include "worker/run.h"
#include "worker/sweeper.h"
#include "worker/worker_metrics.h"

enum {
    MAX_REPLY = 16 << 20,
    MAX_CALLBACKS_OPEN = 256,
    REDIS_REPLY_MS = 5000,
    LAST_WRITES_MS = 2000,
    MIN_PROBE_MS = 20
};

struct worker {
    struct context context; /* first: the parts know only this */
    struct redis_url redis_url;
    struct feeder *tasks, *callbacks;
    struct sweeper *sweeper;
    struct lease *lease;
    struct gauges *gauges;
    struct admin *admin;
    struct notify *notify;
    struct loop_timer drain_timer;
    bool begun, abandoned, leaving;
};

static struct worker *worker_of(struct context *context)
{
    return (struct worker *)context;
}

bool worker_check_config(const struct config *config, struct error *error)
{
    struct redis_url url;
    struct signature_keys keys;

    if (!item_check_default_index(config->default_index, error))
        return error_prefix(error, "REELQ_DEFAULT_INDEX is \"%s\"", config->default_index);
    if (config->callback_secret[0] != '\0') {
        if (!signature_keys_parse(&keys, slice_text(config->callback_secret), error))
            return error_prefix(error, "REELQ_CALLBACK_SECRET");
        signature_keys_clear(&keys);
    }
    if (!redis_url_load(&url, config, error))
        return false;
    redis_url_clear(&url);
    return true;
}

/* --- room --- */

static unsigned room_for_tasks(struct context *context, int64_t *retry_ms)
{
    unsigned used = context->run_count + context->reserved;
    unsigned all = (unsigned)context->config->concurrency;
    int64_t now = clock_monotonic_ms();

    if (!worker_of(context)->begun || used >= all)
        return 0;
    unsigned room = all - used < QUEUE_MAX_ITEMS ? all - used : QUEUE_MAX_ITEMS;
    unsigned calls = used + context->deletions;
    unsigned allowed = breaker_allows(&context->breaker, calls, room, now);
    if (allowed == 0 && calls == 0)
        *retry_ms = breaker_wait_ms(&context->breaker, now) + MIN_PROBE_MS;
    return allowed;
}

static unsigned room_for_callbacks(struct context *context, int64_t *retry_ms)
{
    (void)retry_ms;
    if (!worker_of(context)->begun || context->callbacks_open >= MAX_CALLBACKS_OPEN)
        return 0;
    return QUEUE_MAX_ITEMS;
}

/* --- the end --- */

static void on_goodbye(const struct redisReply *reply, void *arg)
{
    struct worker *worker = arg;
    (void)reply;
    loop_stop(worker->context.loop);
}

static void say_goodbye(struct worker *worker)
{
    if (worker->leaving)
        return;
    worker->leaving = true;
    log_info("drained", "runs=%u", worker->context.run_count);
    loop_timer_stop(&worker->drain_timer);
    redis_send_text(worker->context.redis, on_goodbye, worker, "ZREM",
                    worker->context.queue.keys.workers, worker->context.name, NULL);
}

static bool is_idle(const struct worker *worker)
{
    const struct context *context = &worker->context;
    return context->run_count == 0 && context->reserved == 0 && context->callbacks_open == 0 &&
           !feeder_claiming(worker->tasks) && !feeder_claiming(worker->callbacks);
}

static void check_drained(struct worker *worker)
{
    if (is_idle(worker) || !redis_is_up(worker->context.redis))
        say_goodbye(worker);
}

static void on_drain_timeout(void *arg)
{
    struct worker *worker = arg;
    struct run *next;

    if (worker->abandoned || !redis_is_up(worker->context.redis)) {
        log_warn("drain-incomplete", "runs=%u", worker->context.run_count);
        loop_stop(worker->context.loop);
        return;
    }
    worker->abandoned = true;
    loop_timer_start(&worker->drain_timer, LAST_WRITES_MS);
    for (struct run *run = TAILQ_FIRST(&worker->context.runs); run != NULL; run = next) {
        next = run_next(run);
        run_abandon(run);
    }
}

void worker_drain(struct worker *worker)
{
    log_info("drain", "runs=%u", worker->context.run_count);
    worker->context.draining = true;
    notify_stopping(worker->notify);
    feeder_stop(worker->tasks);
    feeder_stop(worker->callbacks);
    sweeper_stop(worker->sweeper);
    run_give_back(&worker->context);
    loop_timer_start(&worker->drain_timer, worker->context.config->drain_timeout_ms);
    check_drained(worker);
}

/* --- events --- */

static void on_slot(struct context *context)
{
    struct worker *worker = worker_of(context);

    if (worker->leaving)
        return;
    if (context->draining) {
        check_drained(worker);
        return;
    }
    feeder_kick(worker->tasks);
    feeder_kick(worker->callbacks);
}

static void on_due(struct context *context, int64_t ms)
{
    sweeper_hint(worker_of(context)->sweeper, ms);
}

static void begin(struct worker *worker)
{
    if (worker->context.draining)
        return;
    worker->begun = true;
    lease_start(worker->lease);
    sweeper_hint(worker->sweeper, 0);
    feeder_kick(worker->tasks);
    feeder_kick(worker->callbacks);
}

static void on_secret(void *arg)
{
    begin(arg);
}

static void on_redis_up(void *arg)
{
    struct worker *worker = arg;
    struct context *context = &worker->context;

    scripts_load(context->queue.scripts);
    context->callbacks_behind_ms = clock_monotonic_ms(); /* webhooks may have some to bring */
    context->redis_up.value = 1;
    notify_up(worker->notify);
    if (context->config->public_url[0] != '\0')
        callback_secret_on_up(context->secret);
    if (context->config->public_url[0] == '\0' || callback_secret_keys(context->secret)->count > 0)
        begin(worker); /* else on_secret() will */
}

static void on_redis_down(void *arg)
{
    struct worker *worker = arg;
    worker->context.redis_up.value = 0;
    notify_down(worker->notify);
    if (worker->context.draining)
        check_drained(worker);
}

static void on_redis_refused(const char *text, void *arg)
{
    (void)arg;
    log_die("%s", text);
}

static bool is_ready(struct buffer *text, void *arg)
{
    struct worker *worker = arg;
    bool redis = redis_is_up(worker->context.redis);
    bool api = worker->context.breaker.state == BREAKER_CLOSED;

    buffer_add_format(text, "redis: %s\napi: %s\nstate: %s\n", redis ? "up" : "away",
                      api ? "up" : "failing or refusing",
                      worker->context.draining ? "draining"
                      : worker->begun          ? "working"
                                               : "starting");
    return redis && api && worker->begun && !worker->context.draining;
}

static void refresh_metrics(void (*done)(void *arg), void *done_arg, void *arg)
{
    struct worker *worker = arg;

    worker->context.in_hand.value = worker->context.run_count;
    gauges_refresh(worker->gauges, done, done_arg);
}

/* --- putting it together --- */

static char *make_name(void)
{
    char host[256] = "unknown";
    uint64_t nonce;

    gethostname(host, sizeof(host) - 1);
    clock_random(&nonce, sizeof(nonce));
    return xasprintf("%s:%ld:%016" PRIx64, host, (long)getpid(), nonce);
}

static void connect_redis(struct worker *worker)
{
    struct context *context = &worker->context;
    const struct config *config = context->config;
    struct error error;
    struct redis_options options = {.loop = context->loop,
                                    .url = &worker->redis_url,
                                    .name = "commands",
                                    .probe = context->queue.keys.probe,
                                    .reply_timeout_ms = REDIS_REPLY_MS,
                                    .round_trip = &context->redis_seconds,
                                    .reconnects = &context->redis_reconnects,
                                    .on_up = on_redis_up,
                                    .on_down = on_redis_down,
                                    .on_refused = on_redis_refused,
                                    .arg = worker};

    if (!redis_url_load(&worker->redis_url, config, &error))
        log_die("%s", error.text);
    context->redis = redis_new(&options);
    struct callback_secret_options secret = {.loop = context->loop,
                                             .redis = context->redis,
                                             .key = context->queue.keys.callback_secret,
                                             .configured = config->callback_secret,
                                             .on_known = on_secret,
                                             .arg = worker};
    context->secret = callback_secret_new(&secret, &error);
    if (context->secret == NULL)
        log_die("REELQ_CALLBACK_SECRET: %s", error.text);
    context->queue.redis = context->redis;
    context->queue.scripts = scripts_new(context->loop, context->redis);
    context->queue.lease_ms = config->lease_ms;
    context->queue.retention_ms = config->retention_ms;
}

static void start_feeders(struct worker *worker)
{
    struct feeder_options tasks = {QUEUE_TASKS,        "tasks",
                                   &worker->redis_url, room_for_tasks,
                                   intake_take,        worker->context.config->max_awaiting};
    struct feeder_options callbacks = {QUEUE_CALLBACKS,    "callbacks",   &worker->redis_url,
                                       room_for_callbacks, callback_take, 0};

    worker->tasks = feeder_new(&worker->context, &tasks);
    worker->callbacks = feeder_new(&worker->context, &callbacks);
}

static void fill_context(struct worker *worker, const struct config *config, struct loop *loop)
{
    struct context *context = &worker->context;
    struct http_client_options client = {.loop = loop,
                                         .token = config->api_key,
                                         .user_agent = "reelq/" REELQ_VERSION,
                                         .timeout_ms = config->api_timeout_ms,
                                         .max_body = MAX_REPLY,
                                         .guarded = http_reach_of_url(config->api_base_url) ==
                                                    HTTP_REACH_PUBLIC,
                                         .max_connections = (unsigned)config->concurrency};
    context->config = config;
    context->loop = loop;
    keys_init(&context->queue.keys, config->prefix);
    context->client = http_client_new(&client);
    context->defaults = (struct item_defaults){config->max_attempts, config->default_index};
    context->name = make_name();
    context->started_at_ms = clock_wall_ms();
    context->on_slot = on_slot;
    context->on_due = on_due;
    TAILQ_INIT(&context->runs);
    breaker_init(&context->breaker, config->breaker, config->probe_interval_ms);
    worker_metrics_register(context);
}

static void warn_about(const struct config *config)
{
    if (config->unknown_grace_ms < 2 * config->lease_ms)
        log_warn("config", "REELQ_UNKNOWN_GRACE is under twice REELQ_LEASE: a call that lost its "
                           "worker may be repeated before its answer is known");
    if (config->public_url[0] == '\0')
        log_info("poll-mode",
                 "REELQ_PUBLIC_URL is not set: VideoDB is asked instead of calling back");
}

struct worker *worker_new(const struct config *config, struct loop *loop, struct error *error)
{
    struct worker *worker = xcalloc(1, sizeof(*worker));
    struct admin_options admin = {.loop = loop,
                                  .listen = config->admin_listen,
                                  .metrics = &worker->context.metrics,
                                  .refresh = refresh_metrics,
                                  .ready = is_ready,
                                  .arg = worker};

    warn_about(config);
    fill_context(worker, config, loop);
    loop_timer_init(&worker->drain_timer, loop, on_drain_timeout, worker);
    worker->sweeper = sweeper_new(&worker->context);
    worker->lease = lease_new(&worker->context);
    worker->gauges = gauges_new(&worker->context);
    worker->notify = notify_new(loop);
    connect_redis(worker);
    start_feeders(worker);
    worker->admin = admin_new(&admin, error);
    if (worker->admin == NULL) {
        worker_free(worker);
        return NULL;
    }
    log_info("start", "worker=%s version=%s", worker->context.name, REELQ_VERSION);
    return worker;
}

void worker_free(struct worker *worker)
{
    struct context *context = &worker->context;

    context->draining = true;
    worker->leaving = true;
    feeder_stop(worker->tasks);
    feeder_stop(worker->callbacks);
    http_client_free(context->client);
    redis_free(context->redis);
    scripts_free(context->queue.scripts);
    feeder_free(worker->tasks);
    feeder_free(worker->callbacks);
    admin_free(worker->admin);
    sweeper_free(worker->sweeper);
    lease_free(worker->lease);
    gauges_free(worker->gauges);
    loop_timer_clear(&worker->drain_timer);
    notify_free(worker->notify);
    callback_secret_free(context->secret);
    api_health_clear(context);
    keys_clear(&context->queue.keys);
    redis_url_clear(&worker->redis_url);
    free(context->name);
    free(worker);
}
