/* fuzz - what the targets share. Each target is one file, fuzz_NAME.c, with the function that
 * libFuzzer calls; in builds without libFuzzer the driver calls it with the files of the corpus.
 * A target asserts: to abort is how it says that a property does not hold. */
#ifndef REELQ_FUZZ_H
#define REELQ_FUZZ_H

#include "base/buffer.h"
#include "base/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decisions that a target makes along the way (where to cut, what to damage). They follow from the
 * input alone, so that an input stays a plain request, file or document that a person can read. */
struct fuzz_dice {
    uint64_t state;
};
struct fuzz_dice fuzz_dice(struct slice input);

/* A number from 0 to `below` - 1; `below` is at least 1. */
size_t fuzz_roll(struct fuzz_dice *dice, size_t below);

/* Takes the bytes up to `mark` off the front of *rest, and the mark with them. */
struct slice fuzz_cut(struct slice *rest, char mark);

/* Asserts that `text` is JSON by the strict rules, on one line. */
void fuzz_expect_json_line(struct slice text);

/* Asserts that `error` says something, on one line. */
void fuzz_expect_error(const struct error *error);

/* Whether `text` is NULL, or stands whole in UTF-8 and has no control byte. */
bool fuzz_is_line(const char *text);

/* Equal, or both NULL. */
bool fuzz_same(const char *a, const char *b);

#endif
