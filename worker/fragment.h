/* fragment - the pieces of JSON that records keep and scripts join to messages. Each is freed by
 * the caller. */
#ifndef REELQ_FRAGMENT_H
#define REELQ_FRAGMENT_H

#include "queue/record.h"

/* "attempt":N and, unless NULL, "error":"..." */
char *fragment_attempt(const struct record *record, const char *error);

/* "stage":"upload" or "index:LABEL","error":"...","action":"..." (left out when "") */
char *fragment_failure(const struct record *record, const char *error, const char *action);

/* {"state":"done"[,"scene_index_id":"..."]}, or with an error {"state":"failed","error":"..."} */
char *fragment_index_state(const char *scene_index_id, const char *error);

/* "indexes":{"LABEL":STATE} for an index task of a user's own. */
char *fragment_indexes(const struct record *record, const char *index_state);

#endif
