/* accept - what every accepted job goes through: journal, reply, callback, start. */
#ifndef SANDBOX_ACCEPT_H
#define SANDBOX_ACCEPT_H

#include "exchange.h"

struct acceptance {
    struct job *job;
    struct journal_entry entry; /* job_id, body and callback_url are filled in */
    char *callback_url;         /* taken over; may be NULL */
    int64_t duration_ms;        /* before jitter; negative: never ends */
};

/* Answers the exchange as VideoDB does, with the faults sync-done and early, and starts the job. */
void accept_job(struct exchange *exchange, struct acceptance *acceptance);

/* Makes the reply say "processing", with the job's id and output_url as data. `request_type` is
 * "sync" or "async". */
void accept_fill_processing(struct exchange *exchange, const struct job *job,
                            const char *request_type);

/* A new job with an id of its own. */
struct job *accept_new_job(struct exchange *exchange, void (*complete)(struct job *job));

#endif
