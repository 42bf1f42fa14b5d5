#include "worker/callback_url.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* By the clock of Redis, as it was when the run began. */
static uint64_t expiry_s(const struct context *context, const struct record *record)
{
    const struct config *config = context->config;
    int64_t valid_ms = config->callback_expiry_ms > 0 ? config->callback_expiry_ms
                                                      : config->callback_timeout_ms + DAY_MS;

    return (uint64_t)((record->now_ms + valid_ms + 999) / 1000);
}

void callback_url_add(struct buffer *out, const struct context *context,
                      const struct record *record)
{
    struct signature_subject subject = {record_text(record, RECORD_kind), slice_text(record->id),
                                        (uint64_t)record_int(record, RECORD_calls),
                                        expiry_s(context, record)};

    buffer_add_text(out, context->config->public_url);
    signature_add_target(out, callback_secret_keys(context->secret), &subject);
}
