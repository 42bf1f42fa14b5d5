#include "model/words.h"

const char *const words_row[ROWS] = {
    [NO_ROW] = "",
#define ROW(name, script, finds, does) [name] = #name,
#include "model/rows.def"
#undef ROW
};

const char *const words_state[] = {
    [NO_RECORD] = "",      [QUEUED] = "queued",     [RUNNING] = "running", [AWAITING] = "awaiting",
    [DELAYED] = "delayed", [INDEXING] = "indexing", [READY] = "ready",     [FAILED] = "failed"};

const char *const words_task[TASKS] = {"a", "a/words", "a/scenes"};

void words_item(struct buffer *out, const struct item *item)
{
    if (item->kind == ITEM_UPLOAD)
        buffer_add_text(out, "{}");
    else if (item->kind == ITEM_MISTAKE)
        buffer_add_text(out, "[]");
    else if (item->kind == ITEM_ID)
        buffer_add_text(out, words_task[0]);
    else
        buffer_add_format(out, "%s%c%u", words_task[item->task],
                          item->kind == ITEM_CALL ? '@' : '?', item->token);
}

static void add_list(struct buffer *out, const char *name, const struct item *items, unsigned count)
{
    buffer_add_text(out, name);
    for (unsigned i = 0; i < count; i++) {
        buffer_add_char(out, ' ');
        words_item(out, &items[i]);
    }
    buffer_add_char(out, '\n');
}

static void add_taken(struct buffer *out, const struct store *store)
{
    buffer_add_text(out, "taken");
    for (unsigned i = 0; i < store->taken_count; i++) {
        buffer_add_format(out, " %u:", store->taken[i].seq);
        words_item(out, &store->taken[i].item);
        buffer_add_text(out, store->taken[i].lapsed ? "!" : "");
    }
    buffer_add_char(out, '\n');
}

static void add_set(struct buffer *out, const char *name, unsigned set, unsigned lapsed)
{
    buffer_add_text(out, name);
    for (unsigned i = 0; i < TASKS; i++)
        if ((set >> i & 1) != 0)
            buffer_add_format(out, " %s%s", words_task[i], (lapsed >> i & 1) != 0 ? "!" : "");
    buffer_add_char(out, '\n');
}

static void add_record(struct buffer *out, const struct store *store, unsigned i)
{
    static const char *const purpose[] = {"", "call", "ask"};
    static const char *const why[] = {"", "callback", "unknown", "failing"};
    const struct task *task = &store->task[i];

    if (task->state == NO_RECORD)
        return;
    buffer_add_format(out, "%s %s token %u attempt %u calls %u purpose %s why %s crashes %u",
                      words_task[i], words_state[task->state], task->token, task->attempt,
                      task->calls, purpose[task->purpose], why[task->why], task->crashes);
    buffer_add_format(out, " output_url %u video %u", task->output_url, task->video);
    if (i == 0)
        buffer_add_format(out, " open %u outcomes %s,%s", task->open, words_state[task->outcome[0]],
                          words_state[task->outcome[1]]);
    buffer_add_char(out, '\n');
}

void words_store(struct buffer *out, const struct store *store)
{
    add_list(out, "tasks", store->waiting, store->waiting_count);
    add_list(out, "landing", store->landing, store->landing_count);
    add_list(out, "questions", store->questions, store->question_count);
    add_taken(out, store);
    add_set(out, "running", store->running, store->lapsed);
    add_set(out, "awaiting", store->awaiting, 0);
    add_set(out, "delayed", store->delayed, 0);
    add_set(out, "dead", store->dead, 0);
    for (unsigned i = 0; i < TASKS; i++)
        add_record(out, store, i);
    buffer_add_format(out, "batch total %u members %u ready %u failed %u announced %u\n",
                      store->batch.total, store->batch.members, store->batch.ready,
                      store->batch.failed, store->batch.announced);
    buffer_add_format(out, "seq %u\n", store->seq);
    buffer_add_format(out, "messages ready %u failed %u batch %u\n", store->ready_messages,
                      store->failed_messages, store->batch_messages);
}

static bool is_refused(uint8_t row)
{
    return (row >= MOVE_STALE && row <= MOVE_RENEWED) || row == CHAIN_STALE ||
           (row >= FINISH_STALE && row <= FINISH_RENEWED) || row == RENEW_LOST;
}

void words_reply(struct buffer *out, const struct op *op, const struct reply *reply)
{
    bool says = op->kind == OP_MOVE || op->kind == OP_CHAIN || op->kind == OP_FINISH ||
                op->kind == OP_RENEW;

    if (op->kind == OP_CLAIM && reply->row != NO_ROW) {
        buffer_add_format(out, "%u:", reply->member.seq);
        words_item(out, &reply->member.item);
    } else if ((op->kind == OP_ADMIT || op->kind == OP_CHAIN) && reply->record.state == RUNNING) {
        buffer_add_format(out, "run %u %u", reply->record.token, reply->record.attempt);
    } else if (op->kind == OP_ADMIT) {
        buffer_add_text(out, reply->known != NO_RECORD ? words_state[reply->known] : "stale");
    } else if (op->kind == OP_PROMOTE) {
        buffer_add_text(out, reply->row == PROMOTE_ELSEWHERE ? "0" : "1");
    } else if (says) {
        buffer_add_text(out, is_refused(reply->row) ? "stale" : "done");
    }
}

void words_step(struct buffer *out, const struct step *step)
{
    buffer_add_format(out, "%s %s %s", step->who, step->what, words_task[step->task]);
    if (step->fact != NULL)
        buffer_add_format(out, ", %s", step->fact);
    if (step->reply.row != NO_ROW)
        buffer_add_format(out, ": %s", words_row[step->reply.row]);
}
