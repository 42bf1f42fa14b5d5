/* stage - a VideoDB of one task at a time, on a loop of its own, that says when a call's first byte
 * came. It accepts every call and keeps the callback URL; the callback is sent on demand. */
#ifndef REELQ_BENCH_STAGE_H
#define REELQ_BENCH_STAGE_H

#include <stdint.h>

struct stage;

struct stage *stage_new(void);
void stage_free(struct stage *stage);

/* http://127.0.0.1:PORT */
const char *stage_url(const struct stage *stage);

/* Waits for the next call and answers it: account_now_ns() of its first byte. A call that does not
 * come within 10 s ends the run with a line that says so. */
int64_t stage_await_call(struct stage *stage);

/* Posts the callback of the last call, over a connection that is open already:  account_now_ns() of
 * its last byte. Returns before it is answered. */
int64_t stage_send_callback(struct stage *stage, const char *body);

/* Lets everything that is under way come to rest. */
void stage_rest(struct stage *stage, int64_t ms);

#endif
