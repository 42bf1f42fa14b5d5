/* hint - what a callback says, as it is kept in a record until VideoDB was asked: its body was sent
 * by whoever knows the URL. "+ID" a success with that medium (an index: "+"), "-WORDS" a failure,
 * "?" nothing that can be read. Pure. */
#ifndef REELQ_HINT_H
#define REELQ_HINT_H

#include "queue/record.h"
#include "worker/videodb_answer.h"

/* So many are asked about for one call; what comes then has to wait for the next question. */
enum { HINT_MAX = 8 };

/* The caller frees it. */
char *hint_text(const struct videodb_answer *answer);

/* The medium that the record's hint names, of a known kind; the words of a failure that it tells
 * of. NULL when that is not what it says. Valid as long as the record. */
const char *hint_medium(const struct record *record);
const char *hint_failure(const struct record *record);

#endif
