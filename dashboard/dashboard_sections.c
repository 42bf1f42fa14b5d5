#include "dashboard/dashboard_sections.h"

#include "base/fragment_text.h"
#include "base/json_write.h"
#include "base/utf8.h"

/* Later than this a worker counts as gone, and is shown an hour long. */
enum { GONE_MS = 60000, SHOWN_MS = 3600000, MEMBER_MAX = 64 * 1024 };

/* --- values ----------------------------------------------------------------------------------- */

static void add_text(struct json_writer *w, const char *key, struct slice text)
{
    json_key_slice(w, key, utf8_head(text, DASHBOARD_TEXT_MAX));
}

/* Null when it is not there. */
static void add_field(struct json_writer *w, const char *key, const struct answer *answer)
{
    if (answer->type == ANSWER_TEXT && answer->text.length > 0)
        add_text(w, key, answer->text);
    else
        json_key_string(w, key, NULL);
}

static void add_number(struct json_writer *w, const char *key, const struct answer *answer)
{
    if (answer->type == ANSWER_TEXT)
        json_key_int(w, key, answer_number(answer));
    else
        json_key_string(w, key, NULL);
}

/* A member of a fragment that the record holds. */
static void add_member(struct json_writer *w, const char *key, const struct answer *fragment)
{
    struct buffer text = BUFFER(MEMBER_MAX);

    if (fragment->type == ANSWER_TEXT)
        fragment_text_add(&text, fragment->text, key);
    if (text.length > 0)
        add_text(w, key, buffer_slice(&text));
    else
        json_key_string(w, key, NULL);
    buffer_clear(&text);
}

static struct json_writer begin_event(struct buffer *out, const char *event)
{
    buffer_add_format(out, "event: %s\ndata: ", event);
    return json_writer(out);
}

static void end_event(struct buffer *out)
{
    buffer_add_text(out, "\n\n");
}

/* --- workers ---------------------------------------------------------------------------------- */

static const struct answer *of(const struct dashboard_row *row, size_t field)
{
    return answer_at(row->record, field);
}

static int64_t unseen_ms(const struct dashboard_survey *survey, const struct dashboard_row *row)
{
    return survey->now_ms - answer_number(of(row, WORKER_SEEN));
}

static bool add_worker(struct json_writer *w, const struct dashboard_survey *survey, size_t i)
{
    const struct dashboard_row *row = &survey->workers[i];

    if (unseen_ms(survey, row) > SHOWN_MS)
        return false;
    json_open(w, '{');
    add_text(w, "name", row->name);
    add_field(w, "version", of(row, WORKER_VERSION));
    json_key_string(w, "state", unseen_ms(survey, row) > GONE_MS ? "gone" : "up");
    add_number(w, "running", of(row, WORKER_RUNS));
    add_number(w, "concurrency", of(row, WORKER_SLOTS));
    add_number(w, "memory", of(row, WORKER_MEMORY));
    add_number(w, "started_at", of(row, WORKER_STARTED));
    add_number(w, "seen_at", of(row, WORKER_SEEN));
    add_number(w, "ready", of(row, WORKER_READY));
    add_number(w, "failed", of(row, WORKER_FAILED));
    add_field(w, "api", of(row, WORKER_API));
    json_close(w, '}');
    return true;
}

/* --- the other rows --------------------------------------------------------------------------- */

/* The name of a batch outlives its record. */
static bool add_batch(struct json_writer *w, const struct dashboard_survey *survey, size_t i)
{
    const struct dashboard_row *row = &survey->batches[i];

    if (of(row, BATCH_MEMBERS)->type != ANSWER_TEXT && of(row, BATCH_TOTAL)->type != ANSWER_TEXT)
        return false;
    json_open(w, '{');
    add_text(w, "id", row->name);
    json_key_int(w, "total", answer_number(of(row, BATCH_MEMBERS)));
    add_number(w, "size", of(row, BATCH_TOTAL));
    json_key_int(w, "ready", answer_number(of(row, BATCH_READY)));
    json_key_int(w, "failed", answer_number(of(row, BATCH_FAILED)));
    json_key_int(w, "since", row->score);
    json_key_string(w, "updated_at", NULL);
    json_close(w, '}');
    return true;
}

/* Who has come to its end between the two round trips has a record that goes on, or none. */
static bool add_flight(struct json_writer *w, const struct dashboard_survey *survey, size_t i)
{
    const struct dashboard_row *row = &survey->flight[i];

    json_open(w, '{');
    add_text(w, "id", row->name);
    add_field(w, "kind", of(row, TASK_KIND));
    json_key_string(w, "state", row->state);
    add_member(w, "url", of(row, TASK_ABOUT));
    add_field(w, "video_id", of(row, TASK_VIDEO));
    add_number(w, "since", of(row, TASK_SUBMITTED));
    json_key_int(w, "due", row->score);
    add_number(w, "attempt", of(row, TASK_ATTEMPT));
    add_field(w, "batch", of(row, TASK_BATCH));
    json_close(w, '}');
    return true;
}

static bool add_dead(struct json_writer *w, const struct dashboard_survey *survey, size_t i)
{
    const struct dashboard_row *row = &survey->dead[i];

    json_open(w, '{');
    add_text(w, "id", row->name);
    json_key_int(w, "at", row->score);
    add_member(w, "stage", of(row, DEAD_FAILURE));
    add_member(w, "error", of(row, DEAD_FAILURE));
    add_member(w, "action", of(row, DEAD_FAILURE));
    add_number(w, "attempts", of(row, DEAD_ATTEMPT));
    add_field(w, "batch", of(row, DEAD_BATCH));
    json_close(w, '}');
    return true;
}

/* --- sections --------------------------------------------------------------------------------- */

static const struct {
    const char *event;
    size_t count; /* where in the survey the number of rows stands */
    bool (*add)(struct json_writer *w, const struct dashboard_survey *survey, size_t i);
} sections[SECTION_COUNT] = {
    [SECTION_WORKERS] = {"workers", offsetof(struct dashboard_survey, worker_count), add_worker},
    [SECTION_BATCHES] = {"batches", offsetof(struct dashboard_survey, batch_count), add_batch},
    [SECTION_IN_FLIGHT] = {"in_flight", offsetof(struct dashboard_survey, flight_count),
                           add_flight},
    [SECTION_FAILED] = {"failed", offsetof(struct dashboard_survey, dead_count), add_dead},
};

void dashboard_sections_add(struct buffer *out, enum dashboard_section section,
                            const struct dashboard_survey *survey)
{
    size_t count = *(const size_t *)(const void *)((const char *)survey + sections[section].count);
    size_t start = out->length;
    struct json_writer w = begin_event(out, sections[section].event);

    json_open(&w, '[');
    for (size_t i = 0; i < count && i < DASHBOARD_ROWS; i++)
        if (out->length - start < DASHBOARD_SECTION_MAX)
            (void)sections[section].add(&w, survey, i);
    json_close(&w, ']');
    end_event(out);
}

/* --- summary ---------------------------------------------------------------------------------- */

static void add_items(struct json_writer *w, const struct dashboard_survey *survey)
{
    json_add_key(w, "items");
    json_open(w, '{');
    for (int i = 0; i < OVERVIEW_PLACES; i++)
        json_key_int(w, overview_name((enum overview_place)i), survey->items[i]);
    json_close(w, '}');
}

static void add_oldest(struct json_writer *w, const struct dashboard_survey *survey)
{
    const struct dashboard_row *oldest = NULL;
    int64_t oldest_ms = INT64_MAX;

    for (size_t i = 0; i < survey->flight_count; i++) {
        int64_t since_ms = answer_number(of(&survey->flight[i], TASK_SUBMITTED));
        if (since_ms <= 0 || since_ms >= oldest_ms)
            continue;
        oldest = &survey->flight[i];
        oldest_ms = since_ms;
    }
    if (oldest == NULL) {
        json_key_string(w, "oldest", NULL);
        return;
    }
    json_add_key(w, "oldest");
    json_open(w, '{');
    add_text(w, "id", oldest->name);
    json_key_int(w, "since", oldest_ms);
    json_close(w, '}');
}

/* Over the workers that tell. */
static void add_total(struct json_writer *w, const struct dashboard_survey *survey, const char *key,
                      size_t field)
{
    bool known = false;
    int64_t total = 0;

    for (size_t i = 0; i < survey->worker_count; i++) {
        const struct dashboard_row *row = &survey->workers[i];
        if (of(row, field)->type != ANSWER_TEXT || unseen_ms(survey, row) > SHOWN_MS)
            continue;
        known = true;
        total += answer_number(of(row, field));
    }
    if (known)
        json_key_int(w, key, total);
    else
        json_key_string(w, key, NULL);
}

static struct slice api_trouble(const struct dashboard_survey *survey)
{
    for (size_t i = 0; i < survey->worker_count; i++) {
        const struct answer *api = of(&survey->workers[i], WORKER_API);
        if (api->type == ANSWER_TEXT && api->text.length > 0 &&
            unseen_ms(survey, &survey->workers[i]) <= GONE_MS)
            return api->text;
    }
    return slice_text("");
}

static void add_survey(struct json_writer *w, const struct dashboard_survey *survey)
{
    int64_t callback_ms = survey->callback_ms;

    json_key_int(w, "now", survey->now_ms);
    json_key_int(w, "paused_ms", survey->pause_ms);
    json_key_int(w, "interval_ms",
                 survey->interval_ms > 0 && survey->interval_ms < 1e9
                     ? (int64_t)(survey->interval_ms + 0.5)
                     : 0);
    add_text(w, "blocked", api_trouble(survey));
    add_items(w, survey);
    add_oldest(w, survey);
    json_key_int(w, "callback_age_ms",
                 callback_ms > 0 && callback_ms < survey->now_ms ? survey->now_ms - callback_ms
                                                                 : 0);
    add_total(w, survey, "ready", WORKER_READY);
    add_total(w, survey, "failed", WORKER_FAILED);
}

void dashboard_sections_add_summary(struct buffer *out, const struct dashboard_summary *summary)
{
    struct json_writer w = begin_event(out, "summary");

    json_open(&w, '{');
    json_key_string(&w, "version", REELQ_VERSION);
    json_key_bool(&w, "redis", summary->survey != NULL);
    json_key_bool(&w, "writable", summary->writable);
    if (summary->survey != NULL) {
        add_survey(&w, summary->survey);
        json_key_int(&w, "next_task_age_ms", summary->next_task_age_ms);
    } else {
        json_key_string(&w, "redis_error", summary->trouble);
    }
    json_close(&w, '}');
    end_event(out);
}
