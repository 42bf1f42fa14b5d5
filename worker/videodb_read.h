/* videodb_read - replies, callbacks and job documents of uploads and indexes. Pure.
 * Numbers may come as strings; all fields but ids are optional. Each function fills the answer
 * anew, without freeing what was in it; the caller clears it with videodb_answer_clear(). */
#ifndef REELQ_VIDEODB_READ_H
#define REELQ_VIDEODB_READ_H

#include "worker/videodb_answer.h"

enum { VIDEODB_READ_MAX = 1 << 20 }; /* bytes of a body; more are VIDEODB_UNREADABLE */

/* The body of a reply with any status, of a callback or of a job document (no difference: strict
 * JSON, then status processing / `response` unwrapped / success). A success of an upload without
 * data.id is VIDEODB_UNREADABLE. */
void videodb_read_upload(struct videodb_answer *answer, struct slice body);
void videodb_read_index(struct videodb_answer *answer, struct slice body);

/* GET /video/{id}/index: status done, processing, failed; anything that says there is none is
 * VIDEODB_MISSING. VIDEODB_FAILURE is the failure of the index, not of the question, which would be
 * VIDEODB_UNREADABLE. */
void videodb_read_spoken_status(struct videodb_answer *answer, struct slice body);

/* The id in "Scene index with id f4db35c5ce45a709 already exists", which the caller frees; NULL
 * when the message names none. */
char *videodb_existing_id(const char *message);

/* Is this id that of a video, which can be indexed ("m-...")? */
bool videodb_is_video(const char *media_id);

#endif
