/* error - why something failed, as one line for a person. */
#ifndef REELQ_ERROR_H
#define REELQ_ERROR_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))

/* Filled by the function that fails; undefined after success. Never contains a secret. */
struct error {
    char text[256];
};

/* Formats the line (cut at a UTF-8 boundary when too long, control bytes replaced by '?').
 * Secrets are taken out: see redact.h.
 * Always returns false, so that a failing function ends with `return error_set(error, ...)`.
 * `error` may be NULL: then nothing is kept. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " before the line that is there. Returns false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
