/* Who may come to Redis, and do what: this user by what it may do, the users of deploy/redis.acl
 * where this one may look at them. */
#include <hiredis/hiredis.h>
#include <string.h>

#include "cli/examination.h"

/* --- this user -------------------------------------------------------------------------------- */

static bool is_local(const struct redis_url *url)
{
    return url->path[0] != '\0' || strcmp(url->host, "localhost") == 0 ||
           strncmp(url->host, "127.", 4) == 0 || strcmp(url->host, "::1") == 0;
}

/* NX and XX together are an error that is found when the right is there: nothing is set. */
static bool may_pause(struct session *session)
{
    freeReplyObject(client_ask(session->client, "SET %s 0 NX XX", session->keys.pause));
    return !client_denied(session->client);
}

static void check_own(struct examination *examination)
{
    struct session *session = examination->session;
    const struct redis_url *url = &session->url;
    const char *user = url->user[0] != '\0' ? url->user : "default";

    if (url->password[0] == '\0' && !is_local(url))
        examination_say(examination, VERDICT_WARN,
                        "whoever reaches Redis may do everything: use the users of "
                        "deploy/redis.acl, each with a password",
                        "the user %s needs no password at %s", user, url->display);
    else
        examination_say(examination, VERDICT_OK, NULL, "the user %s may look%s", user,
                        may_pause(session) ? ", and pause the workers" : "");
}

/* Of `wait` and `submit --wait`. */
static void check_hearing(struct examination *examination)
{
    struct session *session = examination->session;
    struct client *listener = session_dial(session);

    if (listener == NULL)
        return;
    struct redisReply *reply = client_ask(listener, "SUBSCRIBE %sready", session->keys.prefix);
    if (reply == NULL && client_denied(listener))
        examination_say(examination, VERDICT_WARN, "`wait` and `submit --wait` need SUBSCRIBE",
                        "this user may not listen");
    freeReplyObject(reply);
    client_free(listener);
}

/* --- the users of the programs ---------------------------------------------------------------- */

/* What each must be able to do, as ACL DRYRUN takes it: USER, then the prefix of keys. */
static const struct {
    const char *user, *trial;
} trials[] = {
    {"reelq-submitter", "ACL DRYRUN %s LPUSH %stasks x"},
    {"reelq-webhook", "ACL DRYRUN %s LPUSH %scallbacks x"},
    {"reelq-worker", "ACL DRYRUN %s BLMOVE %stasks %stasks:landing RIGHT LEFT 1"},
    {"reelq-worker", "ACL DRYRUN %s EVALSHA 0 1 %srunning"},
    {"reelq-worker", "ACL DRYRUN %s HSET %stask:x state x"},
    {"reelq-worker", "ACL DRYRUN %s PUBLISH %sready x"},
    {"reelq-observer", "ACL DRYRUN %s XREVRANGE %sevents + -"},
    {"reelq-observer", "ACL DRYRUN %s SUBSCRIBE %sready"},
    {"reelq-operator", "ACL DRYRUN %s LPUSH %stasks x"},
    {"reelq-operator", "ACL DRYRUN %s UNLINK %spause"},
};

static const char *const users[] = {"reelq-submitter", "reelq-webhook", "reelq-worker",
                                    "reelq-observer", "reelq-operator"};

/* The first pair of ACL GETUSER. */
static bool has_flag(const struct redisReply *user, const char *flag)
{
    if (user->elements < 2 || user->element[1]->type != REDIS_REPLY_ARRAY)
        return false;
    for (size_t i = 0; i < user->element[1]->elements; i++)
        if (slice_is(client_text(user->element[1], i), flag))
            return true;
    return false;
}

static struct slice commands_of(const struct redisReply *user)
{
    for (size_t i = 0; i + 1 < user->elements; i += 2)
        if (slice_is(client_text(user, i), "commands"))
            return client_text(user, i + 1);
    return slice_text("");
}

/* Also while it is off: nobody but Redis itself is it then. */
static void check_default(struct examination *examination)
{
    struct redisReply *user = client_ask(examination->session->client, "ACL GETUSER default");

    if (user != NULL && user->type == REDIS_REPLY_ARRAY &&
        !slice_starts_with(commands_of(user), "+@all"))
        examination_say(examination, VERDICT_FAIL,
                        "Redis reads its AOF as this user, and drops what it may not do: ACL "
                        "SETUSER default allkeys allchannels +@all; it may be off",
                        "the user default may not do everything");
    freeReplyObject(user);
}

/* True: there is such a user, and nothing is wrong with it so far. */
static bool check_user(struct examination *examination, const char *name,
                       const struct redisReply *user)
{
    bool is_there = user->type == REDIS_REPLY_ARRAY, off = is_there && has_flag(user, "off"),
         open = is_there && has_flag(user, "nopass");

    if (off)
        examination_say(examination, VERDICT_WARN, "ACL SETUSER it on, if somebody comes as it",
                        "the user %s is off", name);
    if (open)
        examination_say(examination, VERDICT_FAIL, "ACL SETUSER it resetpass, and a password",
                        "the user %s needs no password", name);
    return is_there && !off && !open;
}

/* Redis before 7 has no such trials. */
static bool check_rights(struct examination *examination, const char *name)
{
    struct session *session = examination->session;
    const char *prefix = session->keys.prefix;
    bool good = true;

    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        if (strcmp(trials[i].user, name) != 0)
            continue;
        struct redisReply *reply =
            client_ask(session->client, trials[i].trial, name, prefix, prefix);
        if (reply != NULL && reply->type == REDIS_REPLY_STRING) {
            good = false;
            examination_say(examination, VERDICT_FAIL,
                            "take its line of deploy/redis.acl of this version", "%s: %s", name,
                            reply->str);
        }
        freeReplyObject(reply);
    }
    return good;
}

static void check_all(struct examination *examination)
{
    struct session *session = examination->session;
    size_t good = 0;

    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        struct redisReply *user = client_ask(session->client, "ACL GETUSER %s", users[i]);
        if (user == NULL)
            return;
        if (check_user(examination, users[i], user) && check_rights(examination, users[i]))
            good++;
        freeReplyObject(user);
    }
    if (good > 0)
        examination_say(examination, VERDICT_OK, NULL,
                        "%zu user%s of deploy/redis.acl may do what they must", good,
                        good == 1 ? "" : "s");
}

void doctor_check_users(struct examination *examination)
{
    check_own(examination);
    check_hearing(examination);
    check_default(examination);
    check_all(examination);
}
