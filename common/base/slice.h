/* slice - bytes that belong to somebody else: a pointer and a length, not NUL-terminated. */
#ifndef REELQ_SLICE_H
#define REELQ_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *data;
    size_t length;
};

/* Arguments for the printf conversion "%.*s". Lengths over INT_MAX must not be passed. */
#define SLICE_ARGS(s) (int)(s).length, (s).data

/* An ASCII letter or digit? */
static inline bool slice_is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A slice over `length` bytes at `data`; `data` may be NULL when the length is 0. */
struct slice slice_make(const void *data, size_t length);

/* A slice over the NUL-terminated `text`; NULL gives the empty slice. */
struct slice slice_text(const char *text);

bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice s, const char *text);
bool slice_starts_with(struct slice s, const char *prefix);

/* ASCII case-insensitive. An empty needle is contained in everything. */
bool slice_is_nocase(struct slice s, const char *text);
bool slice_contains_nocase(struct slice s, const char *needle);

/* Position of the first `byte`, or s.length when there is none. */
size_t slice_find(struct slice s, char byte);

/* The bytes from `offset` (clamped to the length) on. */
struct slice slice_skip(struct slice s, size_t offset);

/* The first `length` bytes (clamped). */
struct slice slice_head(struct slice s, size_t length);

/* Without spaces, tabs, CR and LF at both ends. */
struct slice slice_trim(struct slice s);

/* Decimal digits only, no sign, no space, no overflow. False leaves *value alone. */
bool slice_to_u64(struct slice s, uint64_t *value);

/* A NUL-terminated copy that the caller frees. */
char *slice_copy(struct slice s);

#endif
