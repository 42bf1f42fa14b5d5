#include "queue/callback_secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"

/* A secret that Redis has lost is kept for a while: callbacks signed by it are still on their way.
 */
enum {
    SECRET_BYTES = 32,
    MAX_AGREED = 4,
    KEYS_TEXT_MAX = 64 * 1024,
    RETRY_MS = 500,
    ASK_AGAIN_MS = 30000
};

struct callback_secret {
    struct callback_secret_options options;
    struct signature_keys keys;
    struct loop_timer ask;
    bool asking;
    bool failing; /* said so in the log */
};

static void ask(void *arg);

/* --- agreed ----------------------------------------------------------------------------------- */

/* The new one first, then those that were in force before it. */
static bool take(struct callback_secret *secret, const char *text)
{
    struct buffer list = BUFFER(KEYS_TEXT_MAX);
    struct signature_keys keys;
    struct error error;

    buffer_add_text(&list, text);
    for (unsigned i = 0; i < secret->keys.count && i + 1 < MAX_AGREED; i++)
        buffer_add_format(&list, ",%s", secret->keys.secrets[i]);
    bool good = !list.failed && signature_keys_parse(&keys, buffer_slice(&list), &error);
    buffer_clear(&list);
    if (!good)
        return false;
    signature_keys_clear(&secret->keys);
    secret->keys = keys;
    log_info("secret-agreed", "keys=%u", keys.count);
    return true;
}

static bool is_current(const struct callback_secret *secret, const char *text)
{
    return secret->keys.count > 0 && strcmp(secret->keys.secrets[0], text) == 0;
}

static void on_agreed(const struct redisReply *reply, void *arg)
{
    struct callback_secret *secret = arg;
    const char *text = reply != NULL && reply->type == REDIS_REPLY_STRING ? reply->str : NULL;
    bool known = secret->keys.count > 0;

    secret->asking = false;
    bool good = text != NULL && (is_current(secret, text) || take(secret, text));
    bool worth_saying = text != NULL || secret->keys.count == 0;
    if (!good && worth_saying && !secret->failing)
        log_warn("secret-missing", "reason=%s",
                 text == NULL ? "no-answer" : "what-stands-in-redis-is-none");
    secret->failing = !good;
    loop_timer_start(&secret->ask, good ? ASK_AGAIN_MS : RETRY_MS);
    if (!known && secret->keys.count > 0 && secret->options.on_known != NULL)
        secret->options.on_known(secret->options.arg);
}

static void make_secret(char text[2 * SECRET_BYTES + 1])
{
    unsigned char bytes[SECRET_BYTES];

    clock_random(bytes, sizeof(bytes));
    for (size_t i = 0; i < SECRET_BYTES; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* Whether the proposal is taken does not matter: what stands there afterwards counts. Nobody asks
 * while Redis is away: callback_secret_on_up() begins again. */
static void ask(void *arg)
{
    struct callback_secret *secret = arg;
    struct redis *redis = secret->options.redis;
    char proposal[2 * SECRET_BYTES + 1];

    if (secret->asking || !redis_is_up(redis))
        return;
    secret->asking = true;
    make_secret(proposal);
    redis_send_text(redis, NULL, NULL, "SET", secret->options.key, proposal, "NX", NULL);
    redis_send_text(redis, on_agreed, secret, "GET", secret->options.key, NULL);
}

void callback_secret_on_up(struct callback_secret *secret)
{
    if (secret->options.configured[0] == '\0')
        ask(secret);
}

/* --- life ------------------------------------------------------------------------------------- */

struct callback_secret *callback_secret_new(const struct callback_secret_options *options,
                                            struct error *error)
{
    struct callback_secret *secret = xcalloc(1, sizeof(*secret));

    secret->options = *options;
    loop_timer_init(&secret->ask, options->loop, ask, secret);
    if (options->configured[0] == '\0' ||
        signature_keys_parse(&secret->keys, slice_text(options->configured), error))
        return secret;
    callback_secret_free(secret);
    return NULL;
}

void callback_secret_free(struct callback_secret *secret)
{
    if (secret == NULL)
        return;
    signature_keys_clear(&secret->keys);
    loop_timer_clear(&secret->ask);
    free(secret);
}

const struct signature_keys *callback_secret_keys(const struct callback_secret *secret)
{
    return &secret->keys;
}
