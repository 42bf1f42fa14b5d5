/* steps - start, wait, hand over. */
#include "support/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static void await(struct queue_fixture *f, unsigned before)
{
    queue_fixture_wait(f, before + 1);
}

void steps_push(struct queue_fixture *f, const char *item)
{
    queue_fixture_ask(f, "LPUSH q:tasks %s", item);
}

/* Claiming. */

static void on_claimed(const struct queue_claim *claim, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->away = claim == NULL;
    f->count = claim != NULL ? claim->count : 0;
    for (size_t i = 0; i < f->count; i++) {
        free(f->members[i]);
        f->members[i] = slice_copy(claim->members[i]);
    }
    if (claim != NULL) {
        f->pause_ms = claim->pause_ms;
        f->waiting = claim->waiting;
    }
}

size_t steps_claim_of(struct queue_fixture *f, const struct queue_claim_request *request)
{
    unsigned before = f->answers;

    queue_claim(&f->queue, request, on_claimed, f);
    await(f, before);
    return f->count;
}

size_t steps_claim(struct queue_fixture *f, unsigned n)
{
    struct queue_claim_request request = {.list = QUEUE_TASKS, .n = n};

    return steps_claim_of(f, &request);
}

/* Admitting. */

struct admission steps_upload(const char *member, const char *id, const char *batch)
{
    return (struct admission){.member = slice_text(member),
                              .op = "new",
                              .id = id,
                              .token = "",
                              .kind = "upload",
                              .request = "{\"url\":\"u\"}",
                              .about = STEPS_META,
                              .batch = batch,
                              .label = "",
                              .max_attempts = 3};
}

void steps_queued(struct steps_queued *queued, const char *member)
{
    struct slice item = queue_item(slice_text(member));
    size_t mark = strcspn(item.data, "@?");

    (void)snprintf(queued->id, sizeof(queued->id), "%.*s", (int)mark, item.data);
    (void)snprintf(queued->token, sizeof(queued->token), "%s", item.data + mark + 1);
    queued->admission = (struct admission){.member = slice_text(member),
                                           .op = item.data[mark] == '@' ? "@" : "?",
                                           .id = queued->id,
                                           .token = queued->token};
}

static void on_admitted(const struct admission_result *items, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->away = items == NULL;
    for (size_t i = 0; i < f->count; i++) {
        f->admitted[i] = items != NULL ? items[i] : (struct admission_result){0};
        queue_fixture_keep(f, f->admitted[i].record);
        f->admitted[i].state = f->admitted[i].state != NULL
                                   ? queue_fixture_keep(f, record_new(f->admitted[i].state))->id
                                   : NULL;
    }
}

void steps_admit(struct queue_fixture *f, const struct admission *items, size_t count)
{
    struct admission_batch batch = {count, items};
    unsigned before = f->answers;

    f->count = count;
    admission_apply(&f->queue, &batch, on_admitted, f);
    await(f, before);
}

struct record *steps_start(struct queue_fixture *f, const char *id, const char *batch,
                           int64_t batch_size)
{
    steps_push(f, "{}");
    if (steps_claim(f, 1) != 1) {
        return NULL;
    }
    struct admission admission = steps_upload(f->members[0], id, batch);
    admission.batch_size = batch_size;
    steps_admit(f, &admission, 1);
    struct record *record = f->admitted[0].record;
    if (record != NULL) {
        record_set(record, RECORD_kind, admission.kind);
        record_set(record, RECORD_batch, batch);
        record_set(record, RECORD_max_attempts, "3");
    }
    return record;
}

struct record *steps_resume(struct queue_fixture *f)
{
    struct steps_queued queued;

    if (steps_claim(f, 1) != 1) {
        return NULL;
    }
    steps_queued(&queued, f->members[0]);
    steps_admit(f, &queued.admission, 1);
    return f->admitted[0].record;
}

/* Reading. */

static void on_read(struct record *record, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->read = queue_fixture_keep(f, record);
}

struct record *steps_read(struct queue_fixture *f, const char *id)
{
    unsigned before = f->answers;

    queue_read(&f->queue, id, on_read, f);
    await(f, before);
    return f->read;
}

static void add_ids(struct queue_fixture *f, const char *word, size_t count, const char *const *ids)
{
    buffer_add_text(&f->text, word);
    for (size_t i = 0; i < count; i++) {
        buffer_add_format(&f->text, " %s", ids[i]);
    }
}

static void on_due(const struct queue_due *due, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->away = due == NULL;
    if (due == NULL) {
        return;
    }
    f->next_ms = due->next_ms;
    add_ids(f, "lapsed", due->lapsed_count, due->lapsed);
    add_ids(f, " awaiting", due->awaiting_count, due->awaiting);
    add_ids(f, " delayed", due->delayed_count, due->delayed);
}

const char *steps_due(struct queue_fixture *f)
{
    unsigned before = f->answers;

    buffer_reset(&f->text);
    queue_due(&f->queue, on_due, f);
    await(f, before);
    return buffer_text(&f->text);
}

/* Moving. */

static void on_transition(enum transition_result result, const struct transition_news *news,
                          void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->result = result;
    free(f->batches);
    f->batches = news->batches != NULL ? xstrdup(news->batches) : NULL;
    free(f->ended);
    f->ended = news->ended != NULL ? xstrdup(news->ended) : NULL;
    f->took_ms = news->took_ms;
}

enum transition_result steps_move(struct queue_fixture *f, const struct record *record,
                                  const struct transition_move *move)
{
    unsigned before = f->answers;

    transition_move(&f->queue, record, move, (struct transition_end){on_transition, f});
    await(f, before);
    return f->result;
}

enum transition_result steps_finish(struct queue_fixture *f, const struct record *record,
                                    const struct transition_finish *finish)
{
    unsigned before = f->answers;

    transition_finish(&f->queue, record, finish, (struct transition_end){on_transition, f});
    await(f, before);
    return f->result;
}

static void on_chained(enum transition_result result, struct record *first, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->result = result;
    f->first = queue_fixture_keep(f, first);
}

enum transition_result steps_chain(struct queue_fixture *f, const struct record *record,
                                   const struct transition_chain *chain)
{
    unsigned before = f->answers;

    transition_chain(&f->queue, record, chain, (struct transition_chain_end){on_chained, f});
    await(f, before);
    return f->result;
}

enum transition_result steps_end(struct queue_fixture *f, const struct record *record, bool ready)
{
    struct transition_finish finish = {.ready = ready};
    bool child = record_text(record, RECORD_parent)[0] != '\0';

    finish.index_state = ready ? "{\"state\":\"done\"}" : "{\"state\":\"failed\"}";
    if (!ready) {
        finish.failure = "\"stage\":\"upload\",\"error\":\"Download failed.\"";
        transition_field(&finish.fields, "failure", finish.failure);
    } else if (!child) {
        transition_field(&finish.fields, "video", "\"video_id\":\"m-1\"");
        transition_field(&finish.fields, "video_id", "m-1");
    }
    return steps_finish(f, record, &finish);
}

enum transition_result steps_index(struct queue_fixture *f, const struct record *record,
                                   const char *video)
{
    char *words = xasprintf("%s/words", record->id), *scenes = xasprintf("%s/scenes", record->id);
    char *fragment = xasprintf("\"video_id\":\"%s\"", video);
    struct transition_child children[] = {{words, (char[]){"words"}, (char[]){"{\"w\":1}"}},
                                          {scenes, (char[]){"scenes"}, (char[]){"{\"s\":1}"}}};
    struct transition_chain chain = {
        .video_id = video, .detail = fragment, .count = 2, .children = children};

    transition_field(&chain.fields, "video_id", video);
    transition_field(&chain.fields, "video", fragment);
    transition_field(&chain.fields, "collection_id", "c-1");
    enum transition_result result = steps_chain(f, record, &chain);
    free(words);
    free(scenes);
    free(fragment);
    return result;
}

/* Submitting. */

static void on_accepted(bool accepted, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->accepted = accepted;
}

bool steps_reject(struct queue_fixture *f, const struct submission_reject *reject)
{
    unsigned before = f->answers;

    submission_reject(&f->queue, reject, on_accepted, f);
    await(f, before);
    return f->accepted;
}

bool steps_rerun(struct queue_fixture *f, const struct submission_rerun *rerun)
{
    unsigned before = f->answers;

    submission_rerun(&f->queue, rerun, on_accepted, f);
    await(f, before);
    return f->accepted;
}

static void on_expanded(int64_t expanded, void *arg)
{
    struct queue_fixture *f = arg;

    f->answers++;
    f->expanded = expanded;
}

int64_t steps_expand(struct queue_fixture *f, const struct submission_expand *expand)
{
    unsigned before = f->answers;

    submission_expand(&f->queue, expand, on_expanded, f);
    await(f, before);
    return f->expanded;
}

/* Being there. */

static void on_renewed(const char *lost_id, bool renewed, void *arg)
{
    struct queue_fixture *f = arg;

    if (lost_id != NULL) {
        buffer_add_format(&f->text, " %s", lost_id);
        return;
    }
    f->answers++;
    f->away = !renewed;
}

const char *steps_renew(struct queue_fixture *f, const struct presence *presence)
{
    unsigned before = f->answers;

    buffer_reset(&f->text);
    presence_renew(&f->queue, presence, on_renewed, f);
    await(f, before);
    return buffer_text(&f->text);
}

void steps_lapse(struct queue_fixture *f, const char *set, const char *member)
{
    queue_fixture_ask(f, "ZADD q:%s XX 1 %s", set, member);
}
