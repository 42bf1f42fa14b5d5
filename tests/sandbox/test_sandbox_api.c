/* What the sandbox answers when nothing misbehaves. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "harness.h"
#include "receiver.h"

#define FAST "--upload-time", "0", "--index-time", "0"

struct step {
    const char *request;
    const char *body;
    long status;
    const char *part; /* what the answer contains */
};

static void take_steps(struct harness *h, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct response *response = harness_call(h, steps[i].request, steps[i].body);
        cr_expect(response->status == steps[i].status, "%s %s: status %ld, %s", steps[i].request,
                  steps[i].body == NULL ? "" : steps[i].body, response->status, harness_body(h));
        cr_expect(strstr(harness_body(h), steps[i].part) != NULL, "%s: no '%s' in %s",
                  steps[i].request, steps[i].part, harness_body(h));
    }
}

#define TAKE_STEPS(h, steps) take_steps(h, steps, sizeof(steps) / sizeof((steps)[0]))

/* Uploads and waits for the end; the id of the medium, or the message; to be freed. */
static char *upload(struct harness *h, const char *body)
{
    harness_call(h, "POST /collection/default/upload", body);
    const char *at = strstr(harness_body(h), "/async-response/");
    cr_assert_not_null(at, "%s", harness_body(h));
    char *request = xasprintf("GET %.*s", (int)strcspn(at, "\""), at);
    cr_expect(harness_await(h, "GET /_sandbox/state", "\"jobs\":{\"processing\":0,"));
    char *found = harness_pick(h, request, "\"id\":\"");
    if (found[0] == '\0') {
        free(found);
        found = harness_pick(h, request, "\"message\":\"");
    }
    free(request);
    return found;
}

Test(api, routes_and_keys)
{
    struct harness h;
    harness_start(&h, (const char *const[]){FAST, "--key", "sk-good", NULL});
    static const struct step REFUSED[] = {
        {"GET /collection/default", NULL, 401, "{\"message\":\""},
        {"GET /_sandbox/state", NULL, 200, "\"videos\":0"},
        {"GET /nothing", NULL, 404, "Not found"},
        {"PUT /video", NULL, 405, "Method not allowed"},
    };
    h.token = NULL;
    TAKE_STEPS(&h, REFUSED);
    h.token = "sk-other";
    TAKE_STEPS(&h, REFUSED);
    h.token = "sk-broke";
    cr_expect_eq(harness_call(&h, "GET /video", NULL)->status, 402);
    h.token = "sk-good";
    static const struct step STEPS[] = {
        {"GET /collection/default", NULL, 200, "\"data\":{\"id\":\"c-"},
        {"GET /collection/default/", NULL, 200, "\"data\":{\"id\":\"c-"},
        {"GET //collection//default", NULL, 200, "\"data\":{\"id\":\"c-"},
        {"GET /collection", NULL, 200, "\"default_collection\":\"c-"},
        {"GET /collection/x", NULL, 404, "Collection not found"},
        {"GET /collection/c-new", NULL, 200, "\"id\":\"c-new\""},
        {"POST /collection", "{\"name\":\"Mine\"}", 200, "\"name\":\"Mine\""},
        {"GET /billing/usage", NULL, 200, "credit_balance"},
        {"GET /async-response/job-none", NULL, 404, "Response not found"},
        {"GET /video/m-none", NULL, 404, "Video not found"},
        {"DELETE /video/m-none", NULL, 404, "Video not found"},
        {"POST /collection/x/upload", "{}", 404, "Collection not found"},
        {"POST /collection/default/upload", "{", 400, "Invalid JSON"},
        {"POST /collection/default/upload", "[]", 400, "JSON object"},
        {"POST /collection/default/upload", "{}", 400, "url is required"},
        {"POST /collection/default/upload", "{\"url\":1}", 400, "'url' must be a string"},
        {"POST /collection/default/upload", "{\"url\":\"ftp://x\"}", 400, "Invalid url"},
        {"POST /collection/default/upload", "{\"url\":\"http://x\",\"media_type\":\"film\"}", 400,
         "Invalid media type"},
        {"GET /_sandbox/journal", NULL, 200, ""},
    };
    TAKE_STEPS(&h, STEPS);
    cr_expect_str_eq(harness_body(&h), "", "nothing was accepted");
    cr_expect_str_eq(h.response.type, "application/x-ndjson");
    cr_expect_eq(harness_stop(&h), 0);
}

Test(api, uploads)
{
    struct harness h;
    harness_start(&h, (const char *const[]){FAST, NULL});
    static const struct {
        const char *body;
        const char *result; /* how it begins */
    } CASES[] = {
        {"{\"url\":\"https://x/a.mp4\",\"name\":null,\"callback_url\":null}", "m-"},
        {"{\"url\":\"https://x/a.mp3\"}", "a-"},
        {"{\"url\":\"https://x/a.png\"}", "img-"},
        {"{\"url\":\"https://x/missing.mp4\"}", "Download failed."},
        {"{\"url\":\"https://x/corrupt.mp4\"}", "Something went wrong"},
        {"{\"url\":\"https://x/too-long.mp4\"}", "Video is over 3 hours"},
        {"{\"url\":\"https://x/a.mp4\",\"media_type\":\"audio\"}", "Invalid media type"},
        {"{\"url\":\"https://x/download-flaky-2.mp4\"}", "Download failed."},
        {"{\"url\":\"https://x/download-flaky-2.mp4\"}", "Download failed."},
        {"{\"url\":\"https://x/download-flaky-2.mp4\"}", "m-"},
        {"{\"url\":\"https://x/download-flaky-2.mp4\"}", "m-"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char *result = upload(&h, CASES[i].body);
        cr_expect(strncmp(result, CASES[i].result, strlen(CASES[i].result)) == 0, "%s: %s",
                  CASES[i].body, result);
        free(result);
    }
    static const struct step STEPS[] = {
        {"GET /video", NULL, 200, "\"name\":\"a.mp4\""},
        {"GET /audio?collection_id=default", NULL, 200, "\"name\":\"a.mp3\""},
        {"GET /image", NULL, 200, "\"name\":\"a.png\""},
        {"GET /video?collection_id=c-other", NULL, 200, "\"videos\":[]"},
        {"GET /video?count=1&page_index=1", NULL, 200, "\"name\":\"download-flaky-2.mp4\""},
        {"GET /video?count=1&page_index=2", NULL, 200, "\"name\":\"a.mp4\""},
        {"GET /video?count=1&page_index=3", NULL, 200, "\"videos\":[]"},
        {"GET /video?count=5001", NULL, 400, "at most 5000"},
        {"GET /_sandbox/state", NULL, 200, "\"videos\":3,\"audios\":1,\"images\":1"},
        {"GET /_sandbox/state", NULL, 200, "\"operations\":{\"upload\":11}"},
    };
    TAKE_STEPS(&h, STEPS);
    cr_expect_eq(harness_stop(&h), 0);
}

Test(api, videos)
{
    struct harness h;
    harness_start(&h, (const char *const[]){FAST, NULL});
    char *id = upload(&h, "{\"url\":\"https://x/clip.mp4\"}");
    const struct {
        const char *request; /* with one %s for the id */
        const char *body;
        long status;
        const char *part;
    } STEPS[] = {
        {"GET /video/%s?collection_id=default", NULL, 200, "\"extension\":\"mp4\",\"size\":\""},
        {"GET /video/%s/", NULL, 200, "\"stream_url\":\"https://"},
        {"GET /audio/%s", NULL, 404, "Audio not found"},
        {"PATCH /video/%s", "{\"name\":\"new\"}", 200, "\"name\":\"new\""},
        {"PATCH /video/%s", "{}", 400, "name is required"},
        {"POST /video/%s/transcription", "{\"force\":false}", 200, "\"status\":\"processing\""},
        {"POST /video/%s/search", "{\"query\":\"q\"}", 400, "No results found"},
        {"DELETE /video/%s/storage", NULL, 200, "\"success\":true"},
        {"GET /video/%s", NULL, 200, "\"stream_url\":null"},
        {"DELETE /video/%s?collection_id=default", NULL, 200, "\"success\":true"},
        {"GET /video/%s", NULL, 404, "Video not found"},
    };
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        char request[128];
        const char *mark = strstr(STEPS[i].request, "%s");
        (void)snprintf(request, sizeof(request), "%.*s%s%s", (int)(mark - STEPS[i].request),
                       STEPS[i].request, id, mark + 2);
        struct step step = {request, STEPS[i].body, STEPS[i].status, STEPS[i].part};
        take_steps(&h, &step, 1);
    }
    free(id);
    cr_expect_eq(harness_stop(&h), 0);
}

Test(api, files)
{
    struct harness h;
    harness_start(&h, (const char *const[]){FAST, NULL});
    char *url = harness_pick(&h, "GET /collection/default/upload_url?name=x", "upload_url\":\"");
    cr_assert(strncmp(url, h.base, strlen(h.base)) == 0, "%s", url);
    char *body = xasprintf("{\"url\":\"%s\"}", url);
    char *early = upload(&h, body);
    cr_expect_str_eq(early, "Download failed.", "before the file is there");

    char *request = xasprintf("POST %s", url + strlen(h.base));
    h.token = NULL;
    cr_expect_eq(harness_call(&h, request, "--b\r\nbroken\r\n--b--\r\n")->status, 400);
    cr_expect_eq(harness_call(&h, request,
                              "--b\r\nContent-Disposition: form-data; name=\"file\"; "
                              "filename=\"talk.mp3\"\r\n\r\nbytes\r\n--b--\r\n")
                     ->status,
                 200);
    h.token = "sk-test";
    char *id = upload(&h, body);
    cr_expect(strncmp(id, "a-", 2) == 0, "the file name tells the kind: %s", id);
    free(early);
    free(id);
    free(request);
    free(body);
    free(url);
    cr_expect_eq(harness_stop(&h), 0);
}

Test(api, options_change_answers)
{
    struct harness h;
    harness_start(&h,
                  (const char *const[]){FAST, "--business-errors", "200", "--async-data=off",
                                        "--document-form", "plain", "--list-delay", "1h", NULL});
    static const struct step STEPS[] = {
        {"GET /video/m-none", NULL, 200, "{\"success\":false,\"message\":\"Video not found\"}"},
        {"POST /collection/default/upload",
         "{\"url\":\"https://x/a.mp4\",\"callback_url\":\"https://127.0.0.1:1/\"}", 200,
         "{\"success\":true,\"status\":\"processing\",\"request_type\":\"async\"}"},
    };
    TAKE_STEPS(&h, STEPS);
    char *id = upload(&h, "{\"url\":\"https://x/a.mp4\"}");
    cr_expect(strstr(harness_body(&h), "\"response\"") == NULL, "%s", harness_body(&h));
    harness_call(&h, "GET /video", NULL);
    cr_expect(strstr(harness_body(&h), "\"videos\":[]") != NULL, "it is not listed yet");
    free(id);
    cr_expect_eq(harness_stop(&h), 0);

    harness_start(&h, (const char *const[]){FAST, "--document-form=nested", NULL});
    id = upload(&h, "{\"url\":\"https://x/a.mp4\"}");
    cr_expect(strncmp(harness_body(&h), "{\"response\":{\"success\":true,\"data\":{", 32) == 0,
              "%s", harness_body(&h));
    free(id);
    cr_expect_eq(harness_stop(&h), 0);
}

Test(api, journal_and_requests)
{
    struct harness h;
    harness_start(&h, (const char *const[]){FAST, NULL});
    harness_call(&h, "POST /collection/default/upload",
                 "{\"url\":\"https://x/a.mp4\",\"callback_url\":\"http://127.0.0.1:1/w?sig=ab\"}");
    static const struct step STEPS[] = {
        {"GET /_sandbox/journal", NULL, 200, "{\"seq\":1,\"op\":\"upload\",\"at\":"},
        {"GET /_sandbox/journal", NULL, 200, "\"callback_url\":\"/w?sig=\""},
        {"GET /_sandbox/requests", NULL, 200,
         "\"method\":\"POST\",\"path\":\"/collection/default/upload\",\"has_token\":true"},
        {"DELETE /_sandbox/journal", NULL, 200, "true"},
    };
    TAKE_STEPS(&h, STEPS);
    cr_expect_eq(harness_call(&h, "GET /_sandbox/journal", NULL)->body.length, 0);
    cr_expect_eq(harness_call(&h, "GET /_sandbox/requests", NULL)->body.length, 0);
    cr_expect_eq(harness_stop(&h), 0);
}

Test(api, command_line)
{
    static const struct {
        const char *arguments[4];
        int status;
        const char *part;
    } CASES[] = {
        {{"--help"}, 0, "--fault"},
        {{"--version"}, 0, "reelq-sandbox "},
        {{"--nonsense"}, 1, "unknown argument '--nonsense'"},
        {{"extra"}, 1, "unknown argument 'extra'"},
        {{"--listen"}, 1, "--listen needs a value"},
        {{"--listen", "nowhere"}, 1, "'nowhere' is not HOST:PORT"},
        {{"--listen", "127.0.0.1:70000"}, 1, "is not HOST:PORT"},
        {{"--listen", "192.0.2.1:80"}, 1, "--listen 192.0.2.1:80: "},
        {{"--seed", "x"}, 1, "--seed: 'x' is not a whole number"},
        {{"--upload-time", "soon"}, 1, "--upload-time: 'soon'"},
        {{"--fault", "upload:hang"}, 1, "--fault: fault 'upload:hang' is not ROUTE:KIND=RATE"},
        {{"--fault=upload:bang=1"}, 1, "no such kind 'bang'"},
        {{"--async-data", "maybe"}, 1, "--async-data: 'maybe'"},
        {{"--business-errors", "300"}, 1, "--business-errors: '300'"},
        {{"--ready-file", "/nonexistent/x"}, 1, "cannot be written"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct buffer output = BUFFER(64 << 10);
        int status = harness_run(CASES[i].arguments, &output);
        cr_expect(status == CASES[i].status, "case %zu: status %d", i, status);
        cr_expect(strstr(buffer_text(&output), CASES[i].part) != NULL, "case %zu: %s", i,
                  buffer_text(&output));
        const char *end = strchr(buffer_text(&output), '\n');
        cr_expect(status == 0 || (end != NULL && end[1] == '\0'), "case %zu: not one line: %s", i,
                  buffer_text(&output));
        buffer_clear(&output);
    }
}
