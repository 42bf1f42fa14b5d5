#include "webhook/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "queue/callback_secret.h"

/* A secret that Redis has lost is kept for a while: callbacks signed by it are still on their way.
 */
enum { MAX_AGREED = 4, KEYS_TEXT_MAX = 64 * 1024, RETRY_MS = 500, ASK_AGAIN_MS = 30000 };

struct secret {
    struct secret_options options;
    struct signature_keys keys;
    struct loop_timer ask;
    bool asking;
    bool failing; /* said so in the log */
};

static void ask(void *arg);

/* --- agreed ----------------------------------------------------------------------------------- */

/* The new one first, then those that were in force before it. */
static bool take(struct secret *secret, const char *text)
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

static bool is_current(const struct secret *secret, const char *text)
{
    return secret->keys.count > 0 && strcmp(secret->keys.secrets[0], text) == 0;
}

static void on_agreed(const char *text, void *arg)
{
    struct secret *secret = arg;

    secret->asking = false;
    bool good = text != NULL && (is_current(secret, text) || take(secret, text));
    bool worth_saying = text != NULL || secret->keys.count == 0;
    if (!good && worth_saying && !secret->failing)
        log_warn("secret-missing", "reason=%s",
                 text == NULL ? "no-answer" : "what-stands-in-redis-is-none");
    secret->failing = !good;
    loop_timer_start(&secret->ask, good ? ASK_AGAIN_MS : RETRY_MS);
}

/* Nobody asks while Redis is away: secret_on_up() begins again. */
static void ask(void *arg)
{
    struct secret *secret = arg;

    if (secret->asking || !redis_is_up(secret->options.redis))
        return;
    secret->asking = true;
    callback_secret_agree(secret->options.redis, secret->options.prefix, on_agreed, secret);
}

void secret_on_up(struct secret *secret)
{
    if (secret->options.configured[0] == '\0')
        ask(secret);
}

/* --- life ------------------------------------------------------------------------------------- */

struct secret *secret_new(const struct secret_options *options, struct error *error)
{
    struct secret *secret = xcalloc(1, sizeof(*secret));

    secret->options = *options;
    loop_timer_init(&secret->ask, options->loop, ask, secret);
    if (options->configured[0] == '\0' ||
        signature_keys_parse(&secret->keys, slice_text(options->configured), error))
        return secret;
    secret_free(secret);
    return NULL;
}

void secret_free(struct secret *secret)
{
    if (secret == NULL)
        return;
    signature_keys_clear(&secret->keys);
    loop_timer_clear(&secret->ask);
    free(secret);
}

const struct signature_keys *secret_keys(const struct secret *secret)
{
    return &secret->keys;
}
