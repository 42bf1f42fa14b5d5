/* transcript - what an HTTP client was told, in short. */
#ifndef REELQ_TESTS_TRANSCRIPT_H
#define REELQ_TESTS_TRANSCRIPT_H

#include "base/buffer.h"

/* Appends the status of every answer in `stream`, as in "200 400 ", but not "100 Continue"; or
 * "garbage ", where something else than an answer begins. */
void transcript_add_statuses(struct slice stream, struct buffer *out);

#endif
