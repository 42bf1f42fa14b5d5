#include "dashboard/bundle.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { WORDS_MAX = 16, DIGITS_MAX = 32 };

struct bundle {
    struct redis *redis;
    size_t sent, answered, capacity;
    struct answer *answers;
    bool lost;
    bundle_fn fn; /* NULL: not awaited yet */
    void *arg;
};

static const struct answer nil = {.type = ANSWER_NIL};

/* --- answers ---------------------------------------------------------------------------------- */

/* Replies are as deep as the commands make them: three levels. */
// NOLINTNEXTLINE(misc-no-recursion): see above
static void copy(struct answer *answer, const struct redisReply *reply)
{
    static const enum answer_type types[] = {
        [REDIS_REPLY_STRING] = ANSWER_TEXT,    [REDIS_REPLY_ARRAY] = ANSWER_LIST,
        [REDIS_REPLY_INTEGER] = ANSWER_NUMBER, [REDIS_REPLY_NIL] = ANSWER_NIL,
        [REDIS_REPLY_STATUS] = ANSWER_TEXT,    [REDIS_REPLY_ERROR] = ANSWER_ERROR};

    *answer = nil;
    if ((size_t)reply->type >= sizeof(types) / sizeof(types[0]))
        return;
    answer->type = types[reply->type];
    answer->number = reply->integer;
    if (answer->type == ANSWER_TEXT || answer->type == ANSWER_ERROR)
        answer->text = slice_text(slice_copy(slice_make(reply->str, reply->len)));
    if (answer->type == ANSWER_TEXT)
        answer->text.length = reply->len;
    if (answer->type != ANSWER_LIST)
        return;
    answer->count = reply->elements;
    answer->elements = xcalloc(answer->count, sizeof(*answer->elements));
    for (size_t i = 0; i < answer->count; i++)
        copy(&answer->elements[i], reply->element[i]);
}

// NOLINTNEXTLINE(misc-no-recursion): as above
static void clear(struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        clear(&answer->elements[i]);
    free(answer->elements);
    free((char *)answer->text.data);
}

const struct answer *answer_at(const struct answer *answer, size_t i)
{
    return i < answer->count ? &answer->elements[i] : &nil;
}

/* Scores are written as doubles. */
int64_t answer_number(const struct answer *answer)
{
    double value = answer->type == ANSWER_TEXT ? strtod(answer->text.data, NULL) : 0;

    if (answer->type == ANSWER_NUMBER)
        return answer->number;
    return isfinite(value) && fabs(value) < 9e15 ? (int64_t)value : 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void finish_if_due(struct bundle *bundle)
{
    if (bundle->fn != NULL && bundle->answered == bundle->sent)
        bundle->fn(bundle, bundle->arg);
}

static void on_reply(const struct redisReply *reply, void *arg)
{
    struct bundle *bundle = arg;
    struct answer *answer = &bundle->answers[bundle->answered++];

    *answer = nil;
    if (reply == NULL)
        bundle->lost = true;
    else
        copy(answer, reply);
    finish_if_due(bundle);
}

void bundle_add_words(struct bundle *bundle, int count, const char *const words[])
{
    const char *data[WORDS_MAX];
    size_t length[WORDS_MAX];

    assert(count <= WORDS_MAX && bundle->fn == NULL);
    for (int i = 0; i < count; i++) {
        data[i] = words[i];
        length[i] = strlen(words[i]);
    }
    if (bundle->sent == bundle->capacity) {
        bundle->capacity = bundle->capacity * 2 + 16;
        bundle->answers = xrealloc(bundle->answers, bundle->capacity, sizeof(*bundle->answers));
    }
    bundle->sent++;
    redis_send(bundle->redis, &(struct redis_command){count, data, length}, on_reply, bundle);
}

void bundle_add(struct bundle *bundle, ...)
{
    const char *words[WORDS_MAX] = {NULL};
    int count = 0;
    va_list list;

    va_start(list, bundle);
    for (const char *word = va_arg(list, const char *); word != NULL;
         word = va_arg(list, const char *)) {
        assert(count < WORDS_MAX);
        words[count++] = word;
    }
    va_end(list);
    bundle_add_words(bundle, count, words);
}

void bundle_await(struct bundle *bundle, bundle_fn fn, void *arg)
{
    assert(bundle->sent > 0);
    bundle->fn = fn;
    bundle->arg = arg;
}

/* --- life ------------------------------------------------------------------------------------- */

struct bundle *bundle_new(struct redis *redis)
{
    struct bundle *bundle = xcalloc(1, sizeof(*bundle));

    bundle->redis = redis;
    return bundle;
}

void bundle_free(struct bundle *bundle)
{
    if (bundle == NULL)
        return;
    for (size_t i = 0; i < bundle->answered; i++)
        clear(&bundle->answers[i]);
    free(bundle->answers);
    free(bundle);
}

bool bundle_lost(const struct bundle *bundle)
{
    return bundle->lost;
}

const char *bundle_error(const struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->answered; i++)
        if (bundle->answers[i].type == ANSWER_ERROR)
            return bundle->answers[i].text.data;
    return NULL;
}

const struct answer *bundle_answer(const struct bundle *bundle, size_t i)
{
    assert(i < bundle->answered);
    return &bundle->answers[i];
}
