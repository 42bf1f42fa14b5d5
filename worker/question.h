/* question - what to ask VideoDB about a task whose end we do not know, and what its answer means.
 * Pure. The stored output_url is asked first; else a list, where the task can be told by its name.
 */
#ifndef REELQ_QUESTION_H
#define REELQ_QUESTION_H

#include "queue/record.h"
#include "worker/videodb.h"

enum question_kind {
    QUESTION_NONE, /* there is nothing to ask by */
    QUESTION_JOB,  /* GET output_url */
    QUESTION_VIDEOS,
    QUESTION_SPOKEN,
    QUESTION_SCENES
};

/* `unique_names`: names that users chose identify a medium too. */
enum question_kind question_choose(const struct record *record, const struct task *task,
                                   bool unique_names);

/* Fills path and method for the lists; not for QUESTION_NONE and QUESTION_JOB. */
void question_request(struct videodb_request *request, enum question_kind kind,
                      const struct task *task);

/* Reads the body of the answer. `id` is the task's, which names what has no name of its own. */
void question_read(struct videodb_answer *answer, enum question_kind kind, struct slice body,
                   const struct task *task);

/* The name under which the task's medium or scene index is listed: its own, or the task's id. */
const char *question_name(const struct task *task);

#endif
