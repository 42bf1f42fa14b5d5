#include "chaos/audit_task.h"

#include <stdlib.h>
#include <string.h>

#include "chaos/collect.h"

enum { MAX_HISTORY = 64 << 10 };

void audit_finding(const struct audit_look *look, enum verdict_finding finding, const char *text)
{
    struct buffer history = BUFFER(MAX_HISTORY);

    ledger_add_text(&history, look->range);
    verdict_note(look->verdict, finding, "number %u: %s\n%s", look->number, text,
                 buffer_text(&history));
    buffer_clear(&history);
}

unsigned audit_count(struct ledger_range range, enum ledger_source source, const char *word)
{
    unsigned found = 0;

    for (size_t i = 0; i < range.count; i++)
        found += range.lines[i].slot == PLAN_OWN && ledger_is(&range.lines[i], source, word);
    return found;
}

const struct ledger_line *audit_last_end(struct ledger_range range)
{
    const struct ledger_line *last = NULL;

    for (size_t i = 0; i < range.count; i++)
        if (range.lines[i].slot == PLAN_OWN && ledger_ends(&range.lines[i], LEDGER_STREAM))
            last = &range.lines[i];
    return last;
}

/* --- why a task failed ------------------------------------------------------------------------ */

/* What happened since the task was last run again. */
static struct ledger_range last_run(struct ledger_range range)
{
    for (size_t i = range.count; i > 0; i--)
        if (ledger_is(&range.lines[i - 1], LEDGER_STREAM, "rerun"))
            return (struct ledger_range){range.lines + i - 1, range.count - i + 1};
    return range;
}

static unsigned failed_slot(const struct plan_task *task, const char *json)
{
    char *stage = collect_text(json, "stage");
    bool own = task->kind != PLAN_UPLOAD || strcmp(stage, "upload") == 0;
    unsigned slot = own ? PLAN_OWN : strcmp(stage, "index:scenes") == 0 ? PLAN_SCENES : PLAN_SPOKEN;

    free(stage);
    return slot;
}

static unsigned last_attempt(struct ledger_range run, unsigned slot)
{
    unsigned last = 0;

    for (size_t i = 0; i < run.count; i++)
        if (run.lines[i].source == LEDGER_STREAM && run.lines[i].slot == slot &&
            run.lines[i].attempt > last)
            last = run.lines[i].attempt;
    return last;
}

/* Several workers may find the same lapse. */
static unsigned lost_runs(struct ledger_range run, unsigned slot, int64_t lease_ms)
{
    unsigned lost = 0;
    int64_t last_ms = 0;

    for (size_t i = 0; i < run.count; i++) {
        const struct ledger_line *line = &run.lines[i];
        if (line->source != LEDGER_LAPSED || line->slot != slot)
            continue;
        if (line->at_ms - last_ms >= lease_ms) {
            lost++;
            last_ms = line->at_ms;
        }
    }
    return lost;
}

static bool was_called_back(struct ledger_range run, unsigned slot, unsigned attempt,
                            int64_t before_ms)
{
    for (size_t i = 0; i < run.count; i++)
        if (run.lines[i].slot == slot && run.lines[i].attempt == attempt &&
            run.lines[i].at_ms < before_ms &&
            ledger_is(&run.lines[i], LEDGER_CALLBACK, "delivered"))
            return true;
    return false;
}

/* The last call that was accepted is silent: none was, or no callback of it was understood. */
static bool is_silent(struct ledger_range run, unsigned slot, int64_t until_ms)
{
    const struct ledger_line *last = NULL;

    for (size_t i = 0; i < run.count; i++)
        if (run.lines[i].source == LEDGER_PAID && run.lines[i].slot == slot)
            last = &run.lines[i];
    return last == NULL || !was_called_back(run, slot, last->attempt, until_ms);
}

/* Counts the reason; false when there is none. */
static bool explain_failure(const struct audit_look *look, const struct ledger_line *end)
{
    const struct plan_task *task = &look->plan->tasks[look->number];
    struct ledger_range run = last_run(look->range);
    unsigned slot = failed_slot(task, end->text), attempt = last_attempt(run, slot);
    const char *due = plan_error(task);
    char *error = collect_text(end->text, "error");
    unsigned *reason = NULL;

    if (due != NULL && strstr(error, due) != NULL)
        reason = &look->verdict->failed_as_due;
    else if (strncmp(error, "Crash loop", 10) == 0)
        reason =
            lost_runs(run, slot, look->options->lease_ms) >= 3 ? &look->verdict->crash_loops : NULL;
    else if (strstr(error, "REELQ_JOB_TIMEOUT") != NULL)
        reason =
            task->named[slot] && is_silent(run, slot, end->at_ms) ? &look->verdict->overdue : NULL;
    else if (attempt + 1 >= look->options->max_attempts)
        reason = &look->verdict->used_up;
    free(error);
    if (reason != NULL)
        ++*reason;
    return reason != NULL;
}

/* --- ends ------------------------------------------------------------------------------------- */

static bool has_indexes(const struct plan_task *task, const char *json)
{
    return (!task->spoken || strstr(json, "\"spoken_words\":{\"state\":\"done\"") != NULL) &&
           (!task->scenes || strstr(json, "\"scenes\":{\"state\":\"done\"") != NULL);
}

static void check_last_end(const struct audit_look *look)
{
    const struct ledger_line *end = audit_last_end(look->range);
    const char *due = plan_error(&look->plan->tasks[look->number]);

    if (strcmp(end->word, "ready") == 0) {
        look->verdict->ready++;
        if (due != NULL)
            audit_finding(look, VERDICT_WRONG_END, "ready, and its URL or its item is bad");
        else if (!has_indexes(&look->plan->tasks[look->number], end->text))
            audit_finding(look, VERDICT_WRONG_END, "ready without an index that was asked for");
    } else if (!explain_failure(look, end)) {
        audit_finding(look, VERDICT_WRONG_END, "failed without a reason");
    }
}

void audit_task_ends(const struct audit_look *look)
{
    struct ledger_range range = look->range;
    unsigned answered = audit_count(range, LEDGER_PUSHED, "acknowledged");
    unsigned pushes = answered + audit_count(range, LEDGER_PUSHED, "unanswered");
    unsigned runs_again = audit_count(range, LEDGER_STREAM, "rerun");
    unsigned ends =
        audit_count(range, LEDGER_STREAM, "ready") + audit_count(range, LEDGER_STREAM, "failed");
    bool mistake = look->plan->tasks[look->number].kind == PLAN_MISTAKE;
    unsigned least = mistake ? answered : 1 + runs_again, most = mistake ? pushes : least;

    look->verdict->runs_again += runs_again;
    if (ends < least || ends == 0)
        audit_finding(look, VERDICT_LOST, "fewer ends than runs");
    else if (ends > most)
        audit_finding(look, VERDICT_SECOND_END, "more ends than runs");
    if (runs_again >= pushes && pushes > 0)
        audit_finding(look, VERDICT_UNASKED_RUN, "more runs than pushes");
    if (ends > 0)
        check_last_end(look);
}

/* --- operations ------------------------------------------------------------------------------- */

/* An upload that VideoDB fails has no video, and is not paid for. */
static bool is_made(const struct ledger_line *line, unsigned slot)
{
    if (line->source != LEDGER_PAID || line->slot != slot)
        return false;
    if (strcmp(line->word, "upload") != 0)
        return true;
    char *video_id = collect_text(line->text, "video_id");
    bool made = video_id[0] != '\0';
    free(video_id);
    return made;
}

static bool run_again_between(const struct ledger_range range, const struct ledger_line *first,
                              const struct ledger_line *second)
{
    for (const struct ledger_line *line = range.lines; line < range.lines + range.count; line++)
        if (line->at_ms >= first->at_ms && line->at_ms <= second->at_ms &&
            ledger_is(line, LEDGER_STREAM, "rerun"))
            return true;
    return false;
}

/* Calls of one operation follow each other, so what the stream says of it next is the outcome of
 * this one; within its millisecond the stream may still say what led to it. */
static bool was_unknown(const struct ledger_range range, const struct ledger_line *call)
{
    for (const struct ledger_line *line = range.lines; line < range.lines + range.count; line++)
        if (line->source == LEDGER_STREAM && line->slot == call->slot &&
            line->at_ms >= call->at_ms) {
            bool unknown = strcmp(line->word, "unknown") == 0;
            if (unknown || line->at_ms > call->at_ms)
                return unknown;
        }
    return false;
}

/* Did the task fail in between without saying that it has a video? Else only its indexes are run
 * again, not the upload. */
static bool failed_without_video(const struct ledger_range range, const struct ledger_line *first,
                                 const struct ledger_line *second)
{
    bool without = false;

    for (const struct ledger_line *line = range.lines; line < range.lines + range.count; line++) {
        if (line->at_ms < first->at_ms || line->at_ms > second->at_ms ||
            !ledger_is(line, LEDGER_STREAM, "failed") || line->slot != PLAN_OWN)
            continue;
        char *video_id = collect_text(line->text, "video_id");
        without = video_id[0] == '\0';
        free(video_id);
    }
    return without;
}

static bool is_users_wish(const struct audit_look *look, const struct ledger_line *first,
                          const struct ledger_line *second)
{
    return run_again_between(look->range, first, second) &&
           (strcmp(second->word, "upload") != 0 ||
            failed_without_video(look->range, first, second));
}

static void explain_second(const struct audit_look *look, const struct ledger_line *first,
                           const struct ledger_line *second)
{
    const struct plan_task *task = &look->plan->tasks[look->number];
    int64_t in_time_ms = second->at_ms - look->options->under_way_ms;

    if (is_users_wish(look, first, second))
        look->verdict->second_by_user++;
    else if (task->named[first->slot] && was_unknown(look->range, first) &&
             !was_called_back(look->range, first->slot, first->attempt, in_time_ms))
        look->verdict->second_by_silence++;
    else
        audit_finding(look, VERDICT_SECOND_PAID, second->word);
}

static bool has_callback(struct ledger_range range, const struct ledger_line *paid)
{
    for (size_t i = 0; i < range.count; i++)
        if (range.lines[i].slot == paid->slot && range.lines[i].attempt == paid->attempt &&
            (ledger_is(&range.lines[i], LEDGER_CALLBACK, "delivered") ||
             ledger_is(&range.lines[i], LEDGER_CALLBACK, "unreadable")))
            return true;
    return false;
}

/* How many operations of that slot were made, and the last of them. */
static unsigned walk_slot(const struct audit_look *look, unsigned slot,
                          const struct ledger_line **last)
{
    unsigned made = 0;

    *last = NULL;
    for (size_t i = 0; i < look->range.count; i++) {
        const struct ledger_line *line = &look->range.lines[i];
        if (line->source == LEDGER_PAID && line->slot == slot)
            look->verdict->never_called_back += !has_callback(look->range, line);
        if (!is_made(line, slot))
            continue;
        if (*last != NULL)
            explain_second(look, *last, line);
        *last = line;
        made++;
    }
    return made;
}

static bool made_video(const struct audit_look *look, const char *video_id)
{
    bool found = false;

    for (size_t i = 0; i < look->range.count && !found; i++) {
        if (!is_made(&look->range.lines[i], PLAN_OWN))
            continue;
        char *made = collect_text(look->range.lines[i].text, "video_id");
        found = strcmp(made, video_id) == 0;
        free(made);
    }
    return found;
}

static void check_upload(const struct audit_look *look, const struct ledger_line *end,
                         const unsigned made[PLAN_SLOTS])
{
    const struct plan_task *task = &look->plan->tasks[look->number];
    bool ready = strcmp(end->word, "ready") == 0;
    char *video_id = collect_text(end->text, "video_id");
    char *error = collect_text(end->text, "error");

    if (ready && (made[PLAN_OWN] == 0 || (task->spoken && made[PLAN_SPOKEN] == 0) ||
                  (task->scenes && made[PLAN_SCENES] == 0)))
        audit_finding(look, VERDICT_UNPAID, "an operation is missing in the journal");
    else if (video_id[0] != '\0' && !made_video(look, video_id))
        audit_finding(look, VERDICT_WRONG_VIDEO, video_id);
    else if (!ready && made[PLAN_OWN] > 0 && video_id[0] == '\0' && !task->named[PLAN_OWN] &&
             strncmp(error, "Crash loop", 10) != 0)
        audit_finding(look, VERDICT_UNTOLD, "failed without its video");
    free(video_id);
    free(error);
}

static void check_index(const struct audit_look *look, const struct ledger_line *end,
                        const unsigned made[PLAN_SLOTS])
{
    const struct plan_task *task = &look->plan->tasks[look->number];
    char *video_id = collect_text(end->text, "video_id");

    for (size_t i = 0; i < look->range.count; i++) {
        const struct ledger_line *line = &look->range.lines[i];
        if (line->source == LEDGER_PUSHED && line->text != NULL &&
            strcmp(line->text, video_id) != 0) {
            audit_finding(look, VERDICT_WRONG_VIDEO, video_id);
            break;
        }
    }
    if (task->scenes && made[PLAN_OWN] == 0 && strcmp(end->word, "ready") == 0)
        audit_finding(look, VERDICT_UNPAID, "the index is missing in the journal");
    free(video_id);
}

void audit_task_operations(const struct audit_look *look)
{
    const struct ledger_line *end = audit_last_end(look->range), *last;
    unsigned made[PLAN_SLOTS];

    for (unsigned slot = 0; slot < PLAN_SLOTS; slot++)
        made[slot] = walk_slot(look, slot, &last);
    if (end == NULL)
        return;
    if (look->plan->tasks[look->number].kind == PLAN_UPLOAD)
        check_upload(look, end, made);
    else if (look->plan->tasks[look->number].kind == PLAN_INDEX)
        check_index(look, end, made);
}
