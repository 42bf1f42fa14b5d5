/* bundle - commands that go to Redis together, and their answers when all of them are there.
 *   bundle_new -> bundle_add ... -> bundle_await -> fn -> bundle_free */
#ifndef REELQ_BUNDLE_H
#define REELQ_BUNDLE_H

#include "base/slice.h"
#include "net/redis.h"

struct bundle;

enum answer_type { ANSWER_NIL, ANSWER_NUMBER, ANSWER_TEXT, ANSWER_LIST, ANSWER_ERROR };

/* A reply, copied. */
struct answer {
    enum answer_type type;
    int64_t number;
    struct slice text; /* also of an error */
    size_t count;      /* of a list */
    struct answer *elements;
};

/* The redis is borrowed until fn runs. */
struct bundle *bundle_new(struct redis *redis);
void bundle_free(struct bundle *bundle); /* after fn; NULL is allowed */

/* One command of plain words, the last one NULL. The words are borrowed for the call. */
void bundle_add(struct bundle *bundle, ...) __attribute__((sentinel));
void bundle_add_words(struct bundle *bundle, int count, const char *const words[]);

/* fn(bundle, arg) runs once, later, when all commands (there is one at least) are answered, or lost
 * with the connection. It owns the bundle from then on. */
typedef void (*bundle_fn)(struct bundle *bundle, void *arg);
void bundle_await(struct bundle *bundle, bundle_fn fn, void *arg);

/* The connection went before all answers were there. */
bool bundle_lost(const struct bundle *bundle);

/* The text of the first answer that is an error; NULL: none is. */
const char *bundle_error(const struct bundle *bundle);

/* Answer `i`, in the order of adding. */
const struct answer *bundle_answer(const struct bundle *bundle, size_t i);

/* Element `i` of a list, and of any other answer, or past its end, a nil. */
const struct answer *answer_at(const struct answer *answer, size_t i);

/* A number, or the number that a text is; 0 for everything else. */
int64_t answer_number(const struct answer *answer);

#endif
