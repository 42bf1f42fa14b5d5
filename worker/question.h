/* question - what to ask VideoDB about a task whose end we do not know, and what its answer means.
 * Pure. What a callback claims is looked at first, then the stored output_url; else a list, where
 * the task can be told by its name.
 */
#ifndef REELQ_QUESTION_H
#define REELQ_QUESTION_H

#include "queue/record.h"
#include "worker/videodb.h"

enum question_kind {
    QUESTION_NONE,  /* there is nothing to ask by */
    QUESTION_HINT,  /* GET the medium that a callback has named */
    QUESTION_JOB,   /* GET output_url */
    QUESTION_MEDIA, /* the listings of videos, audio and images */
    QUESTION_SPOKEN,
    QUESTION_SCENES
};

/* What is known of the task; borrowed. */
struct question_about {
    const struct record *record;
    const struct task *task;
};

/* `unique_names`: names that users chose for videos identify them. */
enum question_kind question_choose(const struct question_about *about, bool unique_names);

/* One question; the walk is that of QUESTION_MEDIA. */
struct question {
    enum question_kind kind;
    struct question_about about;
    struct videodb_walk *walk;
};

/* Fills path and method; not for QUESTION_NONE and QUESTION_JOB. The walk goes to the listing of
 * what the task said that it uploads. */
void question_request(struct videodb_request *request, const struct question *question);

/* Reads the body of the answer, of a list of media as the next page of the walk:
 * VIDEODB_PROCESSING when there is one more to ask for, of this listing or of the next one. A
 * medium that a hint names and that is not the task's is VIDEODB_UNREADABLE. */
void question_read(struct videodb_answer *answer, const struct question *question,
                   struct slice body);

/* Is what the question has found, or would find, told by nothing but its name? Then it may be
 * another task's. */
bool question_by_name(const struct question *question);

/* And by a name that a user chose: then it may also be somebody else's. */
bool question_by_chosen_name(const struct question *question);

/* Does VideoDB's own word about a medium say that it is this task's? Its name is, and its
 * collection, where the task names one. */
bool question_fits(const struct videodb_answer *answer, const struct task *task);

#endif
