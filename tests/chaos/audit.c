#include "chaos/audit.h"

#include <stddef.h>
#include <string.h>

#include "chaos/audit_task.h"
#include "chaos/collect.h"

/* --- messages --------------------------------------------------------------------------------- */

static bool is_message(const struct ledger_line *line, enum ledger_source source)
{
    return line->slot == PLAN_OWN &&
           (ledger_ends(line, source) || ledger_is(line, source, "batch"));
}

/* How often the same message stands there: a batch may say the same again after a rerun. `unheard`
 * counts those that were published when nobody was subscribed. */
struct sightings {
    unsigned streamed, heard, unheard;
    bool first; /* the line is the first of them in the stream */
};

static struct sightings look_for(const struct audit_look *look, const struct ledger_line *line)
{
    struct sightings sightings = {0};

    for (size_t i = 0; i < look->range.count; i++) {
        const struct ledger_line *other = &look->range.lines[i];
        bool streamed = is_message(other, LEDGER_STREAM);
        if ((!streamed && !is_message(other, LEDGER_HEARD)) || strcmp(other->text, line->text) != 0)
            continue;
        sightings.first |= streamed && sightings.streamed == 0 && other == line;
        sightings.streamed += streamed;
        sightings.heard += !streamed;
        sightings.unheard += streamed && ledger_in_gap(look->ledger, other->at_ms);
    }
    return sightings;
}

static void check_message(const struct audit_look *look, const struct ledger_line *line)
{
    struct sightings seen = look_for(look, line);
    bool ends = ledger_ends(line, LEDGER_STREAM);

    if (!seen.first)
        return;
    unsigned missing = seen.streamed > seen.heard ? seen.streamed - seen.heard : 0;
    look->verdict->ends += ends ? seen.streamed : 0;
    look->verdict->heard += ends ? seen.streamed - missing : 0;
    look->verdict->unheard += ends && missing <= seen.unheard ? missing : 0;
    if (seen.heard > seen.streamed)
        audit_finding(look, VERDICT_PUBLISHED_TWICE, line->text);
    else if (missing > seen.unheard)
        audit_finding(look, VERDICT_NOT_PUBLISHED, line->text);
}

/* Channels and stream have the same messages, byte for byte, equally often. */
static void check_messages(const struct audit_look *look)
{
    for (size_t i = 0; i < look->range.count; i++) {
        const struct ledger_line *line = &look->range.lines[i];
        if (is_message(line, LEDGER_STREAM))
            check_message(look, line);
        else if (is_message(line, LEDGER_HEARD) && look_for(look, line).streamed == 0)
            audit_finding(look, VERDICT_ONLY_PUBLISHED, line->text);
    }
}

/* --- batches ---------------------------------------------------------------------------------- */

struct members {
    unsigned ready, failed, runs_again;
};

static struct members count_members(const struct audit_look *look, const struct plan_batch *batch)
{
    struct members members = {0};

    for (unsigned i = batch->first; i < batch->first + batch->count; i++) {
        struct ledger_range range = ledger_of(look->ledger, LEDGER_TASK, i);
        const struct ledger_line *end = audit_last_end(range);
        members.ready += end != NULL && strcmp(end->word, "ready") == 0;
        members.failed += end != NULL && strcmp(end->word, "failed") == 0;
        members.runs_again += audit_count(range, LEDGER_STREAM, "rerun");
    }
    return members;
}

static void check_batch(const struct audit_look *look)
{
    const struct plan_batch *batch = &look->plan->batches[look->number];
    struct members members = count_members(look, batch);
    const char *last = NULL;
    unsigned messages = 0;

    for (size_t i = 0; i < look->range.count; i++) {
        if (ledger_is(&look->range.lines[i], LEDGER_STREAM, "batch")) {
            last = look->range.lines[i].text;
            messages++;
        }
    }
    look->verdict->batches++;
    look->verdict->batch_messages += messages;
    if (messages == 0 || messages > 1 + members.runs_again)
        audit_finding(look, VERDICT_BATCH, messages == 0 ? "no message" : "too many messages");
    else if (collect_number(last, "total") != batch->count ||
             collect_number(last, "ready") != members.ready ||
             collect_number(last, "failed") != members.failed)
        audit_finding(look, VERDICT_BATCH, "counts differ from the ends of its members");
}

/* --- what belongs to nobody ------------------------------------------------------------------- */

/* Broken items fail under ids of reelq's own: as many as were pushed. */
static void check_strangers(const struct audit_look *look)
{
    unsigned answered = 0, pushes = 0, failed = 0;

    for (unsigned i = 0; i < look->plan->task_count; i++) {
        if (look->plan->tasks[i].kind != PLAN_BROKEN)
            continue;
        struct ledger_range range = ledger_of(look->ledger, LEDGER_TASK, i);
        unsigned acknowledged = audit_count(range, LEDGER_PUSHED, "acknowledged");
        answered += acknowledged;
        pushes += acknowledged + audit_count(range, LEDGER_PUSHED, "unanswered");
    }
    for (size_t i = 0; i < look->range.count; i++) {
        const struct ledger_line *line = &look->range.lines[i];
        bool bad = line->text != NULL && strstr(line->text, "\"id\":\"bad-") != NULL;
        failed += bad && ledger_is(line, LEDGER_STREAM, "failed");
        if (!bad)
            verdict_note(look->verdict, VERDICT_STRANGER, "%s %s", line->word,
                         line->text != NULL ? line->text : "");
    }
    look->verdict->failed_as_due += failed;
    if (failed < answered || failed > pushes)
        verdict_note(look->verdict, failed < answered ? VERDICT_LOST : VERDICT_SECOND_END,
                     "%u failed messages for %u to %u broken items", failed, answered, pushes);
}

/* --- counts ----------------------------------------------------------------------------------- */

static void count_line(struct verdict *verdict, const struct ledger_line *line)
{
    static const struct {
        enum ledger_source source;
        const char *word;
        size_t counter;
    } counters[] = {
        {LEDGER_PUSHED, "acknowledged", offsetof(struct verdict, pushed)},
        {LEDGER_PUSHED, "unanswered", offsetof(struct verdict, unanswered)},
        {LEDGER_PAID, "index_spoken", offsetof(struct verdict, spoken)},
        {LEDGER_PAID, "index_scene", offsetof(struct verdict, scenes)},
        {LEDGER_STREAM, "unknown", offsetof(struct verdict, unknown)},
        {LEDGER_STREAM, "retry", offsetof(struct verdict, retries)},
        {LEDGER_STREAM, "postponed", offsetof(struct verdict, postponed)},
        {LEDGER_STREAM, "rate_limited", offsetof(struct verdict, rate_limited)},
        {LEDGER_STREAM, "blocked", offsetof(struct verdict, blocked)},
        {LEDGER_STREAM, "handed_back", offsetof(struct verdict, handed_back)},
        {LEDGER_STREAM, "asked", offsetof(struct verdict, asked)},
        {LEDGER_STREAM, "duplicate", offsetof(struct verdict, duplicates)},
        {LEDGER_LAPSED, "lease-lapsed", offsetof(struct verdict, lapsed)},
    };

    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        if (ledger_is(line, counters[i].source, counters[i].word))
            ++*(unsigned *)(void *)((char *)verdict + counters[i].counter);
    if (ledger_is(line, LEDGER_PAID, "upload")) {
        bool failed = strstr(line->text, "\"video_id\":null") != NULL;
        *(failed ? &verdict->uploads_failed : &verdict->uploads) += 1;
    }
}

void audit(struct verdict *verdict, const struct plan *plan, const struct ledger *ledger,
           const struct audit_options *options)
{
    struct audit_look look = {verdict, plan, ledger, options, 0, {NULL, 0}};

    for (size_t i = 0; i < ledger->count; i++)
        count_line(verdict, &ledger->lines[i]);
    for (look.number = 0; look.number < plan->task_count; look.number++) {
        verdict->tasks++;
        look.range = ledger_of(ledger, LEDGER_TASK, look.number);
        if (plan->tasks[look.number].kind == PLAN_BROKEN)
            continue;
        audit_task_ends(&look);
        audit_task_operations(&look);
        check_messages(&look);
    }
    for (look.number = 0; look.number < plan->batch_count; look.number++) {
        look.range = ledger_of(ledger, LEDGER_BATCH, look.number);
        check_batch(&look);
        check_messages(&look);
    }
    look.number = 0;
    look.range = ledger_of(ledger, LEDGER_STRANGE, 0);
    check_messages(&look);
    check_strangers(&look);
}
