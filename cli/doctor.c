/* doctor - looks whether all is as it should be: Redis, its users, VideoDB, the way to the webhook.
 */
#include <hiredis/hiredis.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cli/commands.h"
#include "cli/examination.h"

static const struct option options[] = {{.name = NULL}};

static bool read_info(struct examination *examination)
{
    struct client *client = examination->session->client;
    struct redisReply *reply = client_ask(client, "INFO");

    if (reply == NULL && !client_denied(client))
        return false;
    if (reply == NULL)
        examination_say(examination, VERDICT_WARN,
                        "version, policy, AOF and memory are not checked; come as one who may",
                        "this user may not look at INFO");
    examination->info = xasprintf("\n%s", reply != NULL && reply->str != NULL ? reply->str : "");
    freeReplyObject(reply);
    return true;
}

static int run(struct session *session)
{
    struct examination examination = {.session = session};

    if (!snapshot_take(session, &examination.snapshot) || !read_info(&examination))
        return session_failed(session, session->client);
    doctor_check_redis(&examination);
    doctor_check_users(&examination);
    doctor_check_http(&examination);
    free(examination.info);
    return examination.worst == VERDICT_OK     ? EXIT_DONE
           : examination.worst == VERDICT_WARN ? EXIT_WARNED
                                               : EXIT_FAILED;
}

const struct command command_doctor = {
    .name = "doctor",
    .words = "",
    .summary = "Checks Redis and the workers, and says what to do",
    .details =
        "Exits with 0 when all is ok, 6 when there is a warning, 1 when something must be\n"
        "repaired. With the workers' VIDEO_DB_API_KEY it asks VideoDB for the default collection;\n"
        "REELQ_PUBLIC_URL gets a GET that is signed for no task, which reelq-webhook refuses in a\n"
        "way of its own. Where /readyz of a program answers on this machine it says what that "
        "says.",
    .examines = true,
    .options = options,
    .run = run,
};
