#include "chaos/fleet_member.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"

/* Far more than REELQ_DRAIN_TIMEOUT, for a machine that has other things to do. */
enum { END_MS = 15000, TAIL_BYTES = 2000, LOOK_AGAIN_MS = 5 };

/* What no process ends with: it had no reason to end. */
enum { NO_STATUS = 1000 };

void fleet_member_start(struct fleet_member *member)
{
    struct process_options options = {member->program, NULL, member->environment};

    if (member->process != NULL)
        return; /* it has a successor already */
    member->process = process_start(&options);
    member->state = MEMBER_UP;
    member->generation++;
}

/* --- the end of one --------------------------------------------------------------------------- */

static void keep_log(const struct fleet_member *member, const char *name, const char *log)
{
    char *path = xasprintf("%s/%s.log", member->folder, name);
    FILE *file = fopen(path, "we");

    if (file != NULL) {
        (void)fputs(log, file);
        (void)fclose(file);
    }
    free(path);
}

/* It has ended: reads its log and forgets it. One that was told to end before it could begin, and
 * has not said a word, ends by the signal. */
static void bury(struct fleet_member *member, int expected)
{
    const char *log = process_log(member->process);
    size_t length = strlen(log), skip = length > TAIL_BYTES ? length - TAIL_BYTES : 0;
    char *name = xasprintf("%s-%u.%u", member->kind, member->number, member->generation);
    int status = process_wait(member->process);

    bool unborn = expected == 0 && status == -SIGTERM && length == 0;

    if (status != expected && !unborn)
        verdict_note(member->verdict, VERDICT_DEATH, "%s ended with %d; the end of its log:\n%s",
                     name, status, log + skip);
    collect_log(member->ledger, member->census, name, slice_make(log, length));
    keep_log(member, name, log);
    process_free(member->process);
    member->process = NULL;
    free(name);
}

void fleet_member_kill(struct fleet_member *member)
{
    if (member->process == NULL)
        return;
    bool dead = process_ended(member->process);
    bool told = member->state == MEMBER_ENDING;
    process_signal(member->process, SIGKILL);
    (void)process_wait(member->process);
    bury(member, !dead ? -SIGKILL : told ? 0 : NO_STATUS);
    member->state = MEMBER_KILLED;
}

void fleet_member_signal(struct fleet_member *member, int number)
{
    if (member->process != NULL)
        process_signal(member->process, number);
}

void fleet_member_replace(struct fleet_member *member)
{
    if (member->process == NULL)
        return;
    process_signal(member->process, SIGTERM);
    member->state = MEMBER_ENDING;
    member->end_by_ms = clock_monotonic_ms() + END_MS;
}

static void check_patience(struct fleet_member *member)
{
    if (clock_monotonic_ms() < member->end_by_ms)
        return;
    verdict_note(member->verdict, VERDICT_DEATH, "%s-%u.%u does not end after SIGTERM",
                 member->kind, member->number, member->generation);
    fleet_member_kill(member);
}

void fleet_member_tick(struct fleet_member *member)
{
    if (member->process == NULL)
        return;
    if (!process_ended(member->process)) {
        if (member->state == MEMBER_ENDING)
            check_patience(member);
        return;
    }
    bury(member, member->state == MEMBER_ENDING ? 0 : NO_STATUS);
    fleet_member_start(member);
}

void fleet_member_end(struct fleet_member *member)
{
    fleet_member_replace(member);
    while (member->process != NULL && member->state == MEMBER_ENDING) {
        if (process_ended(member->process))
            bury(member, 0);
        else
            check_patience(member);
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
    member->state = MEMBER_GONE;
}

void fleet_member_clear(struct fleet_member *member)
{
    process_free(member->process);
    member->process = NULL;
}
