/* redact - the secrets that the process works with are taken out of what it says, whoever put them
 * there: a server may repeat what it was sent. One list per process. */
#ifndef REELQ_REDACT_H
#define REELQ_REDACT_H

#include "base/slice.h"

/* Of fewer bytes than this nothing is kept: words of other texts would be taken for them. */
enum { REDACT_MIN = 6 };

/* Copies `secret`, unless it is there already. */
void redact_add(struct slice secret);

/* Overwrites and frees the copies. */
void redact_clear(void);

/* How many bytes at the beginning of `text` are a secret, or the first REDACT_MIN bytes or more of
 * one, up to the end of `text`, where it may have been cut. 0: none. */
size_t redact_at(struct slice text);

/* Puts "***" for every secret in `text`, which is NUL-terminated and gets no longer. Gives its new
 * length. */
size_t redact_text(char *text);

#endif
