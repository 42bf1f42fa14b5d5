#include "queue/callback_secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "base/wipe.h"
#include "base/xalloc.h"

enum {
    SECRET_BYTES = 32,
    MAX_KEPT = 4, /* with those that Redis has lost */
    RETRY_MS = 500,
    ASK_AGAIN_MS = 30000
};

struct callback_secret {
    struct callback_secret_options options;
    struct signature_keys keys;
    char *text;      /* as it stands in Redis; NULL: not known */
    unsigned agreed; /* so many of the keys stand there, the others did before */
    struct loop_timer ask;
    bool asking;
    bool failing; /* said so in the log */
};

static void ask(void *arg);

/* --- agreed ----------------------------------------------------------------------------------- */

static void forget_text(struct callback_secret *secret)
{
    wipe_free_text(secret->text);
    secret->text = NULL;
}

static bool has(const struct signature_keys *keys, unsigned count, const char *wanted)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(keys->secrets[i], wanted) == 0)
            return true;
    return false;
}

/* Somebody has changed the list when one of its secrets is still there: then it is all that counts.
 * Else Redis has lost it, and callbacks that were signed by what it has lost are on their way. */
static bool is_lost(const struct callback_secret *secret, const struct signature_keys *fresh)
{
    for (unsigned i = 0; i < fresh->count; i++)
        if (has(&secret->keys, secret->agreed, fresh->secrets[i]))
            return false;
    return true;
}

static void keep_lost(const struct callback_secret *secret, struct signature_keys *fresh)
{
    for (unsigned i = 0; i < secret->keys.count && fresh->count < MAX_KEPT; i++)
        if (!has(fresh, fresh->count, secret->keys.secrets[i]))
            signature_keys_add(fresh, slice_text(secret->keys.secrets[i]));
}

static bool take(struct callback_secret *secret, struct slice text)
{
    struct signature_keys fresh;
    struct error error;

    if (!signature_keys_parse(&fresh, text, &error))
        return false;
    unsigned agreed = fresh.count;
    for (unsigned i = 0; i < agreed; i++)
        redact_add(slice_text(fresh.secrets[i]));
    if (is_lost(secret, &fresh))
        keep_lost(secret, &fresh);
    signature_keys_clear(&secret->keys);
    forget_text(secret);
    secret->keys = fresh;
    secret->agreed = agreed;
    secret->text = slice_copy(text);
    log_info("secret-agreed", "keys=%u", fresh.count);
    return true;
}

static bool is_current(const struct callback_secret *secret, struct slice text)
{
    return secret->text != NULL && slice_is(text, secret->text);
}

static void on_agreed(const struct redisReply *reply, void *arg)
{
    struct callback_secret *secret = arg;
    bool there = reply != NULL && reply->type == REDIS_REPLY_STRING;
    struct slice text = there ? slice_make(reply->str, reply->len) : slice_text("");
    bool known = secret->keys.count > 0;

    secret->asking = false;
    bool good = there && (is_current(secret, text) || take(secret, text));
    bool worth_saying = there || secret->keys.count == 0;
    if (!good && worth_saying && !secret->failing)
        log_warn("secret-missing", "reason=%s",
                 there ? "what-stands-in-redis-is-none" : "no-answer");
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
    forget_text(secret);
    loop_timer_clear(&secret->ask);
    free(secret);
}

const struct signature_keys *callback_secret_keys(const struct callback_secret *secret)
{
    return &secret->keys;
}
