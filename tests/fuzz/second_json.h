/* second_json - JSON as jansson reads it, which has nothing in common with our code: to compare
 * verdicts and values. Where jansson means to differ from us, it is brought to what we say, each
 * difference by itself, and second_json.c says why. */
#ifndef REELQ_SECOND_JSON_H
#define REELQ_SECOND_JSON_H

#include "base/buffer.h"

enum second_verdict {
    SECOND_TAKES,
    SECOND_REFUSES,
    SECOND_UNSURE /* too many numbers that jansson cannot hold: it was not asked to the end */
};

struct second_json {
    enum second_verdict verdict;
    bool repeats; /* some object has a key twice */
    bool patched; /* the values are not quite those of the text */
};

/* Reads `text`. Where it is taken and not patched, appends its value to `values` (may be NULL):
 *     N T F                    null, true, false
 *     #NUMBER;                 as a double, by "%.17g"
 *     "LENGTH:BYTES            a string, unescaped
 *     [VALUE...]  {KEY VALUE...}   keys like strings, in their order
 */
struct second_json second_json_read(struct slice text, struct buffer *values);

#endif
