/* An upload's first index starts in the worker that records the video, without the queue. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CHILD        "t0/spoken_words"

enum { LOOK_AGAIN_MS = 2 };

static struct pipeline pipeline;

static void submit(unsigned number)
{
    pipeline_submit(&pipeline, "{\"id\":\"t%u\",\"url\":\"https://e.com/%u.mp4\"}", number, number);
}

static void expect_ready_once(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char *id = xasprintf("t%u", i);
        (void)pipeline_await(&pipeline, "ready", id);
        free(id);
    }
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"upload\"", NULL), count);
    cr_expect_eq(pipeline_paid(&pipeline, "\"op\":\"index_spoken\"", NULL), count);
}

/* How often anything was put at the front of a list: a queued child is. */
static unsigned queued(void)
{
    redisReply *stats = redis_server_command(pipeline.redis, "INFO commandstats");
    const char *at = strstr(stats->str, "cmdstat_rpush:calls=");
    unsigned long calls = at != NULL ? strtoul(strchr(at, '=') + 1, NULL, 10) : 0;

    freeReplyObject(stats);
    return (unsigned)calls;
}

static void expect_field(const char *id, const char *field, const char *wanted)
{
    char *got = pipeline_record(&pipeline, id, field);

    cr_expect_str_eq(got, wanted, "%s of %s: %s", field, id, got);
    free(got);
}

/* By callback, and by question. */
Test(first_index, needs_no_queue)
{
    for (unsigned poll = 0; poll < 2; poll++) {
        pipeline_start(&pipeline, &(struct pipeline_options){.poll = poll != 0});
        for (unsigned i = 0; i < 3; i++)
            submit(i);
        expect_ready_once(3);
        cr_expect_eq(queued(), 0, "%u were queued", queued());
        expect_field(CHILD, "calls", "1");
        expect_field(CHILD, "attempt", "1");
        pipeline_stop(&pipeline);
    }
}

/* One call at a time takes so long. */
Test(first_index, keeps_to_the_slots)
{
    enum { VIDEOS = 4, CALL_MS = 100 };

    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST("REELQ_CONCURRENCY=1")});
    pipeline_faults(&pipeline, "upload:latency(100)=1 index:latency(100)=1");
    int64_t begin = clock_monotonic_ms();
    for (unsigned i = 0; i < VIDEOS; i++)
        submit(i);
    expect_ready_once(VIDEOS);
    int64_t took = clock_monotonic_ms() - begin;
    cr_expect_geq(took, (int64_t)2 * VIDEOS * CALL_MS, "only %lld ms", (long long)took);
    cr_expect_lt(queued(), VIDEOS, "while tasks wait it waits for its slot in the worker");
    pipeline_faults(&pipeline, "");
    pipeline_stop(&pipeline);
}

Test(first_index, waits_out_a_pause)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.sandbox = LIST("--upload-time", "300")});
    submit(0);
    (void)pipeline_await(&pipeline, "accepted", "t0");
    freeReplyObject(redis_server_command(
        pipeline.redis, "EVAL %s 1 reelq:pause",
        "return redis.call('SET', KEYS[1], redis.call('TIME')[1] * 1000 + 2000, 'PX', 2000)"));
    (void)pipeline_await(&pipeline, "uploaded", "t0");
    expect_field(CHILD, "state", "queued");
    cr_expect_eq(pipeline_asked(&pipeline, "\"index_type\"", NULL), 0);
    expect_ready_once(1);
    pipeline_stop(&pipeline);
}

static void await_running(void)
{
    long long running = 0;

    for (int64_t end = clock_monotonic_ms() + PIPELINE_WAIT_MS;
         running == 0 && clock_monotonic_ms() < end; (void)poll(NULL, 0, LOOK_AGAIN_MS))
        running = redis_server_integer(pipeline.redis, "EXISTS reelq:task:" CHILD);
    expect_field(CHILD, "state", "running");
}

static void expect_drained(void)
{
    cr_expect_eq(process_wait(pipeline.workers[0]), 0);
    cr_expect_eq(redis_server_integer(pipeline.redis, "ZCARD reelq:running"), 0);
    cr_expect_eq(witness_events(pipeline.witness, "unknown", NULL), 0);
    cr_expect_eq(pipeline_asked(&pipeline, "\"index_type\"", NULL), 0);
}

/* Redis is far away: the child runs there, and the worker has not heard of it when it is to end. */
Test(first_index, is_handed_back_when_the_worker_stops_meanwhile)
{
    pipeline_start(&pipeline, &(struct pipeline_options){.idle = true});
    struct process *delay = process_start(&(struct process_options){
        REELQ_BIN_DIR "/reelq-delay", LIST(redis_server_path(pipeline.redis), "150"), LIST("A=b")});
    char *url = xasprintf("redis://%s", process_address(delay, "delay"));
    pipeline.options.redis_url = url;
    struct process *worker = pipeline_worker(&pipeline);
    submit(0);
    await_running();
    process_signal(worker, SIGTERM);
    (void)pipeline_await(&pipeline, "handed_back", CHILD);
    expect_drained();
    pipeline.options.redis_url = NULL;
    (void)pipeline_worker(&pipeline);
    expect_ready_once(1);
    expect_field(CHILD, "attempt", "1");
    expect_field(CHILD, "calls", "2");
    pipeline_stop(&pipeline);
    process_free(delay);
    free(url);
}

/* The only slot is taken by a call that is slow, and comes to this end. */
static const struct {
    const char *fault, *worker;
    bool stops;
} ends[] = {
    {"upload:latency(1500)=x1", "REELQ_BREAKER=5", true},
    {"upload:latency(1500)=x1 upload:429(1)=x1", "REELQ_BREAKER=5", false},
    {"upload:latency(1500)=x1 upload:500=x1", "REELQ_BREAKER=1", false},
};

Test(first_index, that_waits_for_a_slot_is_handed_back)
{
    for (size_t i = 0; i < COUNT(ends); i++) {
        pipeline_start(&pipeline, &(struct pipeline_options){
                                      .worker = LIST("REELQ_CONCURRENCY=1", ends[i].worker),
                                      .sandbox = LIST("--upload-time", "500")});
        submit(0);
        (void)pipeline_await(&pipeline, "accepted", "t0");
        pipeline_faults(&pipeline, ends[i].fault);
        submit(1);
        pipeline_await_asked(&pipeline, "/upload", "\"POST\"", 2);
        submit(2);
        await_running();
        if (ends[i].stops)
            process_signal(pipeline.workers[0], SIGTERM);
        (void)pipeline_await(&pipeline, "handed_back", CHILD);
        if (ends[i].stops) {
            expect_drained();
            (void)pipeline_worker(&pipeline);
        }
        expect_ready_once(3);
        cr_expect_eq(witness_events(pipeline.witness, "handed_back", NULL), 1, "%s", ends[i].fault);
        expect_field(CHILD, "attempt", "1");
        pipeline_faults(&pipeline, "");
        pipeline_stop(&pipeline);
    }
}
