/* videodb_envelope - the frame that all of the API's documents share, read the way the official
 * SDKs do: strict JSON; status processing; then `response` unwrapped; then success. Pure. */
#ifndef REELQ_VIDEODB_ENVELOPE_H
#define REELQ_VIDEODB_ENVELOPE_H

#include "worker/videodb_answer.h"

struct videodb_envelope {
    struct json doc;
    int node;                 /* the envelope itself: the root, or `response` in it */
    int data;                 /* its `data`; JSON_NONE when there is none */
    enum videodb_says status; /* what its status word means; VIDEODB_UNREADABLE: not a known one */
};

/* Reads the frame of `body`, of at most `maximum` bytes, and sets answer->says from it, for a
 * failure with answer->message. False: it is no JSON object, nothing needs closing, and the answer
 * says so. The answer's former content is not freed. */
bool videodb_envelope_open(struct videodb_envelope *envelope, struct videodb_answer *answer,
                           struct slice body, size_t maximum);
void videodb_envelope_close(struct videodb_envelope *envelope);

/* What the word `status` of the object `node` means; VIDEODB_UNREADABLE when there is none, or it
 * is not known. */
enum videodb_says videodb_envelope_status(const struct json *doc, int node);

/* The reason that the object `node` gives for a failure, as one line that the caller frees; NULL
 * when it gives none. */
char *videodb_envelope_message(const struct json *doc, int node);

/* For the answer to a question: that the question failed does not mean that the job did. Makes a
 * VIDEODB_FAILURE one of VIDEODB_MISSING (it says that there is none) or VIDEODB_UNREADABLE. */
void videodb_envelope_doubt(struct videodb_answer *answer);

#endif
