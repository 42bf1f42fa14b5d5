#include "e2e/pipeline_sandbox.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/signature.h"
#include "base/xalloc.h"
#include "support/raw_http.h"
#include "support/sandbox_client.h"

enum { MAX_REQUEST = 1 << 20, MAX_WORDS = 24, LOOK_AGAIN_MS = 5, VALID_S = 3600 };

/* --- HTTP ------------------------------------------------------------------------------------- */

int pipeline_post(struct pipeline *pipeline, const char *path, const char *body)
{
    return sandbox_client_post(pipeline->webhook_address, path, body, &pipeline->answer);
}

const char *pipeline_get(struct pipeline *pipeline, const char *path)
{
    int status = raw_http_get(pipeline->sandbox_address, path, &pipeline->answer);

    cr_assert_eq(status, 200, "GET %s: %d", path, status);
    return raw_http_body(&pipeline->answer);
}

int pipeline_callback(struct pipeline *pipeline, const char *kind, const char *id, unsigned call,
                      const char *body)
{
    struct signature_keys keys;
    struct error error;
    uint64_t expires_s = (uint64_t)clock_wall_ms() / 1000 + VALID_S;
    struct signature_subject subject = {kind, slice_text(id), call, expires_s};
    struct buffer path = BUFFER(4096);

    cr_assert(signature_keys_parse(&keys, slice_text(PIPELINE_SECRET), &error), "%s", error.text);
    signature_add_target(&path, &keys, &subject);
    signature_keys_clear(&keys);
    int status = pipeline_post(pipeline, buffer_text(&path), body);
    buffer_clear(&path);
    return status;
}

/* --- faults and journals ---------------------------------------------------------------------- */

void pipeline_faults(struct pipeline *pipeline, const char *list)
{
    int status = sandbox_client_faults(pipeline->sandbox_address, list, &pipeline->answer);

    cr_assert_eq(status, 200, "faults %s: %s", list, buffer_text(&pipeline->answer));
}

static unsigned lines_with(const char *text, const char *one, const char *other)
{
    struct slice rest = slice_text(text);
    unsigned found = 0;

    while (rest.length > 0) {
        size_t end = slice_find(rest, '\n');
        char *line = slice_copy(slice_head(rest, end));
        found += (one == NULL || strstr(line, one) != NULL) &&
                 (other == NULL || strstr(line, other) != NULL);
        free(line);
        rest = slice_skip(rest, end < rest.length ? end + 1 : end);
    }
    return found;
}

unsigned pipeline_paid(struct pipeline *pipeline, const char *one, const char *other)
{
    return lines_with(pipeline_get(pipeline, "/_sandbox/journal"), one, other);
}

unsigned pipeline_asked(struct pipeline *pipeline, const char *one, const char *other)
{
    return lines_with(pipeline_get(pipeline, "/_sandbox/requests"), one, other);
}

void pipeline_await_asked(struct pipeline *pipeline, const char *one, const char *other,
                          unsigned count)
{
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;

    while (pipeline_asked(pipeline, one, other) < count) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "no %u requests with %s", count, one);
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
}

/* --- its process ------------------------------------------------------------------------------ */

void pipeline_sandbox_start(struct pipeline *pipeline, const char *listen)
{
    static const char *const usual[] = {"--upload-time", "50", "--index-time", "50", "--seed", "1"};
    const char *words[MAX_WORDS + 1] = {"--listen", listen};
    const char *const *more = pipeline->options.sandbox;
    size_t count = 2;

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        words[count++] = usual[i];
    for (size_t i = 0; more != NULL && more[i] != NULL && count < MAX_WORDS; i++)
        words[count++] = more[i];
    free(pipeline->sandbox_address);
    pipeline->sandbox =
        sandbox_client_start(REELQ_BIN_DIR "/reelq-sandbox", words, &pipeline->sandbox_address);
}

void pipeline_sandbox_stop(struct pipeline *pipeline)
{
    process_signal(pipeline->sandbox, SIGTERM);
    int status = process_wait(pipeline->sandbox);
    cr_expect_eq(status, 0, "sandbox: %d: %s", status, process_log(pipeline->sandbox));
    process_free(pipeline->sandbox);
    pipeline->sandbox = NULL;
}
