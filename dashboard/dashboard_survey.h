/* dashboard_survey - what stands in Redis at one moment, as far as the dashboard shows it, in two
 * round trips of plain commands: who may only look may do that.
 *   dashboard_survey_take -> counts, sets -> the records that they name -> fn
 * What it costs does not grow with what there is: at most DASHBOARD_ROWS of every kind. */
#ifndef REELQ_DASHBOARD_SURVEY_H
#define REELQ_DASHBOARD_SURVEY_H

#include "dashboard/bundle.h"
#include "queue/overview.h"

enum { DASHBOARD_ROWS = 100, DASHBOARD_SETS = 3 };

/* One name, and what a hash says of it, in the order of the fields below; lists of what is not
 * there are of nils. */
struct dashboard_row {
    struct slice name;
    const struct answer *record;
    int64_t score;     /* of the set that named it */
    const char *state; /* of a task under way */
};

enum {
    WORKER_RUNS,
    WORKER_STARTED,
    WORKER_VERSION,
    WORKER_SEEN,
    WORKER_SLOTS,
    WORKER_MEMORY,
    WORKER_READY,
    WORKER_FAILED,
    WORKER_API
};
enum { BATCH_MEMBERS, BATCH_TOTAL, BATCH_READY, BATCH_FAILED };
enum { TASK_SUBMITTED, TASK_KIND, TASK_ATTEMPT, TASK_BATCH, TASK_ABOUT, TASK_VIDEO };
enum { DEAD_FAILURE, DEAD_ATTEMPT, DEAD_BATCH };

struct dashboard_survey {
    int64_t now_ms, pause_ms;
    double interval_ms;
    int64_t items[OVERVIEW_PLACES];
    struct slice next_task; /* whole; empty: none, or not asked for */
    int64_t callback_ms;    /* when the next callback came; 0: none, or not asked for */
    size_t worker_count, batch_count, flight_count, dead_count;
    struct dashboard_row workers[DASHBOARD_ROWS], batches[DASHBOARD_ROWS], dead[DASHBOARD_ROWS];
    /* By whose turn is next; of those past DASHBOARD_ROWS only TASK_SUBMITTED is known. */
    struct dashboard_row flight[DASHBOARD_SETS * DASHBOARD_ROWS];
};

/* `survey` is valid during the call; NULL: the connection was lost, or `error` is what Redis said
 * in place of an answer. */
typedef void (*dashboard_survey_fn)(const struct dashboard_survey *survey, const char *error,
                                    void *arg);

struct dashboard_survey_request {
    struct redis *redis;
    const struct keys *keys;
    bool with_next; /* also the items that are next in line, which may be of any length */
    dashboard_survey_fn fn;
    void *arg;
};

/* fn runs once, later. The request is copied; what it points to is borrowed until then. */
void dashboard_survey_take(const struct dashboard_survey_request *request);

#endif
