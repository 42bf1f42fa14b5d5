#include "dashboard/dashboard_survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct taking {
    struct dashboard_survey_request request;
    struct dashboard_survey survey;
    struct bundle *first, *second; /* what the survey's texts stand in */
    size_t at;                     /* the answer that is read next */
};

#define LAST_ROW "99"

static const char *const worker_fields[] = {
    "runs", "started_at", "version", "seen_at", "concurrency", "memory", "ready", "failed", "api"};
static const char *const batch_fields[] = {"members", "total", "ready", "failed"};
static const char *const task_fields[] = {"submitted_at", "kind",  "attempt",
                                          "batch",        "about", "video_id"};
static const char *const dead_fields[] = {"failure", "attempt", "batch"};

/* Hashes of one kind, and of which rows they are asked for. */
struct kind {
    const char *name;
    const char *const *fields;
    int count;
};

#define KIND(name, fields)                                                                         \
    {                                                                                              \
        name, fields, sizeof(fields) / sizeof((fields)[0])                                         \
    }

static const struct kind workers = KIND("worker", worker_fields);
static const struct kind batches = KIND("batch", batch_fields);
static const struct kind tasks = KIND("task", task_fields);
static const struct kind others = {"task", task_fields, 1};
static const struct kind dead = KIND("task", dead_fields);

static const struct answer *next_answer(struct taking *taking, const struct bundle *bundle)
{
    return bundle_answer(bundle, taking->at++);
}

/* --- end -------------------------------------------------------------------------------------- */

static void finish(struct taking *taking, const char *error, bool lost)
{
    bool whole = error == NULL && !lost;

    taking->request.fn(whole ? &taking->survey : NULL, error, taking->request.arg);
    bundle_free(taking->first);
    bundle_free(taking->second);
    free(taking);
}

/* --- second round ----------------------------------------------------------------------------- */

static void ask_for(struct taking *taking, const struct kind *kind,
                    const struct dashboard_row *rows, size_t count)
{
    enum { FIELDS_MAX = 9 };
    const char *words[2 + FIELDS_MAX] = {"HMGET"};

    memcpy(&words[2], kind->fields, (size_t)kind->count * sizeof(*kind->fields));
    for (size_t i = 0; i < count; i++) {
        char *key = keys_of(taking->request.keys, kind->name, rows[i].name);
        words[1] = key;
        bundle_add_words(taking->second, 2 + kind->count, words);
        free(key);
    }
}

static void read_records(struct taking *taking, struct dashboard_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rows[i].record = next_answer(taking, taking->second);
}

/* A record that is none, of somebody else's making, is a row without contents. */
static const char *denial_of(const struct bundle *bundle)
{
    const char *error = bundle_error(bundle);

    return slice_starts_with(slice_text(error), "NOPERM") ? error : NULL;
}

static void on_second(struct bundle *bundle, void *arg)
{
    struct taking *taking = arg;
    struct dashboard_survey *survey = &taking->survey;

    taking->at = 0;
    if (!bundle_lost(bundle)) {
        read_records(taking, survey->workers, survey->worker_count);
        read_records(taking, survey->batches, survey->batch_count);
        read_records(taking, survey->flight, survey->flight_count);
        read_records(taking, survey->dead, survey->dead_count);
    }
    finish(taking, denial_of(bundle), bundle_lost(bundle));
}

static void ask_again(struct taking *taking)
{
    const struct dashboard_survey *survey = &taking->survey;
    size_t shown = survey->flight_count < DASHBOARD_ROWS ? survey->flight_count : DASHBOARD_ROWS;

    taking->second = bundle_new(taking->request.redis);
    ask_for(taking, &workers, survey->workers, survey->worker_count);
    ask_for(taking, &batches, survey->batches, survey->batch_count);
    ask_for(taking, &tasks, survey->flight, shown);
    ask_for(taking, &others, survey->flight + shown, survey->flight_count - shown);
    ask_for(taking, &dead, survey->dead, survey->dead_count);
    bundle_await(taking->second, on_second, taking);
}

/* --- first round ------------------------------------------------------------------------------ */

static void ask(struct taking *taking)
{
    const struct keys *keys = taking->request.keys;
    struct bundle *first = taking->first;
    const char *const latest[] = {keys->workers, keys->batches, keys->dead};
    const char *const next[] = {keys->running, keys->awaiting, keys->delayed};
    const char *const lists[] = {keys->tasks_landing, keys->tasks, keys->callbacks_landing,
                                 keys->callbacks};
    const char *words[2];

    bundle_add(first, "TIME", NULL);
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        for (int part = 0; part < 2; part++)
            if (overview_command(keys, (enum overview_place)i, part, words))
                bundle_add_words(first, 2, words);
    bundle_add(first, "GET", keys->pause, NULL);
    bundle_add(first, "HGET", keys->pace, "interval", NULL);
    for (size_t i = 0; i < 3; i++)
        bundle_add(first, "ZREVRANGE", latest[i], "0", LAST_ROW, "WITHSCORES", NULL);
    for (size_t i = 0; i < DASHBOARD_SETS; i++)
        bundle_add(first, "ZRANGE", next[i], "0", LAST_ROW, "WITHSCORES", NULL);
    for (size_t i = 0; taking->request.with_next && i < 4; i++)
        bundle_add(first, "LINDEX", lists[i], "-1", NULL);
}

static void read_numbers(struct taking *taking)
{
    struct dashboard_survey *survey = &taking->survey;
    const struct answer *time = next_answer(taking, taking->first);
    const char *words[2];

    survey->now_ms =
        answer_number(answer_at(time, 0)) * 1000 + answer_number(answer_at(time, 1)) / 1000;
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        for (int part = 0; part < 2; part++)
            if (overview_command(taking->request.keys, (enum overview_place)i, part, words))
                survey->items[i] += answer_number(next_answer(taking, taking->first));
    int64_t until_ms = answer_number(next_answer(taking, taking->first));
    survey->pause_ms = until_ms > survey->now_ms ? until_ms - survey->now_ms : 0;
    const struct answer *interval = next_answer(taking, taking->first);
    survey->interval_ms = interval->type == ANSWER_TEXT ? strtod(interval->text.data, NULL) : 0;
}

/* Names and scores, in turn. */
static size_t read_rows(struct taking *taking, struct dashboard_row *rows, const char *state)
{
    const struct answer *list = next_answer(taking, taking->first);
    size_t count = 0;

    for (; count < list->count / 2 && count < DASHBOARD_ROWS; count++)
        rows[count] = (struct dashboard_row){.name = answer_at(list, 2 * count)->text,
                                             .score = answer_number(answer_at(list, 2 * count + 1)),
                                             .state = state};
    return count;
}

static int by_turn(const void *a, const void *b)
{
    const struct dashboard_row *x = a, *y = b;

    return (x->score > y->score) - (x->score < y->score);
}

static void read_sets(struct taking *taking)
{
    static const char *const states[DASHBOARD_SETS] = {"running", "awaiting", "delayed"};
    struct dashboard_survey *survey = &taking->survey;

    survey->worker_count = read_rows(taking, survey->workers, NULL);
    survey->batch_count = read_rows(taking, survey->batches, NULL);
    survey->dead_count = read_rows(taking, survey->dead, NULL);
    for (size_t i = 0; i < DASHBOARD_SETS; i++)
        survey->flight_count += read_rows(taking, survey->flight + survey->flight_count, states[i]);
    qsort(survey->flight, survey->flight_count, sizeof(survey->flight[0]), by_turn);
}

static void read_next(struct taking *taking)
{
    struct dashboard_survey *survey = &taking->survey;
    const struct answer *landed = next_answer(taking, taking->first);
    const struct answer *waiting = next_answer(taking, taking->first);

    survey->next_task = landed->type == ANSWER_TEXT ? landed->text : waiting->text;
    landed = next_answer(taking, taking->first);
    waiting = next_answer(taking, taking->first);
    const struct answer *callback = landed->type == ANSWER_TEXT ? landed : waiting;
    if (callback->type == ANSWER_TEXT)
        survey->callback_ms = overview_received_at_ms(callback->text.data);
}

static void on_first(struct bundle *bundle, void *arg)
{
    struct taking *taking = arg;
    struct dashboard_survey *survey = &taking->survey;
    const char *error = bundle_error(bundle);

    if (bundle_lost(bundle) || error != NULL) {
        finish(taking, error, bundle_lost(bundle));
        return;
    }
    read_numbers(taking);
    read_sets(taking);
    if (taking->request.with_next)
        read_next(taking);
    if (survey->worker_count + survey->batch_count + survey->flight_count + survey->dead_count > 0)
        ask_again(taking);
    else
        finish(taking, NULL, false);
}

void dashboard_survey_take(const struct dashboard_survey_request *request)
{
    struct taking *taking = xcalloc(1, sizeof(*taking));

    taking->request = *request;
    taking->first = bundle_new(request->redis);
    ask(taking);
    bundle_await(taking->first, on_first, taking);
}
