/* redis_greeting - AUTH, SELECT, CLIENT SETNAME, PING, UNLINK.
 * A connection is of use only after the last answer: while Redis loads its data or follows a master
 * that is away, it accepts, authenticates, and answers PING with an error; as a replica it answers
 * that, and refuses to write. */
#include "net/redis_greeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/buffer.h"
#include "base/xalloc.h"
#include "net/redis_resp.h"

enum { MAX_STEP = 64 << 10 };

static void add_auth(struct buffer *buffer, const struct redis_greeting *greeting)
{
    const struct redis_url *url = greeting->url;

    if (url->password[0] == '\0') {
        return;
    }
    if (url->user[0] == '\0') {
        redis_resp_add_words(buffer, "AUTH", url->password, NULL);
        return;
    }
    redis_resp_add_words(buffer, "AUTH", url->user, url->password, NULL);
}

static void add_select(struct buffer *buffer, const struct redis_greeting *greeting)
{
    char number[16];

    if (greeting->url->db != 0) {
        (void)snprintf(number, sizeof(number), "%d", greeting->url->db);
        redis_resp_add_words(buffer, "SELECT", number, NULL);
    }
}

static void add_name(struct buffer *buffer, const struct redis_greeting *greeting)
{
    char *full = xasprintf("reelq-%s", greeting->name);

    redis_resp_add_words(buffer, "CLIENT", "SETNAME", full, NULL);
    free(full);
}

static void add_ping(struct buffer *buffer, const struct redis_greeting *greeting)
{
    (void)greeting;
    redis_resp_add_words(buffer, "PING", NULL);
}

static void add_probe(struct buffer *buffer, const struct redis_greeting *greeting)
{
    if (greeting->probe != NULL) {
        redis_resp_add_words(buffer, "UNLINK", greeting->probe, NULL);
    }
}

static void (*const steps[])(struct buffer *buffer, const struct redis_greeting *greeting) = {
    add_auth, add_select, add_name, add_ping, add_probe};

void redis_greeting_start(struct redis_greeting *greeting, struct redis_socket *socket)
{
    struct buffer step = BUFFER(MAX_STEP);

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        steps[i](&step, greeting);
        if (step.length > 0) {
            redis_socket_send(socket, buffer_slice(&step));
            greeting->sent++;
        }
        buffer_reset(&step);
    }
    buffer_clear(&step);
}

/* How such replies begin, and what to say; NULL: the reply itself, which names the command. */
static const struct refusal {
    const char *prefix;
    const char *reason;
} refusals[] = {
    {"WRONGPASS", "wrong user or password, or the user is disabled"},
    {"NOAUTH", "a password is needed"},
    {"NOPERM", NULL},
    {"ERR invalid password", "wrong password"},
    {"ERR AUTH", "a password was given, but Redis has none"},
    {"ERR Client sent AUTH", "a password was given, but Redis has none"},
};

static enum redis_welcome judge(const struct redis_greeting *greeting, const char *text,
                                const char **reason)
{
    bool to_auth = greeting->answered == 0 && greeting->url->password[0] != '\0';

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *refusal = &refusals[i];
        if (strncmp(text, refusal->prefix, strlen(refusal->prefix)) == 0) {
            *reason = refusal->reason != NULL ? refusal->reason : text;
            return REDIS_GREETING_REFUSED;
        }
    }
    /* A server that does not know AUTH echoes the arguments, so nothing of its reply is quoted. */
    *reason = to_auth ? "AUTH was answered with an unknown error" : text;
    return REDIS_GREETING_FAILED;
}

enum redis_welcome redis_greeting_answer(struct redis_greeting *greeting,
                                         const struct redisReply *reply, const char **reason)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        return judge(greeting, reply->str, reason);
    }
    greeting->answered++;
    return greeting->answered < greeting->sent ? REDIS_GREETING_GOES_ON : REDIS_GREETING_DONE;
}
