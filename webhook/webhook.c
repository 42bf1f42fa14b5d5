#include "webhook/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "dashboard/dashboard.h"
#include "net/activation.h"
#include "net/admin.h"
#include "net/listen_address.h"
#include "net/notify.h"
#include "net/peer_limit.h"
#include "queue/callback_secret.h"
#include "queue/keys.h"
#include "webhook/receiver.h"
#include "webhook/store.h"
#include "webhook/webhook_metrics.h"

/* A push that Redis does not answer for so long has lost its connection. No client waits longer
 * than DRAIN_MAX_MS for the end of a request that it has begun. */
enum { REPLY_TIMEOUT_MS = 2000, DRAIN_MAX_MS = 10000 };

struct webhook {
    struct loop *loop;
    const struct config *config;
    struct keys keys;
    struct redis_url url;
    struct redis *redis;
    struct callback_secret *secret;
    struct pusher *pusher;
    struct spool *spool;   /* NULL: none */
    struct replay *replay; /* of the spool */
    struct store *store;
    struct receiver *receiver;
    struct dashboard *dashboard;
    struct admin *admin;
    struct http_server *server;
    struct notify *notify;
    struct webhook_metrics metrics;
    struct loop_timer drain_deadline;
    bool draining;
    struct error failure; /* "" when there was none */
};

/* --- Redis ------------------------------------------------------------------------------------ */

static void on_redis_up(void *arg)
{
    struct webhook *webhook = arg;

    callback_secret_on_up(webhook->secret);
    if (webhook->replay != NULL)
        replay_on_up(webhook->replay);
    store_on_up(webhook->store);
    notify_up(webhook->notify);
}

static void on_redis_down(void *arg)
{
    const struct webhook *webhook = arg;

    notify_down(webhook->notify);
}

static void on_spooled(void *arg)
{
    struct webhook *webhook = arg;

    replay_kick(webhook->replay);
}

static void on_redis_refused(const char *text, void *arg)
{
    struct webhook *webhook = arg;

    (void)error_set(&webhook->failure, "%s", text);
    loop_stop(webhook->loop);
}

/* --- what the admin listener shows ------------------------------------------------------------ */

static bool add_check(struct buffer *text, const char *name, bool good, const char *otherwise)
{
    buffer_add_format(text, "%s: %s\n", name, good ? "ok" : otherwise);
    return good;
}

/* Whether callbacks find a place: in Redis, or in the spool, and then it says so. */
static bool add_places(struct buffer *text, const struct webhook *webhook)
{
    bool up = redis_is_up(webhook->redis);

    if (webhook->spool == NULL)
        return add_check(text, "redis", up, "away");
    const char *trouble = spool_trouble(webhook->spool);
    unsigned long long records = spool_records(webhook->spool);
    /* With nothing to replay, nothing but the next callback finds out that a refusal is over. */
    bool refused = records > 0 && pusher_is_refused(webhook->pusher);
    bool redis = add_check(text, "redis", up && !refused, up ? "refuses callbacks" : "away");
    if (trouble != NULL)
        buffer_add_format(text, "spool: %s, %llu callbacks wait\n", trouble, records);
    else if (!redis || records > 0)
        buffer_add_format(text, "spool: degraded, %llu callbacks wait\n", records);
    else
        buffer_add_text(text, "spool: ok\n");
    return redis || trouble == NULL;
}

static bool is_ready(struct buffer *text, void *arg)
{
    const struct webhook *webhook = arg;

    bool places = add_places(text, webhook);
    bool secret = add_check(text, "secret", callback_secret_keys(webhook->secret)->count > 0,
                            "not known yet");
    bool serving = add_check(text, "listener", !webhook->draining, "draining");
    return places && secret && serving;
}

static void update_metrics(struct webhook *webhook)
{
    struct webhook_metrics *metrics = &webhook->metrics;

    metrics->redis_up.value = redis_is_up(webhook->redis) ? 1 : 0;
    metrics->in_flight.value = receiver_in_flight(webhook->receiver);
    metrics->connections.value = http_server_connections(webhook->server);
    metrics->answers.value = (double)http_server_answers(webhook->server);
    if (webhook->spool == NULL)
        return;
    metrics->replayed.value = (double)replay_total(webhook->replay);
    metrics->spool_records.value = (double)spool_records(webhook->spool);
    metrics->spool_bytes.value = (double)spool_bytes(webhook->spool);
}

static void refresh_metrics(void (*done)(void *arg), void *done_arg, void *arg)
{
    update_metrics(arg);
    done(done_arg);
}

/* --- end -------------------------------------------------------------------------------------- */

static void on_drained(void *arg)
{
    struct webhook *webhook = arg;

    log_info("drained", "program=webhook");
    loop_stop(webhook->loop);
}

static void on_drain_deadline(void *arg)
{
    struct webhook *webhook = arg;

    log_warn("drain-timeout", "connections=%u", http_server_connections(webhook->server));
    loop_stop(webhook->loop);
}

static void on_terminate(void *arg)
{
    struct webhook *webhook = arg;
    int64_t limit_ms = webhook->config->drain_timeout_ms;

    webhook->draining = true;
    notify_stopping(webhook->notify);
    log_info("draining", "connections=%u callbacks=%u", http_server_connections(webhook->server),
             receiver_in_flight(webhook->receiver));
    loop_timer_start(&webhook->drain_deadline, limit_ms < DRAIN_MAX_MS ? limit_ms : DRAIN_MAX_MS);
    http_server_drain(webhook->server, on_drained, webhook);
}

/* --- life ------------------------------------------------------------------------------------- */

static bool open_redis(struct webhook *webhook, struct error *error)
{
    const struct config *config = webhook->config;
    struct redis_options options = {.loop = webhook->loop,
                                    .url = &webhook->url,
                                    .name = "webhook",
                                    .probe = webhook->keys.probe,
                                    .reply_timeout_ms = REPLY_TIMEOUT_MS,
                                    .round_trip = &webhook->metrics.round_trip,
                                    .reconnects = &webhook->metrics.reconnects,
                                    .on_up = on_redis_up,
                                    .on_down = on_redis_down,
                                    .on_refused = on_redis_refused,
                                    .arg = webhook};

    if (!redis_url_load(&webhook->url, config, error))
        return false;
    webhook->redis = redis_new(&options);
    webhook->pusher = pusher_new(webhook->redis, webhook->keys.callbacks);
    struct callback_secret_options secret = {.loop = webhook->loop,
                                             .redis = webhook->redis,
                                             .key = webhook->keys.callback_secret,
                                             .configured = config->callback_secret};
    webhook->secret = callback_secret_new(&secret, error);
    return webhook->secret != NULL || error_prefix(error, "REELQ_CALLBACK_SECRET");
}

static bool open_spool(struct webhook *webhook, struct error *error)
{
    const struct config *config = webhook->config;
    struct spool_options options = {.loop = webhook->loop,
                                    .directory = config->spool_dir,
                                    .max_bytes = (size_t)config->max_spool_bytes,
                                    .on_more = on_spooled,
                                    .arg = webhook};

    if (config->spool_dir[0] == '\0')
        return true;
    webhook->spool = spool_new(&options, error);
    if (webhook->spool == NULL)
        return error_prefix(error, "REELQ_SPOOL_DIR");
    webhook->replay = replay_new(webhook->loop, webhook->pusher, webhook->spool);
    return true;
}

static void open_receiver(struct webhook *webhook)
{
    struct store_options store = {.loop = webhook->loop,
                                  .pusher = webhook->pusher,
                                  .spool = webhook->spool,
                                  .replay = webhook->replay};
    webhook->store = store_new(&store);
    struct receiver_options receiver = {.store = webhook->store,
                                        .metrics = &webhook->metrics.all,
                                        .keys = callback_secret_keys(webhook->secret)};
    webhook->receiver = receiver_new(&receiver);
}

static bool open_admin(struct webhook *webhook, struct error *error)
{
    webhook->dashboard = dashboard_new(webhook->loop, webhook->config, error);
    if (webhook->dashboard == NULL)
        return false;
    struct admin_offer offer = dashboard_offer(webhook->dashboard);
    struct admin_options options = {.loop = webhook->loop,
                                    .listen = webhook->config->admin_listen,
                                    .metrics = &webhook->metrics.all,
                                    .refresh = refresh_metrics,
                                    .ready = is_ready,
                                    .arg = webhook,
                                    .offer = &offer};
    webhook->admin = admin_new(&options, error);
    return webhook->admin != NULL || error_prefix(error, "REELQ_ADMIN_LISTEN");
}

static bool open_server(struct webhook *webhook, struct error *error)
{
    const struct config *config = webhook->config;
    struct http_server_options options = {.loop = webhook->loop,
                                          .listen = config->listen,
                                          .name = "public",
                                          .gate = receiver_on_head,
                                          .handle = receiver_on_request,
                                          .arg = webhook->receiver,
                                          .max_body = (size_t)config->max_body_bytes,
                                          .max_connections = (unsigned)config->max_connections,
                                          .max_per_address = (unsigned)config->max_per_address,
                                          .trusted_proxies = config->trusted_proxies,
                                          .require_json_length = true};
    if (!activation_socket(&options.socket, error))
        return false;
    webhook->server = http_server_new(&options, error);
    return webhook->server != NULL || error_prefix(error, "REELQ_LISTEN");
}

struct webhook *webhook_new(struct loop *loop, const struct config *config, struct error *error)
{
    struct webhook *webhook = xcalloc(1, sizeof(*webhook));

    webhook->loop = loop;
    webhook->config = config;
    keys_init(&webhook->keys, config->prefix);
    webhook_metrics_init(&webhook->metrics);
    loop_timer_init(&webhook->drain_deadline, loop, on_drain_deadline, webhook);
    webhook->notify = notify_new(loop);
    if (!open_redis(webhook, error) || !open_spool(webhook, error))
        goto fail;
    open_receiver(webhook);
    if (!open_admin(webhook, error) || !open_server(webhook, error))
        goto fail;
    loop_on_terminate(loop, on_terminate, webhook);
    return webhook;
fail:
    webhook_free(webhook);
    return NULL;
}

void webhook_free(struct webhook *webhook)
{
    if (webhook == NULL)
        return;
    admin_free(webhook->admin);
    dashboard_free(webhook->dashboard);
    http_server_free(webhook->server);
    redis_free(webhook->redis);
    store_free(webhook->store);
    replay_free(webhook->replay);
    spool_free(webhook->spool);
    pusher_free(webhook->pusher);
    receiver_free(webhook->receiver);
    callback_secret_free(webhook->secret);
    redis_url_clear(&webhook->url);
    keys_clear(&webhook->keys);
    loop_timer_clear(&webhook->drain_deadline);
    notify_free(webhook->notify);
    free(webhook);
}

const char *webhook_failure(const struct webhook *webhook)
{
    return webhook->failure.text[0] == '\0' ? NULL : webhook->failure.text;
}

/* --- configuration ---------------------------------------------------------------------------- */

static bool check_listen(const char *name, const char *text, struct error *error)
{
    struct listen_address address;

    if (!listen_address_parse(&address, text, error))
        return error_prefix(error, "%s", name);
    listen_address_clear(&address);
    return true;
}

static bool check_proxies(const struct config *config, struct error *error)
{
    struct peer_limit *limit = peer_limit_new(1, config->trusted_proxies, error);

    if (limit == NULL)
        return error_prefix(error, "REELQ_TRUSTED_PROXIES");
    peer_limit_free(limit);
    return true;
}

bool webhook_check(const struct config *config, struct error *error)
{
    struct redis_url url;

    if (!redis_url_load(&url, config, error))
        return false;
    redis_url_clear(&url);
    if (!redis_url_load_admin(&url, config, error))
        return false;
    redis_url_clear(&url);
    return check_listen("REELQ_LISTEN", config->listen, error) &&
           (strcmp(config->admin_listen, "off") == 0 ||
            check_listen("REELQ_ADMIN_LISTEN", config->admin_listen, error)) &&
           check_proxies(config, error);
}
