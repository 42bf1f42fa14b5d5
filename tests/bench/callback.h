/* callback - what a stand-in for VideoDB does with a callback URL. What cannot be done ends the run
 * with a line that says why. */
#ifndef REELQ_BENCH_CALLBACK_H
#define REELQ_BENCH_CALLBACK_H

#include <stdint.h>

#include "base/buffer.h"

enum { CALLBACK_MAX_URL = 8192, CALLBACK_NO_LINE = -1 };

/* Puts the callback_url of a call's body into `url`, in place of what was there. */
void callback_keep_url(struct buffer *url, struct slice call);

/* Posts `body` there without waiting for the answer, over the connection *line, which is opened
 * where it is CALLBACK_NO_LINE: account_now_ns() after the last byte. */
int64_t callback_send(int *line, struct slice url, struct slice body);

#endif
