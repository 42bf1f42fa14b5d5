/* scenario - what every run submits, and what must come of it. */
#ifndef REELQ_FAULT_SCENARIO_H
#define REELQ_FAULT_SCENARIO_H

#include <stdbool.h>

#include "support/redis_server.h"

enum { SCENARIO_TASKS = 8, SCENARIO_ID_SIZE = 64 };

#define SCENARIO_BATCH "pair"

/* One task, in the end. A child's id is PARENT/LABEL. */
struct scenario_task {
    const char *id; /* without the prefix of the run */
    const char *state;
    unsigned ready, failed; /* messages; none of a child */
    unsigned indexed;       /* steps in the stream: of a child one */
    unsigned calls;         /* accepted by the API */
    const char *says;       /* stands in its last message; NULL: anything */
};

extern const struct scenario_task scenario_tasks[SCENARIO_TASKS];

/* The id of a task in a run; the prefix keeps the runs apart in the API's lists. */
void scenario_id(char id[SCENARIO_ID_SIZE], const char *prefix, const char *task);

/* The batch: before a worker is there. */
void scenario_submit_first(struct redis_server *redis, const char *prefix);
/* All others: while a worker starts. */
void scenario_submit_rest(struct redis_server *redis, const char *prefix);

/* What is waited for, in this order; the end of the list has no event. */
struct scenario_wait {
    const char *event;
    const char *id; /* of a task, or of the batch when `batch` */
    bool batch;
    bool again; /* then that task is pushed once more, by its id */
};

extern const struct scenario_wait scenario_waits[];

#endif
