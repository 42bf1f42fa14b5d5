#include "chaos/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"
#include "chaos/dice.h"

enum { BATCH_LEAST = 4, BATCH_MOST = 30, FIRST_INDEX_TASK = 20, ONE_ITEM_OF = 3 };

static const char task_prefix[] = "task-", batch_prefix[] = "batch-";

/* Of 100 tasks. The words are the sandbox's. */
static const struct {
    unsigned share;
    const char *word;
    const char *error;
} fates[] = {
    [PLAN_GOOD] = {72, "good", NULL},
    [PLAN_FLAKY] = {8, "download-flaky-2", NULL},
    [PLAN_SILENT] = {5, "silent", NULL},
    [PLAN_DOWNLOAD_FAILED] = {5, "download-failed", "Download failed"},
    [PLAN_INVALID_MEDIA] = {5, "invalid-media", "Invalid media type"},
    [PLAN_CORRUPT] = {5, "corrupt", "Something went wrong"},
};

/* --- making ----------------------------------------------------------------------------------- */

static enum plan_fate draw_fate(struct rng *rng)
{
    unsigned ticket = dice_pick(rng, 100), fate = 0;

    while (ticket >= fates[fate].share)
        ticket -= fates[fate++].share;
    return (enum plan_fate)fate;
}

static void make_upload(struct plan_task *task, struct rng *rng)
{
    task->kind = PLAN_UPLOAD;
    task->fate = draw_fate(rng);
    task->spoken = dice_chance(rng, 0.6);
    task->scenes = dice_chance(rng, 0.4);
    task->named[PLAN_OWN] = dice_chance(rng, 0.25);
    task->named[PLAN_SCENES] = task->scenes && dice_chance(rng, 0.25);
}

/* Index tasks need a video of before, mistakes stand alone. */
static void make_alone(struct plan_task *task, struct rng *rng, unsigned number)
{
    double kind = rng_unit(rng);

    make_upload(task, rng);
    if (kind < 0.12 && number >= FIRST_INDEX_TASK) {
        task->kind = PLAN_INDEX;
        task->fate = PLAN_GOOD;
        task->scenes = !task->spoken;
        task->named[PLAN_OWN] = task->scenes && dice_chance(rng, 0.25);
    } else if (kind < 0.15) {
        task->kind = PLAN_MISTAKE;
    } else if (kind < 0.18) {
        task->kind = PLAN_BROKEN;
    }
}

static void draw_pushes(struct plan_task *task, struct rng *rng, bool one_item)
{
    bool twice = dice_chance(rng, 0.06), again = dice_chance(rng, 0.4);

    task->twice = twice && !one_item && task->kind != PLAN_BROKEN;
    task->again = again && task->kind != PLAN_BROKEN && task->kind != PLAN_MISTAKE;
}

static unsigned make_batch(struct plan *plan, struct rng *rng, unsigned first)
{
    unsigned count = (unsigned)dice_between(rng, BATCH_LEAST, BATCH_MOST);
    unsigned left = plan->task_count - first;
    struct plan_batch batch = {first, count < left ? count : left,
                               dice_pick(rng, ONE_ITEM_OF) == 0};

    plan->batches = xrealloc(plan->batches, plan->batch_count + 1, sizeof(*plan->batches));
    plan->batches[plan->batch_count] = batch;
    for (unsigned i = first; i < first + batch.count; i++) {
        struct plan_task *task = &plan->tasks[i];
        make_upload(task, rng);
        draw_pushes(task, rng, batch.one_item);
        task->batch = (int)plan->batch_count;
        if (batch.one_item)
            task->at_ms = plan->tasks[first].at_ms;
    }
    plan->batch_count++;
    return batch.count;
}

/* About half of the tasks are in batches. */
struct plan plan_make(uint64_t seed, unsigned tasks, int64_t length_ms)
{
    struct plan plan = {.tasks = xcalloc(tasks, sizeof(*plan.tasks)), .task_count = tasks};
    struct rng rng;

    rng_init(&rng, seed, DICE_TASKS);
    for (unsigned i = 0; i < tasks; i++)
        plan.tasks[i] = (struct plan_task){.at_ms = length_ms * i / tasks, .batch = PLAN_NO_BATCH};
    for (unsigned i = 0; i < tasks;) {
        if (dice_chance(&rng, 0.06)) {
            i += make_batch(&plan, &rng, i);
        } else {
            make_alone(&plan.tasks[i], &rng, i);
            draw_pushes(&plan.tasks[i], &rng, false);
            i++;
        }
    }
    return plan;
}

void plan_clear(struct plan *plan)
{
    free(plan->tasks);
    free(plan->batches);
    *plan = (struct plan){0};
}

const char *plan_error(const struct plan_task *task)
{
    if (task->kind == PLAN_MISTAKE)
        return "unknown field";
    if (task->kind == PLAN_BROKEN)
        return "JSON";
    if (task->kind == PLAN_UPLOAD && task->fate == PLAN_SILENT && task->spoken)
        return "no spoken data";
    return fates[task->fate].error;
}

/* --- items ------------------------------------------------------------------------------------ */

static void add_number(struct json_writer *w, const char *key, const char *format, unsigned number)
{
    struct buffer text = BUFFER(256);

    buffer_add_format(&text, "%s%06u", format, number);
    json_key_slice(w, key, buffer_slice(&text));
    buffer_clear(&text);
}

static void add_scenes(struct json_writer *w, unsigned number, bool named)
{
    json_open(w, '{');
    json_key_string(w, "type", "scenes");
    if (named)
        add_number(w, "name", "Scenes of ", number);
    json_close(w, '}');
}

static void add_indexes(struct json_writer *w, const struct plan_task *task, unsigned number)
{
    json_add_key(w, "index");
    json_open(w, '[');
    if (task->spoken)
        json_add_string(w, slice_text("spoken_words"));
    if (task->scenes)
        add_scenes(w, number, task->named[PLAN_SCENES]);
    json_close(w, ']');
}

static void add_upload(struct json_writer *w, const struct plan_task *task, unsigned number)
{
    struct buffer url = BUFFER(256);

    buffer_add_format(&url, "https://example.com/%s/%06u.mp4", fates[task->fate].word, number);
    json_key_slice(w, "url", buffer_slice(&url));
    buffer_clear(&url);
    if (task->named[PLAN_OWN])
        add_number(w, "name", "A name of my own ", number);
    add_indexes(w, task, number);
}

static void add_index_task(struct json_writer *w, const struct plan_task *task, unsigned number,
                           const char *video_id)
{
    json_key_string(w, "type", "index");
    json_key_string(w, "video_id", video_id);
    json_add_key(w, "index");
    if (task->scenes)
        add_scenes(w, number, task->named[PLAN_OWN]);
    else
        json_add_string(w, slice_text("spoken_words"));
}

static void add_task(struct json_writer *w, const struct plan *plan, unsigned number,
                     const char *video_id)
{
    const struct plan_task *task = &plan->tasks[number];

    json_open(w, '{');
    add_number(w, "id", task_prefix, number);
    if (task->kind == PLAN_INDEX)
        add_index_task(w, task, number, video_id);
    else
        add_upload(w, task, number);
    if (task->kind == PLAN_MISTAKE)
        json_key_bool(w, "colour", true);
    if (task->batch != PLAN_NO_BATCH && !plan->batches[task->batch].one_item) {
        add_number(w, "batch", batch_prefix, (unsigned)task->batch);
        json_key_int(w, "batch_size", plan->batches[task->batch].count);
    }
    json_key_int(w, "meta", number);
    json_close(w, '}');
}

void plan_add_item(struct buffer *out, const struct plan *plan, unsigned task, const char *video_id)
{
    struct json_writer w = json_writer(out);

    if (plan->tasks[task].kind == PLAN_BROKEN)
        buffer_add_format(out, "{\"id\":\"%s%06u\"", task_prefix, task);
    else
        add_task(&w, plan, task, video_id);
}

void plan_add_batch_item(struct buffer *out, const struct plan *plan, unsigned batch)
{
    const struct plan_batch *members = &plan->batches[batch];
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    json_key_string(&w, "type", "batch");
    add_number(&w, "id", batch_prefix, batch);
    json_add_key(&w, "tasks");
    json_open(&w, '[');
    for (unsigned i = 0; i < members->count; i++)
        add_task(&w, plan, members->first + i, NULL);
    json_close(&w, ']');
    json_close(&w, '}');
}

/* --- ids -------------------------------------------------------------------------------------- */

static bool find_number(struct slice id, const char *prefix, unsigned *number)
{
    uint64_t value = 0;

    if (!slice_starts_with(id, prefix) || !slice_to_u64(slice_skip(id, strlen(prefix)), &value))
        return false;
    *number = (unsigned)value;
    return value < PLAN_MAX_TASKS;
}

bool plan_find_task(struct slice id, unsigned *task, unsigned *slot)
{
    size_t slash = slice_find(id, '/');
    struct slice label = slice_skip(id, slash + 1);

    *slot = PLAN_OWN;
    if (slash < id.length && slice_is(label, "spoken_words"))
        *slot = PLAN_SPOKEN;
    else if (slash < id.length && slice_is(label, "scenes"))
        *slot = PLAN_SCENES;
    else if (slash < id.length)
        return false;
    return find_number(slice_head(id, slash), task_prefix, task);
}

bool plan_find_batch(struct slice id, unsigned *batch)
{
    return find_number(id, batch_prefix, batch);
}
