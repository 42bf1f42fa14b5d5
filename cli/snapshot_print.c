#include "cli/snapshot_print.h"

#include "cli/table.h"

const struct snapshot_row snapshot_rows[SNAPSHOT_ROWS] = {
    {"waiting", "pushed, not taken yet", OVERVIEW_TASKS, INK_PLAIN},
    {"taken", "by a worker, not begun yet", OVERVIEW_TAKEN, INK_PLAIN},
    {"running", "a call to VideoDB is under way", OVERVIEW_RUNNING, INK_PLAIN},
    {"awaiting", "VideoDB works on it", OVERVIEW_AWAITING, INK_PLAIN},
    {"delayed", "to be called again later", OVERVIEW_DELAYED, INK_YELLOW},
    {"questions", "VideoDB is to be asked", OVERVIEW_QUESTIONS, INK_PLAIN},
    {"callbacks", "stored, not taken yet", OVERVIEW_CALLBACKS, INK_PLAIN},
    {"dead", "failed: see reelq dead", OVERVIEW_DEAD, INK_RED},
};

static void add_counts(struct buffer *out, const struct screen *screen,
                       const struct snapshot *snapshot)
{
    static const char *const headers[] = {"tasks", ">number", "", NULL};
    struct table *table = table_new(headers);

    for (size_t i = 0; i < SNAPSHOT_ROWS; i++) {
        const struct snapshot_row *row = &snapshot_rows[i];
        int64_t count = snapshot->counts[row->count];
        table_add_text(table, row->title);
        table_add_number(table, count);
        table_paint(table, count > 0 ? row->ink : INK_PLAIN);
        table_add_text(table, row->meaning);
        table_paint(table, INK_DIM);
    }
    table_print(table, screen, out);
    table_free(table);
}

void snapshot_add_oldest(struct buffer *out, const struct snapshot *snapshot)
{
    if (snapshot->oldest_at_ms == 0)
        return;
    buffer_add_text(out, "\n  oldest: ");
    screen_add_safe(out, slice_text(snapshot->oldest));
    buffer_add_text(out, ", taken ");
    screen_add_age(out, snapshot->now_ms - snapshot->oldest_at_ms);
    buffer_add_text(out, " ago\n");
}

/* Longer than anybody's --for: it stands for a pause without an end. */
#define NO_END_MS (365 * INT64_C(86400000))

static void add_trouble(struct buffer *out, const struct screen *screen,
                        const struct snapshot *snapshot)
{
    size_t count;
    const struct snapshot_worker *worker = snapshot_trouble(snapshot, &count);

    if (worker == NULL)
        return;
    buffer_add_format(out, "\n  %s", screen_ink(screen, INK_RED));
    screen_add_safe(out, slice_text(worker->trouble));
    buffer_add_format(out, "%s: %zu worker%s no tasks but to try it\n", screen_off(screen), count,
                      count == 1 ? " takes" : "s take");
}

void snapshot_add_pause(struct buffer *out, const struct screen *screen,
                        const struct snapshot *snapshot)
{
    int64_t left = snapshot->paused_until_ms - snapshot->now_ms;

    add_trouble(out, screen, snapshot);
    if (snapshot->paused_until_ms != 0) {
        buffer_add_format(out, "\n  %spaused%s", screen_ink(screen, INK_YELLOW),
                          screen_off(screen));
        if (left < NO_END_MS) {
            buffer_add_text(out, " for ");
            screen_add_age(out, left + 999);
        }
        buffer_add_text(out, ": no worker takes tasks; reelq resume ends it\n");
    }
    if (snapshot->pace_ms > 0)
        buffer_add_format(out, "\n  pace: after a 429 one task in %.0f ms, over all workers\n",
                          snapshot->pace_ms);
}

static void add_worker(struct table *table, const struct snapshot_worker *worker, int64_t now_ms)
{
    table_add_text(table, worker->name);
    table_add_number(table, worker->runs);
    table_add_age(table, now_ms - worker->started_at_ms);
    table_add_age(table, now_ms - worker->seen_at_ms);
    table_add_text(table, worker->version);
    table_add_text(table, worker->gone ? "gone" : "up");
    table_paint(table, worker->gone ? INK_RED : INK_GREEN);
}

static void add_workers(struct buffer *out, const struct screen *screen,
                        const struct snapshot *snapshot)
{
    static const char *const headers[] = {"worker",  ">running", ">up for", ">seen ago",
                                          "version", "",         NULL};
    struct table *table = table_new(headers);

    buffer_add_text(out, "\n");
    if (snapshot->worker_count == 0)
        buffer_add_format(out, "  %sno worker%s has been seen within the hour\n",
                          screen_ink(screen, INK_RED), screen_off(screen));
    for (size_t i = 0; i < snapshot->worker_count; i++)
        add_worker(table, &snapshot->workers[i], snapshot->now_ms);
    table_print(table, screen, out);
    table_free(table);
}

void snapshot_add_text(struct buffer *out, const struct screen *screen,
                       const struct snapshot *snapshot)
{
    add_counts(out, screen, snapshot);
    snapshot_add_oldest(out, snapshot);
    snapshot_add_pause(out, screen, snapshot);
    add_workers(out, screen, snapshot);
}

static void add_oldest_json(struct json_writer *w, const struct snapshot *snapshot)
{
    json_add_key(w, "oldest");
    if (snapshot->oldest_at_ms == 0) {
        json_add_null(w);
        return;
    }
    json_open(w, '{');
    json_key_string(w, "id", snapshot->oldest);
    json_key_int(w, "age_ms", snapshot->now_ms - snapshot->oldest_at_ms);
    json_close(w, '}');
}

static void add_worker_json(struct json_writer *w, const struct snapshot_worker *worker)
{
    const struct {
        const char *name;
        int64_t value;
    } tellings[] = {{"concurrency", worker->concurrency},
                    {"ready", worker->ready},
                    {"failed", worker->failed},
                    {"memory", worker->memory}};

    json_open(w, '{');
    json_key_string(w, "name", worker->name);
    json_key_int(w, "running", worker->runs);
    json_key_int(w, "started_at", worker->started_at_ms);
    json_key_int(w, "seen_at", worker->seen_at_ms);
    json_key_string(w, "version", worker->version);
    json_key_bool(w, "gone", worker->gone);
    if (worker->trouble[0] != '\0')
        json_key_string(w, "api", worker->trouble);
    for (size_t i = 0; i < sizeof(tellings) / sizeof(tellings[0]); i++)
        if (tellings[i].value >= 0)
            json_key_int(w, tellings[i].name, tellings[i].value);
    json_close(w, '}');
}

void snapshot_add_members(struct json_writer *w, const struct snapshot *snapshot)
{
    json_key_int(w, "at", snapshot->now_ms);
    for (unsigned i = 0; i < OVERVIEW_PLACES; i++)
        json_key_int(w, overview_name(i), snapshot->counts[i]);
    json_key_int(w, "paused_until", snapshot->paused_until_ms);
    json_key_int(w, "pace_ms", (int64_t)(snapshot->pace_ms + 0.5));
    add_oldest_json(w, snapshot);
    json_add_key(w, "workers");
    json_open(w, '[');
    for (size_t i = 0; i < snapshot->worker_count; i++)
        add_worker_json(w, &snapshot->workers[i]);
    json_close(w, ']');
}

void snapshot_add_json(struct buffer *out, const struct snapshot *snapshot)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    snapshot_add_members(&w, snapshot);
    json_close(&w, '}');
    buffer_add_char(out, '\n');
}
