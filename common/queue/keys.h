/* keys - the names of everything in Redis, made in one place from the configured prefix. */
#ifndef REELQ_KEYS_H
#define REELQ_KEYS_H

#include "base/buffer.h"

/* The fixed keys: "PREFIXtasks" and so on, NUL-terminated. docs/redis.md says what each one is. */
struct keys {
    char *prefix;
    char *tasks, *tasks_landing, *tasks_taken, *questions;
    char *callbacks, *callbacks_landing, *callbacks_taken;
    char *running, *awaiting, *delayed, *dead;
    char *events, *seq, *pause, *pace, *pulse, *workers, *batches;
    char *callback_secret;
    char *probe; /* never set: see redis_options */
};

enum { KEYS_MAX_ID = 128, KEYS_MAX_TASK_ID = 200 };

void keys_init(struct keys *keys, const char *prefix);
void keys_clear(struct keys *keys);

/* "PREFIXKIND:NAME" for the kinds task, batch, video, worker; the caller frees it. */
char *keys_of(const struct keys *keys, const char *kind, struct slice name);

/* PREFIX-16 random hex digits: a name for what was given none; the caller frees it. */
char *keys_new_id(const char *prefix);

/* Letters, digits and _ - . : only, 1 to KEYS_MAX_ID bytes: what users may name things. */
bool keys_valid_id(struct slice id);

/* The same with '/' and up to KEYS_MAX_TASK_ID bytes: child tasks are called PARENT/LABEL. */
bool keys_valid_task_id(struct slice id);

#endif
