/* pipeline_sandbox - the test's hands at the API and at the webhook: faults, what was paid for,
 * what was asked, callbacks of the test's own. */
#ifndef REELQ_E2E_PIPELINE_SANDBOX_H
#define REELQ_E2E_PIPELINE_SANDBOX_H

#include "e2e/pipeline.h"

/* Replaces all faults by those in `list`, separated by spaces; "" for none. */
void pipeline_faults(struct pipeline *pipeline, const char *list);

/* Body of GET `path` of the sandbox, valid until the next call. */
const char *pipeline_get(struct pipeline *pipeline, const char *path);

/* Lines of the journal (what was paid for) and of the requests that hold each of the two texts;
 * NULL: any. */
unsigned pipeline_paid(struct pipeline *pipeline, const char *one, const char *other);
unsigned pipeline_asked(struct pipeline *pipeline, const char *one, const char *other);

/* Waits until pipeline_asked(..., one, other) is at least `count`. */
void pipeline_await_asked(struct pipeline *pipeline, const char *one, const char *other,
                          unsigned count);

/* POSTs a well signed callback to the webhook; its status. `kind` is "upload" or "index". */
int pipeline_callback(struct pipeline *pipeline, const char *kind, const char *id, unsigned call,
                      const char *body);

/* POSTs to any path of the webhook; its status, and the whole answer in pipeline->answer. */
int pipeline_post(struct pipeline *pipeline, const char *path, const char *body);

/* SIGTERM to the sandbox and its end; its address then refuses connections. And a new one there. */
void pipeline_sandbox_stop(struct pipeline *pipeline);
void pipeline_sandbox_start(struct pipeline *pipeline, const char *listen);

/* What the processes share. */
#define PIPELINE_SECRET "the-secret-of-the-tests"

#endif
