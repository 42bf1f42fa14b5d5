/* dead - tasks that have failed: the list, what failed how often, and another try. */
#include <hiredis/hiredis.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/dead_list.h"

enum { OPTION_ALL, OPTION_ERROR, OPTION_COUNT };

static const struct option options[] = {
    [OPTION_ALL] = {"--all", NULL, "retry: every failed task", OPTION_FLAG, 0},
    [OPTION_ERROR] = {"--error", "TEXT", "only those whose error has this text in it", OPTION_TEXT,
                      0},
    [OPTION_COUNT] = {"--count", "N", "list so many (default 20)", OPTION_NUMBER, 1},
    {.name = NULL},
};

enum { COUNT = 20, PUSHED_AT_ONCE = 256 };

/* --- list ------------------------------------------------------------------------------------- */

static int list(struct session *session)
{
    const struct arguments *arguments = session->arguments;
    struct dead_list list;
    size_t count =
        arguments->text[OPTION_COUNT] != NULL ? (size_t)arguments->number[OPTION_COUNT] : COUNT;

    if (arguments->word_count > 1)
        return session_usage("dead list takes no ids; see reelq dead --help");
    if (!dead_list_read(&list, session, arguments->text[OPTION_ERROR]))
        return session_failed(session, session->client);
    if (arguments->json)
        dead_list_add_json(&session->out, &list, count);
    else
        dead_list_add_text(&session->out, &session->screen, &list, count);
    dead_list_clear(&list);
    return EXIT_DONE;
}

/* --- retry ------------------------------------------------------------------------------------ */

/* Pushes up to PUSHED_AT_ONCE of the ids in one command. */
static bool push(struct session *session, const char *const ids[], size_t count)
{
    const char *words[PUSHED_AT_ONCE + 2] = {"LPUSH", session->keys.tasks};

    memcpy(&words[2], ids, count * sizeof(*ids));
    client_queue_words(session->client, (int)(2 + count), words);
    struct redisReply *reply = client_next(session->client);
    freeReplyObject(reply);
    return reply != NULL;
}

static int push_ids(struct session *session, const char *const ids[], size_t count)
{
    for (size_t done = 0; done < count; done += PUSHED_AT_ONCE) {
        size_t part = count - done < PUSHED_AT_ONCE ? count - done : PUSHED_AT_ONCE;
        if (!push(session, ids + done, part))
            return session_failed(session, session->client);
    }
    if (session->arguments->json)
        buffer_add_format(&session->out, "{\"retried\":%zu}\n", count);
    else
        buffer_add_format(&session->out, "%zu task%s to be run again\n", count,
                          count == 1 ? "" : "s");
    return EXIT_DONE;
}

/* What is not failed would be run by nobody. Who may not look pushes as it is. */
static int check_failed(struct session *session, const char *id)
{
    if (!keys_valid_id(slice_text(id)))
        return session_usage("dead retry: %.64s is no task id; of a failed index name its upload",
                             id);
    struct redisReply *reply =
        client_ask(session->client, "HGET %stask:%s state", session->keys.prefix, id);
    int status = EXIT_DONE;
    if (reply == NULL)
        return client_denied(session->client) ? EXIT_DONE
                                              : session_failed(session, session->client);
    if (reply->type != REDIS_REPLY_STRING) {
        (void)session_usage("dead retry: there is no task %s; nothing was retried", id);
        status = EXIT_MISSING;
    } else if (strcmp(reply->str, "failed") != 0) {
        status =
            session_usage("dead retry: %s is %s, not failed; nothing was retried", id, reply->str);
    }
    freeReplyObject(reply);
    return status;
}

static int retry_named(struct session *session)
{
    const struct arguments *arguments = session->arguments;

    for (size_t i = 1; i < arguments->word_count; i++) {
        int status = check_failed(session, arguments->words[i]);
        if (status != EXIT_DONE)
            return status;
    }
    return push_ids(session, arguments->words + 1, arguments->word_count - 1);
}

static int retry_all(struct session *session)
{
    struct dead_list list;
    int status;

    if (!dead_list_read(&list, session, session->arguments->text[OPTION_ERROR]))
        return session_failed(session, session->client);
    status = push_ids(session, dead_list_ids(&list), list.count);
    dead_list_clear(&list);
    return status;
}

static int retry(struct session *session)
{
    const struct arguments *arguments = session->arguments;
    bool many = arguments->text[OPTION_ALL] != NULL || arguments->text[OPTION_ERROR] != NULL;

    if (many == (arguments->word_count > 1))
        return session_usage("dead retry: name the ids, or --error TEXT, or --all");
    return many ? retry_all(session) : retry_named(session);
}

/* --- */

static int show(struct session *session)
{
    const struct arguments *whole = session->arguments;
    struct arguments rest = *whole;

    if (rest.word_count != 2)
        return session_usage("dead show takes one id; see reelq dead --help");
    rest.words++;
    rest.word_count--;
    session->arguments = &rest;
    int status = command_show.run(session);
    session->arguments = whole;
    return status;
}

static int run(struct session *session)
{
    const struct arguments *arguments = session->arguments;
    const char *verb = arguments->word_count > 0 ? arguments->words[0] : "list";

    if (strcmp(verb, "list") == 0)
        return list(session);
    if (strcmp(verb, "show") == 0)
        return show(session);
    if (strcmp(verb, "retry") == 0)
        return retry(session);
    return session_usage("dead %.64s: expected list, show ID or retry ID...", verb);
}

const struct command command_dead = {
    .name = "dead",
    .words = "[list|show ID|retry [ID...]]",
    .summary = "Lists the tasks that have failed, shows one, or runs them again",
    .details =
        "`retry` takes ids, or --error TEXT for all whose error has that text in it (in any case "
        "of\n"
        "letters), or --all. An upload whose video exists runs only its failed indexes again. The\n"
        "list has the last 10000 that failed, the last one first.",
    .options = options,
    .run = run,
};
