#include "queue/callback_secret.h"

#include <stdio.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/xalloc.h"

enum { SECRET_BYTES = 32 };

struct agreement {
    callback_secret_fn fn;
    void *arg;
};

static void make_secret(char text[2 * SECRET_BYTES + 1])
{
    unsigned char bytes[SECRET_BYTES];

    clock_random(bytes, sizeof(bytes));
    for (size_t i = 0; i < SECRET_BYTES; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void on_secret(const struct redisReply *reply, void *arg)
{
    struct agreement *agreement = arg;
    bool given = reply != NULL && reply->type == REDIS_REPLY_STRING;

    agreement->fn(given ? reply->str : NULL, agreement->arg);
    free(agreement);
}

void callback_secret_agree(struct redis *redis, const char *prefix, callback_secret_fn fn,
                           void *arg)
{
    struct agreement *agreement = xcalloc(1, sizeof(*agreement));
    char *key = xasprintf("%scallback-secret", prefix);
    char proposal[2 * SECRET_BYTES + 1];

    *agreement = (struct agreement){.fn = fn, .arg = arg};
    make_secret(proposal);
    /* Whether the proposal was taken does not matter: what stands there afterwards counts. */
    redis_send_text(redis, NULL, NULL, "SET", key, proposal, "NX", NULL);
    redis_send_text(redis, on_secret, agreement, "GET", key, NULL);
    free(key);
}
