/* dashboard_task - one task, as the page shows it in detail: its record, and what the stream still
 * has of it.
 *   dashboard_task_read -> on_record -> pages of the stream -> fn
 * The stream is read from when the task was taken on, and not without end: the answer says so when
 * there is more. */
#ifndef REELQ_DASHBOARD_TASK_H
#define REELQ_DASHBOARD_TASK_H

#include "net/redis.h"
#include "queue/keys.h"

struct dashboard_task {
    struct slice
        json; /* {"id":…,"record":{…},"events":[…],"more_events":false}; empty: no such task */
    const char *error; /* what Redis said in place of an answer; or NULL */
    bool lost;         /* the connection went away */
};

struct dashboard_task_request {
    struct redis *redis;
    const struct keys *keys; /* borrowed until fn */
    const char *id;          /* likewise */
    void (*fn)(const struct dashboard_task *task, void *arg);
    void *arg;
};

/* fn runs once, later. */
void dashboard_task_read(const struct dashboard_task_request *request);

#endif
