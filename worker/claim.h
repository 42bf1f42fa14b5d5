/* claim - what a callback says, as it is kept in a record until VideoDB was asked: its body was
 * sent by whoever knows the URL. "+ID" a success with that medium (an index: "+"), "-WORDS" a
 * failure,
 * "?" nothing that can be read. Pure. */
#ifndef REELQ_CLAIM_H
#define REELQ_CLAIM_H

#include "queue/record.h"
#include "worker/videodb_answer.h"

/* So many are asked about for one call; what comes then has to wait for the next question. */
enum { CLAIM_MAX = 8 };

/* The caller frees it. */
char *claim_text(const struct videodb_answer *answer);

/* The medium that the record's claim names, of a known kind; the words of a claimed failure. NULL
 * when that is not what it says. Valid as long as the record. */
const char *claim_medium(const struct record *record);
const char *claim_failure(const struct record *record);

#endif
