/* fleet_member - one worker or webhook and its successors: they have the same place, and each a log
 * of its own. */
#ifndef REELQ_CHAOS_FLEET_MEMBER_H
#define REELQ_CHAOS_FLEET_MEMBER_H

#include "chaos/collect.h"
#include "chaos/verdict.h"
#include "support/process.h"

enum fleet_member_state {
    MEMBER_UP,
    MEMBER_KILLED, /* until it is started again */
    MEMBER_ENDING, /* was told to end; a successor follows */
    MEMBER_GONE    /* for good */
};

struct fleet_member {
    const char *program; /* path */
    const char *kind;    /* "worker", "webhook" */
    unsigned number;     /* from 1 */
    const char *const *environment;
    const char *folder; /* for its logs */
    struct ledger *ledger;
    struct census *census;
    struct verdict *verdict;

    struct process *process;
    enum fleet_member_state state;
    unsigned generation;
    int64_t end_by_ms; /* of MEMBER_ENDING */
};

void fleet_member_start(struct fleet_member *member);
void fleet_member_kill(struct fleet_member *member);
void fleet_member_signal(struct fleet_member *member, int number);

/* SIGTERM; fleet_member_tick() starts the successor. */
void fleet_member_replace(struct fleet_member *member);
void fleet_member_tick(struct fleet_member *member);

/* SIGTERM, and waits for the end. */
void fleet_member_end(struct fleet_member *member);

/* Kills it without a word. */
void fleet_member_clear(struct fleet_member *member);

#endif
