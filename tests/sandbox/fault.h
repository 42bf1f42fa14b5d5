/* fault - the grammar of one misbehaviour: ROUTE:KIND=RATE, for example `upload:429(2)=x3`. */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "base/buffer.h"
#include "base/error.h"
#include "rng.h"

/* What a fault is aimed at. `any` stands for every request; it leaves callbacks alone. */
enum fault_route {
    FAULT_ROUTE_NONE, /* a request that only `any` reaches */
    FAULT_ROUTE_UPLOAD,
    FAULT_ROUTE_INDEX,
    FAULT_ROUTE_SCENE,
    FAULT_ROUTE_VIDEO,
    FAULT_ROUTE_LIST,
    FAULT_ROUTE_STATUS,
    FAULT_ROUTE_ASYNC,
    FAULT_ROUTE_CALLBACK,
    FAULT_ROUTE_ANY
};

enum fault_kind {
    FAULT_NONE,
    FAULT_LATENCY,
    FAULT_STATUS,     /* written as the number itself */
    FAULT_LIMIT,      /* more than so many in a second: 429 with Retry-After: 1, */
    FAULT_LIMIT_MUTE, /* or without */
    FAULT_HANG,
    FAULT_HANG_AFTER,
    FAULT_LATE_REPLY,
    FAULT_RESET_BEFORE,
    FAULT_RESET_AFTER,
    FAULT_CUT,
    FAULT_OVERSIZED,
    FAULT_BROKEN_JSON, /* for requests and for callbacks */
    FAULT_NOT_JSON,
    FAULT_NO_REQUEST_TYPE,
    FAULT_SYNC_DONE,
    FAULT_NO_DATA,
    FAULT_EXISTS,    /* scene: one of that name is there already, with its id */
    FAULT_FAILS,     /* scene: accepted, and fails in the end */
    FAULT_NO_PAGING, /* lists begin at their first entry whatever page_index says */
    FAULT_LOST,
    FAULT_DOUBLED,
    FAULT_LATE,
    FAULT_EARLY,
    FAULT_OUT_OF_ORDER,
    FAULT_EMPTY,
    FAULT_SLOW
};

/* Value of `argument` when none was given and the kind has no default. */
#define FAULT_NO_ARGUMENT (-1)

struct fault {
    enum fault_route route;
    enum fault_kind kind;
    int status;        /* FAULT_STATUS only */
    int64_t argument;  /* milliseconds; seconds of Retry-After for FAULT_STATUS; requests a second
                          for the limits */
    double rate;       /* 0..1 when remaining is negative */
    int64_t remaining; /* of xN: how many times more; -1 for a rate */
    uint64_t hits;     /* how often it was applied */
    int64_t second;    /* of a limit: the second in which it let the last request pass, */
    int64_t passed;    /* and how many it let pass in it */
    struct rng rng;
};

/* Parses one fault; the error quotes the part that is wrong. */
MUST_USE bool fault_parse(struct fault *fault, struct slice text, struct error *error);

/* Appends the fault in its own grammar; an xN shows what is left of it. */
void fault_add_text(struct buffer *out, const struct fault *fault);

#endif
