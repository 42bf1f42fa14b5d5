/* submitter - a user: pushes many tasks, follows their ends. Calls block; what cannot be done, or
 * does not come within a minute, ends the run with a line that says why. */
#ifndef REELQ_BENCH_SUBMITTER_H
#define REELQ_BENCH_SUBMITTER_H

#include "base/slice.h"

struct submitter;

/* `path`: socket of Redis. Subscribes to reelq:ready and reelq:failed at once. */
struct submitter *submitter_new(const char *path);
void submitter_free(struct submitter *submitter);

/* Appends item number `number` to be pushed. */
struct buffer;
typedef void (*submitter_item_fn)(struct buffer *out, unsigned number, void *arg);

/* Pushes `count` items, 64 a command, all commands in one pipeline. */
void submitter_push(struct submitter *submitter, unsigned count, submitter_item_fn fn, void *arg);

/* Waits for `count` messages "ready"; each is handed on, if fn is not NULL. A "failed" ends the
 * run. */
typedef void (*submitter_ready_fn)(struct slice message, void *arg);
void submitter_follow(struct submitter *submitter, unsigned count, submitter_ready_fn fn,
                      void *arg);

/* {"url":"https://example.com/videos/NUMBER.mp4"}: what a user pushes at least. */
void submitter_video(struct buffer *out, unsigned number, void *arg);

#endif
