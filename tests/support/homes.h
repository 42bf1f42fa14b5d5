/* homes - the lists and sets of unfinished work, with the prefix "reelq:". */
#ifndef REELQ_TESTS_HOMES_H
#define REELQ_TESTS_HOMES_H

#include "base/buffer.h"
#include "support/redis_server.h"

/* How many entries stand in all of them together; appends "KEY: COUNT\n" for each that has any. */
long long homes_left(struct redis_server *server, struct buffer *out);

/* How many records of tasks are neither ready nor failed; appends "KEY: STATE\n" for each. */
long long homes_open_records(struct redis_server *server, struct buffer *out);

#endif
