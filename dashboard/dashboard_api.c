#include "dashboard/dashboard_api.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "dashboard/bundle.h"
#include "dashboard/dashboard_task.h"

/* A reading may be long: all of a task's events. */
enum { ANSWER_MAX = 64 * 1024, NUMBER_SIZE = 24, MAX_BODY = 1024, TASKS_READ_MAX = 4 };

/* A pause is at most ten years long. */
#define PAUSE_MAX_MS (INT64_C(3650) * 86400000)

static const char content_type[] = "application/json";

/* One request under way. */
struct call {
    struct dashboard_api *api;
    enum dashboard_call kind;
    struct http_request *request;
    struct redis *redis;
    char *id;   /* of the task; NULL: none was given, or none that can be one */
    int64_t ms; /* of the pause; 0: none was given, or none that can be one */
};

/* --- answers ---------------------------------------------------------------------------------- */

void dashboard_api_refuse(struct http_request *request, int status, const char *text)
{
    struct buffer body = BUFFER(ANSWER_MAX);
    struct json_writer w = json_writer(&body);

    json_open(&w, '{');
    json_key_string(&w, "error", text);
    json_close(&w, '}');
    http_reply(request, &(struct http_answer){.status = status,
                                              .content_type = content_type,
                                              .body = buffer_slice(&body)});
    buffer_clear(&body);
}

static void end(struct call *call)
{
    free(call->id);
    free(call);
}

static void refuse(struct call *call, int status, const char *text)
{
    dashboard_api_refuse(call->request, status, text);
    end(call);
}

static void answer(struct call *call, int status, struct slice json)
{
    http_reply(call->request,
               &(struct http_answer){.status = status, .content_type = content_type, .body = json});
    end(call);
}

static void answer_change(struct call *call, int status, const char *json)
{
    const struct dashboard_api *api = call->api;

    answer(call, status, slice_text(json));
    api->on_change(api->arg);
}

/* Redis answered with an error: a missing right, or it is full, or loads, or is a replica. */
static void refuse_denied(struct call *call, const char *error)
{
    struct buffer text = BUFFER(ANSWER_MAX);

    dashboard_link_add_denial(&text, error);
    refuse(call, slice_starts_with(slice_text(error), "NOPERM") ? 403 : 503, buffer_text(&text));
    buffer_clear(&text);
}

static void refuse_lost(struct call *call)
{
    refuse(call, 503, "Redis went away before it answered: look whether it was done");
}

/* --- one command ------------------------------------------------------------------------------ */

static void ask(struct call *call, bundle_fn fn, int count, const char *const words[])
{
    struct bundle *bundle = bundle_new(call->redis);

    bundle_add_words(bundle, count, words);
    bundle_await(bundle, fn, call);
}

/* Its answer, to be freed with the bundle; NULL: there is none, and the call is over. */
static const struct answer *take(struct bundle *bundle, struct call *call)
{
    if (bundle_error(bundle) != NULL)
        refuse_denied(call, bundle_error(bundle));
    else if (bundle_lost(bundle))
        refuse_lost(call);
    else
        return bundle_answer(bundle, 0);
    return NULL;
}

/* --- retry ------------------------------------------------------------------------------------ */

static void on_pushed(struct bundle *bundle, void *arg)
{
    if (take(bundle, arg) != NULL)
        answer_change(arg, 202, "{\"pushed\":1}");
    bundle_free(bundle);
}

/* What is not failed would be run by nobody. */
static void on_sought(struct bundle *bundle, void *arg)
{
    struct call *call = arg;
    const struct answer *score = take(bundle, call);

    if (score != NULL && score->type == ANSWER_TEXT)
        ask(call, on_pushed, 3, (const char *const[]){"LPUSH", call->api->keys->tasks, call->id});
    else if (score != NULL)
        refuse(call, 409, "this task is not among the failed ones");
    bundle_free(bundle);
}

static void begin_retry(struct call *call)
{
    if (call->id == NULL)
        refuse(call, 400, "expected {\"id\":\"…\"} with the id of a task");
    else
        ask(call, on_sought, 3, (const char *const[]){"ZSCORE", call->api->keys->dead, call->id});
}

/* --- pause ------------------------------------------------------------------------------------ */

static void on_set(struct bundle *bundle, void *arg)
{
    if (take(bundle, arg) != NULL)
        answer_change(arg, 200, "{}");
    bundle_free(bundle);
}

static void on_time(struct bundle *bundle, void *arg)
{
    struct call *call = arg;
    const struct answer *time = take(bundle, call);
    char ms[NUMBER_SIZE], until[NUMBER_SIZE];

    if (time != NULL) {
        long long now = answer_number(answer_at(time, 0)) * 1000;
        (void)snprintf(ms, sizeof(ms), "%lld", (long long)call->ms);
        (void)snprintf(until, sizeof(until), "%lld", now + (long long)call->ms);
        ask(call, on_set, 5, (const char *const[]){"SET", call->api->keys->pause, until, "PX", ms});
    }
    bundle_free(bundle);
}

static void begin_pause(struct call *call)
{
    if (call->ms <= 0 || call->ms > PAUSE_MAX_MS)
        refuse(call, 400, "expected {\"ms\":N} with a time of up to ten years");
    else
        ask(call, on_time, 1, (const char *const[]){"TIME"});
}

static void begin_resume(struct call *call)
{
    ask(call, on_set, 2, (const char *const[]){"UNLINK", call->api->keys->pause});
}

/* --- task ------------------------------------------------------------------------------------- */

static void on_task(const struct dashboard_task *task, void *arg)
{
    struct call *call = arg;

    call->api->tasks_read--;
    if (task->error != NULL)
        refuse_denied(arg, task->error);
    else if (task->lost)
        refuse_lost(arg);
    else if (task->json.length == 0)
        refuse(arg, 404,
               "there is no such task: it still waits in the queue, was never submitted, or its "
               "record has expired");
    else
        answer(arg, 200, task->json);
}

static void begin_task(struct call *call)
{
    struct dashboard_task_request request = {
        .redis = call->redis, .keys = call->api->keys, .id = call->id, .fn = on_task, .arg = call};

    if (call->id == NULL) {
        refuse(call, 400, "expected ?id= with the id of a task");
    } else if (call->api->tasks_read == TASKS_READ_MAX) {
        refuse(call, 503, "others are being read: try again");
    } else {
        call->api->tasks_read++;
        dashboard_task_read(&request);
    }
}

/* --- requests --------------------------------------------------------------------------------- */

static void (*const begins[CALL_COUNT])(struct call *call) = {
    [CALL_TASK] = begin_task,
    [CALL_RETRY] = begin_retry,
    [CALL_PAUSE] = begin_pause,
    [CALL_RESUME] = begin_resume,
};

static void on_link(struct redis *redis, void *arg)
{
    struct call *call = arg;

    call->redis = redis;
    if (redis != NULL)
        begins[call->kind](call);
    else
        refuse(call, 503, dashboard_link_trouble(call->api->link));
}

static void keep_id(struct call *call, struct slice id)
{
    if (keys_valid_task_id(id))
        call->id = slice_copy(id);
}

static void read_query(struct call *call, struct slice query)
{
    struct buffer id = BUFFER(KEYS_MAX_TASK_ID);

    while (query.length > 0) {
        size_t end_of_pair = slice_find(query, '&');
        struct slice pair = slice_head(query, end_of_pair);
        if (slice_starts_with(pair, "id=") && id.length == 0 &&
            url_add_decoded(&id, slice_skip(pair, 3)) && !id.failed)
            keep_id(call, buffer_slice(&id));
        query = slice_skip(query, end_of_pair + 1);
    }
    buffer_clear(&id);
}

static void read_body(struct call *call, struct slice body)
{
    static const struct json_limits limits = {MAX_BODY, 4};
    struct buffer id = BUFFER(KEYS_MAX_TASK_ID);
    struct json doc;

    if (!json_parse(&doc, body, &limits, NULL))
        return;
    if (json_string(&doc, json_get(&doc, JSON_ROOT, "id"), &id) && !id.failed)
        keep_id(call, buffer_slice(&id));
    (void)json_int(&doc, json_get(&doc, JSON_ROOT, "ms"), &call->ms);
    json_clear(&doc);
    buffer_clear(&id);
}

void dashboard_api_serve(struct dashboard_api *api, enum dashboard_call call,
                         struct http_request *request, const struct http_view *view)
{
    struct call *new = xcalloc(1, sizeof(*new));

    *new = (struct call){.api = api, .kind = call, .request = request};
    if (call == CALL_TASK)
        read_query(new, view->query);
    else
        read_body(new, view->body);
    dashboard_link_when_up(api->link, on_link, new);
}
