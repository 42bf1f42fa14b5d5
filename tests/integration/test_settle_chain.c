/* Whether an upload's first index starts in this worker: by its slots, its drain, its breaker. */
#include <stdlib.h>

#include "base/xalloc.h"
#include "support/steps.h"
#include "worker/feeder.h"
#include "worker/run.h"
#include "worker/settle.h"

enum { SLOTS = 4 };

static const struct {
    const char *what;
    unsigned runs, reserved, claiming;
    bool draining, failing, tasks_wait, unclaimed;
    bool starts;
} cases[] = {
    {.what = "idle", .starts = true},
    {.what = "the last slot", .runs = 1, .reserved = 1, .claiming = 1, .starts = true},
    {.what = "full of runs", .runs = SLOTS},
    {.what = "full of what is not yet a run", .reserved = SLOTS},
    {.what = "a claim may fill it", .claiming = SLOTS, .starts = true},
    {.what = "a claim may bring as many as may wait", .runs = SLOTS - 1, .claiming = SLOTS + 1},
    {.what = "full, like all others", .runs = SLOTS, .tasks_wait = true, .starts = true},
    {.what = "as many wait already", .runs = 2 * SLOTS, .tasks_wait = true},
    {.what = "draining", .draining = true},
    {.what = "the breaker is open", .failing = true},
    {.what = "not by a claim", .unclaimed = true},
};

static void on_slot(struct context *context)
{
    (void)context;
}

static void on_due(struct context *context, int64_t ms)
{
    (void)context;
    (void)ms;
}

static void on_settled(enum transition_result result, void *arg)
{
    bool *settled = arg;

    cr_expect_eq(result, TRANSITION_DONE);
    *settled = true;
}

static void open_context(struct context *context, const struct config *config,
                         const struct queue_fixture *f, size_t i)
{
    struct http_client_options client = {.loop = f->loop,
                                         .token = "t",
                                         .user_agent = "u",
                                         .timeout_ms = 1000,
                                         .max_body = 100,
                                         .max_connections = SLOTS};

    *context = (struct context){.config = config,
                                .loop = f->loop,
                                .redis = f->redis,
                                .queue = f->queue,
                                .client = http_client_new(&client),
                                .run_count = cases[i].runs,
                                .reserved = cases[i].reserved,
                                .claiming = cases[i].claiming,
                                .draining = cases[i].draining,
                                .on_slot = on_slot,
                                .on_due = on_due};
    TAILQ_INIT(&context->runs);
    breaker_init(&context->breaker, 1, 1000);
    if (cases[i].failing)
        breaker_failure(&context->breaker, BREAKER_CALL, 0);
}

/* What settle takes over: an upload that wants one index. */
static struct record *make_record(const struct record *started)
{
    struct record *record = record_new(started->id);
    struct task task = {.url = (char[]){"u"}, .collection_id = (char[]){"c"}, .index_count = 1};
    struct buffer request = BUFFER(4096);

    task.indexes = xcalloc(1, sizeof(*task.indexes));
    task_index_init(task.indexes, slice_text("scenes"));
    task_add_request(&request, &task);
    record_set(record, RECORD_token, record_text(started, RECORD_token));
    record_set(record, RECORD_kind, "upload");
    record_set(record, RECORD_max_attempts, "3");
    record_set(record, RECORD_request, buffer_text(&request));
    task_index_clear(task.indexes);
    free(task.indexes);
    buffer_clear(&request);
    return record;
}

/* What waits for its reply has no slot to give back: the numbers are as before. */
static void expect_slots(const struct context *context, size_t i)
{
    cr_expect_eq(context->reserved, cases[i].reserved, "%s", cases[i].what);
    cr_expect_eq(context->run_count, cases[i].runs + (cases[i].starts ? 1 : 0), "%s",
                 cases[i].what);
}

Test(settle_chain, the_first_index_starts_where_there_is_a_slot)
{
    const struct config config = {.concurrency = SLOTS,
                                  .api_base_url = (char[]){"http://127.0.0.1:1"},
                                  .public_url = (char[]){""}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct queue_fixture *f = queue_fixture_new();
        struct context context;
        bool settled = false;
        struct videodb_answer answer = {.media_id = (char[]){"m-7"}, .media = (char[]){"\"x\":1"}};
        struct record *record = make_record(steps_start(f, "a", "", 0));
        open_context(&context, &config, f, i);
        if (cases[i].tasks_wait)
            steps_push(f, "{}");
        struct settle *settle = settle_new(&context, record, on_settled, &settled);
        settle_claimed(settle, slice_text(cases[i].unclaimed ? "" : "77"), 0);
        settle_success(settle, &answer, SETTLE_KNOWN);
        cr_expect(wait_for_flag(f->loop, &settled, FIXTURE_WAIT_MS), "%s", cases[i].what);
        cr_expect_str_eq(queue_fixture_ask(f, "HGET q:task:a/scenes state"),
                         cases[i].starts ? "running" : "queued", "%s", cases[i].what);
        expect_slots(&context, i);
        http_client_free(context.client);
        queue_fixture_free(f);
    }
}

static unsigned room(struct context *context, int64_t *retry_ms)
{
    (void)context;
    (void)retry_ms;
    return SLOTS;
}

static bool is_claimed(void *arg)
{
    return !feeder_claiming(arg);
}

/* What comes by it must find its slots free. */
Test(settle_chain, a_claim_under_way_has_its_slots)
{
    for (enum queue_list list = QUEUE_TASKS; list <= QUEUE_CALLBACKS; list++) {
        struct queue_fixture *f = queue_fixture_new();
        struct context context = {.loop = f->loop, .redis = f->redis, .queue = f->queue};
        struct feeder_options options = {
            .list = list, .name = "test", .url = &f->url, .room = room};
        struct feeder *feeder = feeder_new(&context, &options);
        feeder_kick(feeder);
        cr_expect_eq(context.claiming, list == QUEUE_TASKS ? SLOTS : 0);
        cr_expect(wait_until(f->loop, is_claimed, feeder, FIXTURE_WAIT_MS));
        cr_expect_eq(context.claiming, 0);
        feeder_free(feeder);
        queue_fixture_free(f);
    }
}
