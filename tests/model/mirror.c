#include "model/mirror.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "support/steps.h"

/* No lease or wait ends but by an op. */
enum { MAX_TEXT = 1 << 16, MAX_NAME = 64, NEVER_MS = 24 * 3600 * 1000 };

void mirror_init(struct mirror *mirror)
{
    *mirror = (struct mirror){.fixture = queue_fixture_new()};
    mirror->fixture->queue.lease_ms = mirror->fixture->queue.retention_ms = NEVER_MS;
    buffer_init(&mirror->text, MAX_TEXT);
}

void mirror_clear(struct mirror *mirror)
{
    queue_fixture_free(mirror->fixture);
    buffer_clear(&mirror->text);
}

void mirror_empty(struct mirror *mirror)
{
    queue_fixture_ask(mirror->fixture, "FLUSHDB");
    queue_fixture_messages(mirror->fixture);
    mirror->ready = mirror->failed = mirror->batch = 0;
}

/* --- arguments --- */

static char *item_text(const struct item *item)
{
    struct buffer text = BUFFER(MAX_NAME);

    words_item(&text, item);
    return buffer_take(&text);
}

static char *member_text(const struct member *member)
{
    char *item = item_text(&member->item), *text = xasprintf("%u:%s", member->seq, item);

    free(item);
    return text;
}

/* What a decision carries of the record. */
static struct record *record_of(const struct op *op)
{
    struct record *record = record_new(words_task[op->task]);

    record_set_int(record, RECORD_token, op->token);
    record_set(record, RECORD_max_attempts, "2");
    record_set(record, RECORD_kind, op->task == 0 ? "upload" : "index");
    record_set(record, RECORD_batch, "b");
    if (op->task != 0) {
        record_set(record, RECORD_parent, words_task[0]);
        record_set(record, RECORD_label, words_task[op->task] + 2);
    }
    return record;
}

struct video {
    char id[MAX_NAME], fragment[MAX_NAME + 16];
};

static struct video video_of(const struct op *op)
{
    struct video video = {{0}, {0}};

    if (op->video != 0) {
        (void)snprintf(video.id, sizeof(video.id), "m-%u", op->video);
        (void)snprintf(video.fragment, sizeof(video.fragment), "\"video_id\":\"%s\"", video.id);
    }
    return video;
}

static void set_video(struct transition_fields *fields, const struct video *video)
{
    transition_field(fields, "video_id", video->id);
    transition_field(fields, "video", video->fragment);
    transition_field(fields, "output_url", "");
}

static size_t children_of(const struct op *op, struct transition_child *children)
{
    size_t count = 0;

    for (uint8_t i = 1; i < TASKS; i++) {
        bool chained = op->kind == OP_CHAIN && i <= op->indexes;
        bool again = op->kind == OP_RERUN && (op->indexes >> i & 1) != 0;
        if (chained || again)
            children[count++] = (struct transition_child){
                xstrdup(words_task[i]), xstrdup(words_task[i] + 2), xstrdup("{}")};
    }
    return count;
}

static void free_children(struct transition_child *children, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(children[i].id);
        free(children[i].label);
        free(children[i].request);
    }
}

/* --- ops: each returns the reply in words --- */

static void apply_claim(struct mirror *mirror, const struct op *op)
{
    (void)op;
    if (steps_claim(mirror->fixture, 1) == 1)
        buffer_add_text(&mirror->text, mirror->fixture->members[0]);
}

static void say_run(struct mirror *mirror, const struct record *record)
{
    buffer_add_format(&mirror->text, "run %s %s", record_text(record, RECORD_token),
                      record_text(record, RECORD_attempt));
}

static void apply_admit(struct mirror *mirror, const struct op *op)
{
    char *member = member_text(&op->member);
    struct steps_queued queued;
    struct admission admission = steps_upload(member, "a", "b");

    admission.batch_size = op->member.item.token;
    if (op->member.item.kind != ITEM_UPLOAD) {
        steps_queued(&queued, member);
        admission = queued.admission;
    }
    steps_admit(mirror->fixture, &admission, 1);
    const struct admission_result *result = &mirror->fixture->admitted[0];
    if (result->result == ADMISSION_RUN)
        say_run(mirror, result->record);
    else
        buffer_add_format(&mirror->text, "%s", result->state != NULL ? result->state : "stale");
    free(member);
}

static void say(struct mirror *mirror, enum transition_result result)
{
    buffer_add_text(&mirror->text, result == TRANSITION_DONE ? "done" : "stale");
}

static void apply_move(struct mirror *mirror, const struct op *op)
{
    static const char *const purpose[] = {"", "call", "ask"};
    static const char *const why[] = {"", "callback", "unknown", "failing"};
    struct record *record = record_of(op);
    struct transition_move move = {.lapsed = op->lapsed,
                                   .target = words_state[op->target],
                                   .delay_ms = NEVER_MS,
                                   .mark = op->question ? "?" : "@",
                                   .stamp = op->stamp ? "since" : NULL};

    if (op->set.attempt != 0)
        transition_field_int(&move.fields, "attempt", op->set.attempt - 1);
    if (op->set.purpose != 0)
        transition_field(&move.fields, "purpose", purpose[op->set.purpose - 1]);
    if (op->set.why != 0)
        transition_field(&move.fields, "why", why[op->set.why - 1]);
    if (op->set.crashes != 0)
        transition_field_int(&move.fields, "crashes", op->set.crashes - 1);
    if (op->set.output_url != 0)
        transition_field(&move.fields, "output_url", op->set.output_url == SET(1) ? "u" : "");
    say(mirror, steps_move(mirror->fixture, record, &move));
    record_free(record);
}

static void apply_chain(struct mirror *mirror, const struct op *op)
{
    struct transition_child children[MAX_INDEXES];
    struct record *record = record_of(op);
    struct video video = video_of(op);
    char *seq = xasprintf("%u", op->first);
    struct transition_chain chain = {.video_id = video.id,
                                     .detail = video.fragment,
                                     .seq = slice_text(op->first != 0 ? seq : ""),
                                     .children = children,
                                     .count = children_of(op, children)};

    set_video(&chain.fields, &video);
    enum transition_result result = steps_chain(mirror->fixture, record, &chain);
    if (mirror->fixture->first != NULL)
        say_run(mirror, mirror->fixture->first);
    else
        say(mirror, result);
    free_children(children, chain.count);
    record_free(record);
    free(seq);
}

static void apply_finish(struct mirror *mirror, const struct op *op)
{
    struct record *record = record_of(op);
    struct video video = video_of(op);
    bool ready = op->target == READY;
    struct transition_finish finish = {.lapsed = op->lapsed,
                                       .ready = ready,
                                       .index_state = ready ? "{\"state\":\"done\"}"
                                                            : "{\"state\":\"failed\"}",
                                       .failure = "\"error\":\"e\""};

    if (op->task == 0 && op->video != 0) {
        finish.video_id = video.id;
        set_video(&finish.fields, &video);
    }
    say(mirror, steps_finish(mirror->fixture, record, &finish));
    record_free(record);
}

static void on_promoted(int64_t went, void *arg)
{
    struct mirror *mirror = arg;

    buffer_add_format(&mirror->text, "%" PRId64, went);
    mirror->fixture->answers++;
}

static void apply_promote(struct mirror *mirror, const struct op *op)
{
    struct queue_fixture *f = mirror->fixture;
    const char *id = words_task[op->task];
    struct queue_promotion promotion = {&id, 1, on_promoted, mirror};
    bool delayed = op->target == DELAYED;
    unsigned answers = f->answers + 1;

    steps_lapse(f, delayed ? "delayed" : "awaiting", id);
    (delayed ? queue_promote_delayed : queue_promote_awaiting)(&f->queue, &promotion);
    queue_fixture_wait(f, answers);
}

static void apply_renew(struct mirror *mirror, const struct op *op)
{
    char *token = xasprintf("%u", op->token);
    struct presence_lease lease = {words_task[op->task], token};
    struct presence presence = {.worker = "w", .count = 1, .leases = &lease};
    const char *lost = steps_renew(mirror->fixture, &presence);

    buffer_add_text(&mirror->text, lost[0] != '\0' ? "stale" : "done");
    free(token);
}

static void apply_rerun(struct mirror *mirror, const struct op *op)
{
    struct transition_child children[MAX_INDEXES];
    struct record *record = record_of(op);
    char *member = member_text(&op->member);
    struct submission_rerun rerun = {.member = slice_text(member),
                                     .record = record,
                                     .children = children,
                                     .child_count = children_of(op, children)};

    steps_rerun(mirror->fixture, &rerun);
    free_children(children, rerun.child_count);
    record_free(record);
    free(member);
}

static void apply_reject(struct mirror *mirror, const struct op *op)
{
    char *member = member_text(&op->member), *id = xasprintf("bad-%u", op->member.seq);
    struct submission_reject reject = {.member = slice_text(member),
                                       .id = id,
                                       .failure = "\"error\":\"e\"",
                                       .about = "",
                                       .batch = "b",
                                       .batch_size = op->member.item.token,
                                       .keep = true};

    steps_reject(mirror->fixture, &reject);
    free(member);
    free(id);
}

static void apply_drop(struct mirror *mirror, const struct op *op)
{
    char *member = member_text(&op->member);

    queue_drop(&mirror->fixture->queue, QUEUE_TASKS, slice_text(member));
    steps_read(mirror->fixture,
               "nobody"); /* has no reply: another one's shows that it is through */
    free(member);
}

static void apply_push(struct mirror *mirror, const struct op *op)
{
    char *item = item_text(&op->member.item);

    steps_push(mirror->fixture, item);
    free(item);
}

static void apply_number(struct mirror *mirror, const struct op *op)
{
    (void)op;
    queue_fixture_ask(mirror->fixture, "INCR q:seq");
}

static void apply_wake(struct mirror *mirror, const struct op *op)
{
    (void)op;
    queue_fixture_ask(mirror->fixture, "LMOVE q:tasks q:tasks:landing RIGHT LEFT");
}

/* The first in taken lapses first: that of several comes back in front. */
static void apply_lapse_taken(struct mirror *mirror, const struct op *op)
{
    char *member = member_text(&op->member);

    queue_fixture_ask(mirror->fixture, "ZADD q:taken XX %d %s", op->member.seq, member);
    free(member);
}

static void apply_lapse_run(struct mirror *mirror, const struct op *op)
{
    steps_lapse(mirror->fixture, "running", words_task[op->task]);
}

static void apply_read(struct mirror *mirror, const struct op *op)
{
    steps_read(mirror->fixture, words_task[op->task]);
}

static void (*const appliers[])(struct mirror *mirror,
                                const struct op *op) = {[OP_CLAIM] = apply_claim,
                                                        [OP_ADMIT] = apply_admit,
                                                        [OP_MOVE] = apply_move,
                                                        [OP_CHAIN] = apply_chain,
                                                        [OP_FINISH] = apply_finish,
                                                        [OP_PROMOTE] = apply_promote,
                                                        [OP_RENEW] = apply_renew,
                                                        [OP_RERUN] = apply_rerun,
                                                        [OP_REJECT] = apply_reject,
                                                        [OP_READ] = apply_read,
                                                        [OP_DROP] = apply_drop,
                                                        [OP_PUSH] = apply_push,
                                                        [OP_NUMBER] = apply_number,
                                                        [OP_WAKE] = apply_wake,
                                                        [OP_LAPSE_TAKEN] = apply_lapse_taken,
                                                        [OP_LAPSE_RUN] = apply_lapse_run};

/* The fixture keeps the records that it has read to its end: here they would become too many. */
static void forget_records(struct queue_fixture *f)
{
    while (f->record_count > 0)
        record_free(f->records[--f->record_count]);
}

const char *mirror_apply(struct mirror *mirror, const struct op *op)
{
    forget_records(mirror->fixture);
    buffer_reset(&mirror->text);
    appliers[op->kind](mirror, op);
    return buffer_text(&mirror->text);
}
