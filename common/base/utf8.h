/* utf8 - well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
#ifndef REELQ_UTF8_H
#define REELQ_UTF8_H

#include "base/slice.h"

/* Length (1..4) of the well-formed sequence that `s` begins with; 0 when it begins with none. */
size_t utf8_sequence(struct slice s);

/* The longest head of at most `maximum` bytes that cuts no sequence in two. */
struct slice utf8_head(struct slice s, size_t maximum);

/* Writes the 1..4 bytes of `code` (no surrogate, at most U+10FFFF) and gives their number. */
size_t utf8_encode(uint32_t code, char out[4]);

#endif
