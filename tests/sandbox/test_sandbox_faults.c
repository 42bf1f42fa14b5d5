/* Every kind of misbehaviour of a request, as a client sees it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "harness.h"

#define UPLOAD "POST /collection/default/upload"
#define BODY   "{\"url\":\"https://x/a.mp4\"}"

static void set_faults(struct harness *h, const char *body, long status)
{
    const struct response *response = harness_call(h, "POST /_sandbox/faults", body);
    cr_assert(response->status == status, "%s: %s", body, harness_body(h));
}

static size_t accepted(struct harness *h)
{
    size_t lines = 0;
    harness_call(h, "GET /_sandbox/journal", NULL);
    for (const char *at = harness_body(h); *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    harness_call(h, "DELETE /_sandbox/journal", NULL);
    return lines;
}

Test(faults, of_requests)
{
    static const struct {
        const char *kind;
        CURLcode code;
        long status;
        long retry_after_s;
        size_t accepted;
        const char *part;   /* in the body */
        const char *absent; /* not in the body, or NULL */
    } CASES[] = {
        {"500", CURLE_OK, 500, 0, 0, "{\"message\":", NULL},
        {"429", CURLE_OK, 429, 0, 0, "message", NULL},
        {"429(2)", CURLE_OK, 429, 2, 0, "message", NULL},
        {"503(1)", CURLE_OK, 503, 1, 0, "message", NULL},
        {"401", CURLE_OK, 401, 0, 0, "message", NULL},
        {"hang", CURLE_OPERATION_TIMEDOUT, 0, 0, 0, "", NULL},
        {"hang-after", CURLE_OPERATION_TIMEDOUT, 0, 0, 1, "", NULL},
        {"late-reply(60000)", CURLE_OPERATION_TIMEDOUT, 0, 0, 1, "", NULL},
        {"late-reply(50)", CURLE_OK, 200, 0, 1, "\"status\":\"processing\"", NULL},
        {"reset-before", CURLE_RECV_ERROR, 0, 0, 0, "", NULL},
        {"reset-after", CURLE_RECV_ERROR, 0, 0, 1, "", NULL},
        {"cut", CURLE_PARTIAL_FILE, 200, 0, 1, "{\"success\":true", "}}"},
        {"oversized", CURLE_OK, 200, 0, 1, "\"padding\":\"xxx", NULL},
        {"broken-json", CURLE_OK, 200, 0, 1, "{\"success\":true", "}}"},
        {"not-json", CURLE_OK, 200, 0, 1, "<html>", "{"},
        {"no-request-type", CURLE_OK, 200, 0, 1, "\"status\":\"processing\"", "request_type"},
        {"sync-done", CURLE_OK, 200, 0, 1, "{\"success\":true,\"data\":{\"id\":\"m-", "status"},
        {"no-data", CURLE_OK, 200, 0, 1, "\"status\":\"processing\"", "data"},
    };
    struct harness h;
    harness_start(&h, (const char *const[]){"--upload-time", "0", NULL});
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const char *kind = CASES[i].kind;
        char *faults = xasprintf("{\"faults\":[\"upload:%s=x1\"]}", kind);
        set_faults(&h, faults, 200);
        free(faults);
        h.timeout_ms = CASES[i].code == CURLE_OPERATION_TIMEDOUT ? 500 : 5000;
        const struct response *response = harness_call(&h, UPLOAD, BODY);
        cr_expect(response->code == CASES[i].code, "%s: curl says %d", kind, (int)response->code);
        cr_expect(response->status == CASES[i].status, "%s: status %ld", kind, response->status);
        cr_expect(response->retry_after_s == CASES[i].retry_after_s, "%s: Retry-After", kind);
        cr_expect(strstr(harness_body(&h), CASES[i].part) != NULL, "%s: %.200s", kind,
                  harness_body(&h));
        cr_expect(CASES[i].absent == NULL || strstr(harness_body(&h), CASES[i].absent) == NULL,
                  "%s: '%s' in %.200s", kind, CASES[i].absent, harness_body(&h));
        if (strcmp(kind, "oversized") == 0) {
            cr_expect_gt(response->body.length, 2u << 20);
        }
        h.timeout_ms = 5000;
        size_t count = accepted(&h);
        cr_expect(count == CASES[i].accepted, "%s: %zu accepted", kind, count);
        response = harness_call(&h, UPLOAD, BODY);
        cr_expect(response->status == 200, "x1 is over after one: %s", kind);
        (void)accepted(&h);
    }
    cr_expect_eq(harness_stop(&h), 0, "also with requests that still hang");
}

Test(faults, routes_and_latency)
{
    struct harness h;
    harness_start(&h,
                  (const char *const[]){"--fault", "list:500=1", "--fault=video:502=1", "--fault",
                                        "status:503=1", "--fault", "async:504=1", "--fault",
                                        "index:505=1", "--fault", "scene:506=1", NULL});
    static const struct {
        const char *request;
        long status;
    } CASES[] = {
        {"GET /video", 500},
        {"GET /audio", 500},
        {"GET /video/m-1", 502},
        {"DELETE /video/m-1", 502},
        {"GET /video/m-1/index?index_type=spoken_word", 503},
        {"GET /video/m-1/index/scene", 503},
        {"GET /video/m-1/index/scene/1", 503},
        {"GET /async-response/job-1", 504},
        {"POST /video/m-1/index", 505},
        {"POST /video/m-1/index/scene", 506},
        {"GET /collection/default", 200},
        {"GET /_sandbox/state", 200},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct response *response = harness_call(&h, CASES[i].request, NULL);
        cr_expect(response->status == CASES[i].status, "%s: %ld", CASES[i].request,
                  response->status);
    }
    set_faults(&h, "{\"faults\":[\"any:latency(60)=1\",\"list:latency(60)=1\"]}", 200);
    const struct response *slow = harness_call(&h, "GET /video", NULL);
    cr_expect(slow->status == 200 && slow->seconds >= 0.12, "%f s", slow->seconds);

    static const char *const BAD[] = {"{}", "{\"faults\":1}", "{\"faults\":[1]}",
                                      "{\"faults\":[\"any:hang=x1\",\"x\"]}", "["};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        set_faults(&h, BAD[i], 400);
    }
    harness_call(&h, "GET /_sandbox/faults", NULL);
    cr_expect_str_eq(harness_body(&h),
                     "{\"faults\":[\"any:latency(60)=1\",\"list:latency(60)=1\"]}",
                     "a mistake changes nothing");
    set_faults(&h, "{\"faults\":[]}", 200);
    cr_expect_eq(harness_stop(&h), 0);
}

/* Of thirty at once at least ten pass, and no more than the seconds that they took allow. */
Test(faults, a_limiter)
{
    struct harness h;
    unsigned passed = 0;
    double seconds = 0;
    harness_start(&h, (const char *const[]){"--fault", "upload:limit(10)=1", NULL});
    for (int i = 0; i < 30; i++) {
        const struct response *response = harness_call(&h, UPLOAD, BODY);
        seconds += response->seconds;
        passed += response->status == 200 ? 1 : 0;
        cr_expect(response->status == 200 ||
                  (response->status == 429 && response->retry_after_s == 1));
    }
    cr_expect(passed >= 10 && passed <= 10 * (2 + (unsigned)(seconds + 1)), "%u in %f s", passed,
              seconds);
    cr_expect_eq(harness_call(&h, "GET /video", NULL)->status, 200, "only that route");
    cr_expect_eq(harness_stop(&h), 0);
}

/* Small pages, and a server that knows none. */
Test(faults, pages)
{
    struct harness h;
    harness_start(&h, (const char *const[]){"--upload-time", "0", "--page-size", "2", NULL});
    for (int i = 1; i <= 3; i++) {
        char *body = xasprintf("{\"url\":\"https://x/%d.mp4\",\"name\":\"v%d\"}", i, i);
        cr_assert_eq(harness_call(&h, UPLOAD, body)->status, 200);
        free(body);
    }
    cr_assert(harness_await(&h, "GET /_sandbox/state", "\"videos\":3"));
    harness_call(&h, "GET /video?count=5000", NULL);
    cr_expect_null(strstr(harness_body(&h), "\"v1\""), "the third on a page of two");
    harness_call(&h, "GET /video?count=5000&page_index=1", NULL);
    cr_expect_not_null(strstr(harness_body(&h), "\"v1\""));
    cr_expect_null(strstr(harness_body(&h), "\"v2\""));
    set_faults(&h, "{\"faults\":[\"list:no-paging=1\"]}", 200);
    harness_call(&h, "GET /video?count=5000&page_index=1", NULL);
    cr_expect_null(strstr(harness_body(&h), "\"v1\""));
    cr_expect_not_null(strstr(harness_body(&h), "\"v2\""));
    cr_expect_eq(harness_stop(&h), 0);
}

/* A second scene index of one name is made, unless told otherwise; one that fails is listed. */
Test(faults, scene_indexes)
{
    static const char NAMED[] = "{\"name\":\"n\"}";
    struct harness h;
    harness_start(&h, (const char *const[]){"--upload-time", "0", "--index-time", "0", NULL});
    harness_call(&h, UPLOAD, BODY);
    cr_assert(harness_await(&h, "GET /video", "\"id\":\"m-"));
    char *video = harness_pick(&h, "GET /video", "\"id\":\"");
    char *start = xasprintf("POST /video/%s/index/scene", video);
    char *list = xasprintf("GET /video/%s/index/scene", video);
    set_faults(&h, "{\"faults\":[\"scene:fails=x1\"]}", 200);
    cr_expect_eq(harness_call(&h, start, NAMED)->status, 200);
    cr_expect(harness_await(&h, list, "\"status\":\"failed\""));
    cr_expect_eq(harness_call(&h, start, NAMED)->status, 200, "a second one is made");
    cr_expect(harness_await(&h, list, "\"status\":\"done\""));
    set_faults(&h, "{\"faults\":[\"scene:exists=1\"]}", 200);
    cr_expect_eq(harness_call(&h, start, NAMED)->status, 400);
    cr_expect_not_null(strstr(harness_body(&h), "Scene index with id "));
    cr_expect_eq(harness_call(&h, start, "{\"name\":\"other\"}")->status, 200);
    free(video);
    free(start);
    free(list);
    cr_expect_eq(harness_stop(&h), 0);
}

/* The statuses of 60 uploads, one letter each. */
static void sample(const char *seed, char *letters)
{
    struct harness h;
    harness_start(&h, (const char *const[]){"--fault", "upload:500=0.4", "--seed", seed, NULL});
    for (int i = 0; i < 60; i++) {
        letters[i] = harness_call(&h, UPLOAD, BODY)->status == 200 ? '.' : 'x';
    }
    cr_expect_eq(harness_stop(&h), 0, "with jobs under way");
}

Test(faults, same_seed_same_decisions)
{
    char one[61] = "";
    char again[61] = "";
    char other[61] = "";
    sample("7", one);
    sample("7", again);
    sample("8", other);
    cr_expect_str_eq(one, again);
    cr_expect_str_neq(one, other);
    cr_expect(strchr(one, '.') != NULL && strchr(one, 'x') != NULL, "%s", one);
}
