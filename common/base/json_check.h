/* json_check - is this exactly one RFC 8259 value? One pass, no memory beyond a depth counter. */
#ifndef REELQ_JSON_CHECK_H
#define REELQ_JSON_CHECK_H

#include "base/error.h"
#include "base/slice.h"

struct json_limits {
    size_t max_bytes;
    unsigned max_depth; /* nesting of objects and arrays; at most 64 */
};

/* Strict: valid UTF-8 (no overlong forms, no surrogates), \u surrogates only in pairs, number
 * grammar, no control bytes in strings, one value, nothing but white space around it, no NUL, no
 * byte order mark. On success *tokens (may be NULL) is an upper bound for the tokens that jsmn
 * makes of it. The error names the fault and the byte offset ("unexpected ',' at byte 17"). */
MUST_USE bool json_check(struct slice text, const struct json_limits *limits, size_t *tokens,
                         struct error *error);

#endif
