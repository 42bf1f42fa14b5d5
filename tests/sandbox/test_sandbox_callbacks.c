/* Indexes, and what reaches the callback URLs, well and badly. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "harness.h"
#include "receiver.h"

#define WAIT_MS 10000
#define FAST    "--upload-time", "0", "--index-time", "0"

static void upload(struct harness *h, struct receiver *r, const char *file, const char *tag)
{
    char *body = xasprintf("{\"url\":\"https://x/%s\",\"callback_url\":\"%s/w?id=%s\"}", file,
                           receiver_base(r), tag);
    harness_call(h, "POST /collection/default/upload", body);
    cr_expect(h->response.status == 200 &&
                  strstr(harness_body(h), "\"request_type\":\"async\"") != NULL,
              "%s", harness_body(h));
    free(body);
}

/* Uploads one video and gives its id, from the callback; to be freed. */
static char *upload_video(struct harness *h, struct receiver *r, const char *file)
{
    size_t count = receiver_count(r);
    upload(h, r, file, "video");
    cr_assert(receiver_wait(r, count + 1, WAIT_MS));
    const char *id = strstr(receiver_get(r, count).body, "\"id\":\"");
    cr_assert_not_null(id);
    id += strlen("\"id\":\"");
    return slice_copy(slice_make(id, strcspn(id, "\"")));
}

struct index_step {
    const char *request; /* what stands before and after the video's id */
    const char *after;
    const char *body; /* %s is the receiver; NULL: a GET */
    long status;
    const char *part;
    const char *callback; /* what the callback contains, or NULL: there is none */
};

static void take_index_step(struct harness *h, struct receiver *r, const char *id,
                            const struct index_step *step)
{
    size_t count = receiver_count(r);
    char *request = xasprintf("%s%s%s", step->request, id, step->after);
    char *body = NULL;
    const char *mark = step->body == NULL ? NULL : strstr(step->body, "URL");
    if (mark != NULL) {
        body = xasprintf("%.*s%s/i%s", (int)(mark - step->body), step->body, receiver_base(r),
                         mark + 3);
    } else if (step->body != NULL) {
        body = xstrdup(step->body);
    }
    harness_call(h, request, body);
    cr_expect(h->response.status == step->status && strstr(harness_body(h), step->part) != NULL,
              "%s %s: %ld %s", request, body == NULL ? "" : body, h->response.status,
              harness_body(h));
    if (step->callback != NULL) {
        cr_expect(receiver_wait(r, count + 1, WAIT_MS), "%s: no callback", request);
        cr_expect(strstr(receiver_get(r, count).body, step->callback) != NULL, "%s: %s", request,
                  receiver_get(r, count).body);
    }
    free(request);
    free(body);
}

static void take_index_steps(const char *file, const struct index_step *steps, size_t count)
{
    struct harness h;
    struct receiver *r = receiver_new(0);
    harness_start(&h, (const char *const[]){FAST, NULL});
    char *id = upload_video(&h, r, file);
    for (size_t i = 0; i < count; i++) {
        take_index_step(&h, r, id, &steps[i]);
    }
    free(id);
    cr_expect_eq(harness_stop(&h), 0);
    receiver_free(r);
}

#define STATUS    "/index?index_type=spoken_word"
#define ALREADY   "{\"success\":false,\"message\":\"Spoken word index for video already exists\"}"
#define NO_SPEECH "Failed to detect the language, no spoken data found."

Test(callbacks, of_indexes)
{
    static const struct index_step GOOD[] = {
        {"GET /video/", STATUS, NULL, 404, "Spoken word index not found", NULL},
        {"POST /video/", "/index", "{\"index_type\":\"scene\"}", 400, "Invalid index_type", NULL},
        {"POST /video/", "/index", "{\"callback_url\":\"URL\"}", 200, "\"async\"",
         "{\"success\":true,\"data\":{\"id\":\"m-"},
        {"GET /video/", STATUS, NULL, 200, "{\"success\":true,\"status\":\"done\"}", NULL},
        {"POST /video/", "/index", "{\"callback_url\":\"URL\"}", 400, ALREADY, NULL},
        {"POST /video/", "/index", "{\"force\":true,\"callback_url\":\"URL\"}", 200, "\"async\"",
         "\"success\":true"},
        {"POST /video/", "/search", "{\"query\":\"q\"}", 200, "\"docs\":[", NULL},
        {"POST /collection/default/search?", "", "{\"query\":\"q\"}", 200, "\"docs\":[", NULL},
        {"POST /video/", "/index/scene", "{\"extraction_config\":{\"time\":1.5}}", 400,
         "'time' in the extraction_config must be a positive integer", NULL},
        {"POST /video/", "/index/scene", "{\"name\":\"s\",\"callback_url\":\"URL\"}", 200,
         "\"async\"", "\"scene_index_id\":\""},
        {"POST /video/", "/index/scene", "{\"name\":\"s\",\"callback_url\":\"URL\"}", 200,
         "\"async\"", "\"scene_index_id\":\""},
        {"GET /video/", "/index/scene", NULL, 200, "\"status\":\"done\",\"metadata\":{}},{", NULL},
        {"GET /video/", "/index/scene/none", NULL, 404, "Scene index not found", NULL},
        {"DELETE /video/", "/index/scene/none", NULL, 404, "Scene index not found", NULL},
        {"POST /video/", "/transcription", "{\"callback_url\":\"URL\"}", 200, "\"async\"",
         "\"word_timestamps\":["},
        {"GET /video/", "/transcription", NULL, 200, "\"word_timestamps\":[", NULL},
    };
    static const struct index_step SILENT[] = {
        {"POST /video/", "/index", "{\"callback_url\":\"URL\"}", 200, "\"async\"",
         "{\"success\":false,\"message\":\"" NO_SPEECH "\"}"},
        {"GET /video/", STATUS, NULL, 200, "\"status\":\"failed\"", NULL},
        {"POST /video/", "/index", "{\"callback_url\":\"URL\"}", 200, "\"async\"", NO_SPEECH},
    };
    static const struct index_step STUCK[] = {
        {"POST /video/", "/index", "{}", 200, "\"request_type\":\"sync\"", NULL},
        {"GET /video/", STATUS, NULL, 200, "\"status\":\"processing\"", NULL},
        {"POST /video/", "/index", "{}", 400, ALREADY, NULL},
        {"POST /video/", "/index/scene", "{}", 200, "\"request_type\":\"sync\"", NULL},
        {"GET /video/", "/index/scene", NULL, 200, "\"status\":\"processing\"", NULL},
    };
    take_index_steps("a.mp4", GOOD, sizeof(GOOD) / sizeof(GOOD[0]));
    take_index_steps("silent.mp4", SILENT, sizeof(SILENT) / sizeof(SILENT[0]));
    take_index_steps("stuck-index.mp4", STUCK, sizeof(STUCK) / sizeof(STUCK[0]));
}

Test(callbacks, repeated_until_taken)
{
    struct harness h;
    struct receiver *r = receiver_new(2);
    harness_start(&h, (const char *const[]){FAST, NULL});
    upload(&h, r, "a.mp4", "1");
    cr_assert(receiver_wait(r, 3, WAIT_MS));
    struct received first = receiver_get(r, 0);
    struct received second = receiver_get(r, 1);
    struct received third = receiver_get(r, 2);
    cr_expect_str_eq(first.body, third.body);
    cr_expect_str_eq(first.target, "/w?id=1");
    cr_expect(second.at_ms - first.at_ms >= 190, "pause of 200 ms");
    cr_expect(third.at_ms - second.at_ms >= 390, "pause of 400 ms");
    cr_expect_eq(first.peer_port, third.peer_port, "the connection is kept");
    cr_expect(harness_await(&h, "GET /_sandbox/state", "\"delivered\":1"));
    upload(&h, r, "missing.mp4", "2");
    cr_assert(receiver_wait(r, 4, WAIT_MS));
    cr_expect_str_eq(receiver_get(r, 3).body,
                     "{\"success\":false,\"message\":\"Download failed.\"}");
    cr_expect_eq(receiver_get(r, 3).peer_port, first.peer_port);
    cr_expect_eq(harness_stop(&h), 0);
    receiver_free(r);
}

Test(callbacks, given_up)
{
    struct harness h;
    harness_start(&h, (const char *const[]){FAST, NULL});
    struct receiver *gone = receiver_new(0);
    upload(&h, gone, "a.mp4", "warm-up");
    cr_assert(harness_await(&h, "GET /_sandbox/state", "\"delivered\":1"));
    char *body =
        xasprintf("{\"url\":\"https://x/a.mp4\",\"callback_url\":\"%s/w\"}", receiver_base(gone));
    receiver_free(gone);
    harness_call(&h, "POST /collection/default/upload", body);
    free(body);
    cr_expect(harness_await(&h, "GET /_sandbox/state", "\"given_up\":1"));
    cr_expect(strstr(harness_body(&h), "\"sent\":5,\"delivered\":1,\"retried\":3") != NULL, "%s",
              harness_body(&h));
    cr_expect(harness_await(&h, "GET /_sandbox/callbacks", "\"fate\":\"delivered\""));
    cr_expect(strstr(harness_body(&h), "\"fate\":\"given-up\"") != NULL);
    cr_expect_eq(harness_stop(&h), 0);
}

/* What the log of callbacks says; a signature stays out of it. */
static void expect_fate(const char *fault, const char *fate)
{
    struct harness h;
    struct receiver *r = receiver_new(0);
    char *expected = xasprintf("\"fate\":\"%s\"", fate);
    harness_start(&h, (const char *const[]){FAST, "--fault", fault, NULL});
    char *body = xasprintf("{\"url\":\"https://x/a.mp4\",\"callback_url\":\"%s/w?id=1&sig=abc\"}",
                           receiver_base(r));
    harness_call(&h, "POST /collection/default/upload", body);
    free(body);
    cr_expect(harness_await(&h, "GET /_sandbox/callbacks", expected), "%s", fault);
    cr_expect(strstr(harness_body(&h), "\"callback_url\":\"/w?id=1&sig=\"") != NULL, "%s",
              harness_body(&h));
    cr_expect_eq(harness_stop(&h), 0);
    receiver_free(r);
    free(expected);
}

Test(callbacks, fates)
{
    expect_fate("callback:doubled=1", "delivered");
    expect_fate("callback:lost=1", "lost");
    expect_fate("callback:broken-json=1", "unreadable");
    expect_fate("callback:empty=1", "unreadable");
}

static void start_with_fault(struct harness *h, const char *fault)
{
    harness_start(h, (const char *const[]){FAST, "--fault", fault, NULL});
}

Test(callbacks, faults_of_content)
{
    static const struct {
        const char *fault;
        size_t count; /* callbacks before the one without a fault */
        size_t least; /* bytes of the first body */
        size_t most;
        int64_t pause_ms; /* at least, from the call to the first */
    } CASES[] = {
        {"callback:lost=x1", 0, 0, 0, 0},
        {"callback:doubled=x1", 2, 200, 1000, 0},
        {"callback:empty=x1", 1, 0, 0, 0},
        {"callback:broken-json=x1", 1, 100, 300, 0},
        {"callback:late(150)=x1", 1, 200, 1000, 140},
        {"callback:slow(150)=x1", 1, 200, 1000, 140},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct harness h;
        struct receiver *r = receiver_new(0);
        start_with_fault(&h, CASES[i].fault);
        upload(&h, r, "a.mp4", "bad");
        cr_expect(receiver_wait(r, CASES[i].count, WAIT_MS), "%s", CASES[i].fault);
        struct received first = receiver_get(r, 0);
        size_t length = strlen(first.body);
        cr_expect(length >= CASES[i].least && length <= CASES[i].most, "%s: %zu bytes",
                  CASES[i].fault, length);
        upload(&h, r, "a.mp4", "good");
        cr_expect(receiver_wait(r, CASES[i].count + 1, WAIT_MS), "%s", CASES[i].fault);
        struct received last = receiver_get(r, CASES[i].count);
        cr_expect_str_eq(last.target, "/w?id=good", "%s", CASES[i].fault);
        cr_expect(strncmp(last.body, "{\"success\":true", 15) == 0, "%s", CASES[i].fault);
        cr_expect_eq(harness_stop(&h), 0);
        receiver_free(r);
    }
}

Test(callbacks, faults_of_order)
{
    struct harness h;
    struct receiver *r = receiver_new(0);
    start_with_fault(&h, "callback:out-of-order=x1");
    upload(&h, r, "a.mp4", "1");
    upload(&h, r, "b.mp4", "2");
    cr_assert(receiver_wait(r, 2, 4000), "well before its time is over");
    cr_expect_str_eq(receiver_get(r, 0).target, "/w?id=2");
    cr_expect_str_eq(receiver_get(r, 1).target, "/w?id=1");
    cr_expect_eq(harness_stop(&h), 0);
    receiver_free(r);

    r = receiver_new(0);
    start_with_fault(&h, "callback:out-of-order(50)=1");
    upload(&h, r, "a.mp4", "1");
    cr_expect(receiver_wait(r, 1, WAIT_MS), "it goes when its time is over");
    harness_call(&h, "POST /_sandbox/faults", "{\"faults\":[\"callback:early=x1\"]}");
    upload(&h, r, "a.mp4", "early");
    cr_expect_eq(receiver_count(r), 2, "it was there before the reply");
    cr_expect_eq(harness_stop(&h), 0);
    receiver_free(r);
}

Test(callbacks, stopped_while_busy)
{
    static const char *const FAULTS[] = {"callback:late(60000)=1", "callback:out-of-order(60000)=1",
                                         "callback:slow(60000)=1", "upload:hang-after=1",
                                         "upload:latency(60000)=1"};
    for (size_t i = 0; i < sizeof(FAULTS) / sizeof(FAULTS[0]); i++) {
        struct harness h;
        struct receiver *r = receiver_new(1000);
        start_with_fault(&h, FAULTS[i]);
        h.timeout_ms = 200;
        char *body =
            xasprintf("{\"url\":\"https://x/a.mp4\",\"callback_url\":\"%s/w\"}", receiver_base(r));
        for (int n = 0; n < 2; n++) {
            harness_call(&h, "POST /collection/default/upload", body);
        }
        free(body);
        cr_expect(harness_stop(&h) == 0, "%s", FAULTS[i]);
        receiver_free(r);
    }
}

Test(callbacks, many_at_once)
{
    enum { COUNT = 500 };
    struct harness h;
    struct receiver *r = receiver_new(0);
    harness_start(&h, (const char *const[]){"--upload-time", "20", NULL});
    for (int i = 0; i < COUNT; i++) {
        upload(&h, r, "a.mp4", "x");
    }
    cr_expect(receiver_wait(r, COUNT, WAIT_MS), "%zu came", receiver_count(r));
    harness_call(&h, "GET /video?count=1", NULL);
    cr_expect_eq(harness_stop(&h), 0);
    receiver_free(r);
}
