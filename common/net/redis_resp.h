/* redis_resp - commands in the form they have on the wire. */
#ifndef REELQ_REDIS_RESP_H
#define REELQ_REDIS_RESP_H

#include <stdarg.h>

#include "base/buffer.h"
#include "net/redis.h"

enum { REDIS_RESP_MAX_WORDS = 64 };

/* A command of plain words, copied as pointers and lengths: `command` points into the arrays. */
struct redis_resp_words {
    const char *words[REDIS_RESP_MAX_WORDS];
    size_t lengths[REDIS_RESP_MAX_WORDS];
    struct redis_command command;
};

/* Reads words up to NULL; at most REDIS_RESP_MAX_WORDS. The words are borrowed. */
void redis_resp_collect(struct redis_resp_words *words, va_list ap);

/* Appends the command; buffer->failed says that it did not fit. */
void redis_resp_add(struct buffer *buffer, const struct redis_command *command);

/* The same for words up to NULL. */
void redis_resp_add_words(struct buffer *buffer, ...) __attribute__((sentinel));

#endif
