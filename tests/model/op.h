/* op - what is done to the store: a script with its arguments, and what it replies. */
#ifndef REELQ_TESTS_OP_H
#define REELQ_TESTS_OP_H

#include "model/store.h"

/* The scripts, and what else changes Redis: a user's push, a callback's claim, BLMOVE, leases. */
enum op_kind {
    NO_OP,
    OP_CLAIM,
    OP_ADMIT,
    OP_MOVE,
    OP_CHAIN,
    OP_FINISH,
    OP_PROMOTE,
    OP_RENEW,
    OP_RERUN,
    OP_REJECT,
    OP_READ,
    OP_DROP,
    OP_PUSH,
    OP_NUMBER,
    OP_WAKE,
    OP_LAPSE_TAKEN,
    OP_LAPSE_RUN
};

/* In `set`, 0 keeps a field, otherwise it becomes the value less one. */
#define SET(value) ((uint8_t)((value) + 1))
struct op {
    uint8_t kind, task, token;
    struct member member; /* ADMIT, RERUN, REJECT, DROP; LAPSE_TAKEN; its item: PUSH */
    uint8_t lapsed;       /* MOVE, FINISH: a recovery */
    uint8_t target;       /* MOVE: the new state; FINISH: READY or FAILED; PROMOTE: where from */
    uint8_t question;     /* MOVE to QUEUED: ID?TOKEN */
    uint8_t stamp;        /* MOVE: `since` is now */
    uint8_t video, first; /* CHAIN, FINISH; CHAIN: the SEQ as which the first index runs, or 0 */
    uint8_t indexes;      /* CHAIN, RERUN: how many, which */
    struct {
        uint8_t attempt, purpose, why, crashes, output_url;
    } set; /* MOVE */
};
enum row {
    NO_ROW,
#define ROW(name, script, finds, does) name,
#include "model/rows.def"
#undef ROW
    ROWS
};

struct reply {
    uint8_t row;
    struct member member; /* CLAIM; its SEQ: NUMBER */
    uint8_t known;        /* ADMIT: the state of the known task */
    struct task record;   /* ADMIT, READ: as it is now; CHAIN: of the first index, when it runs */
};

/* Guards of the scripts and of the workers that can be switched off, to see what they are for. */
enum guard {
    GUARD_TOKEN = 1,
    GUARD_OVER = 2,
    GUARD_LEASE = 4,
    GUARD_TAKEN = 8,
    GUARD_AGAIN = 16,
    GUARD_QUEUED = 32,
    GUARD_RERUN = 64,
    GUARD_ANNOUNCED = 128,
    GUARD_GRACE = 256,
    GUARD_SEND = 512,
    GUARD_CALL = 1024,
    GUARD_OPEN = 2048,
    GUARD_CALLS = 4096,
    GUARD_FIRST = 8192,
    GUARD_OWN = 16384
};

/* Applies the op; `off`: guards that are switched off. */
struct reply store_apply(struct store *store, const struct op *op, unsigned off);

#endif
