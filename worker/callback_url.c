#include "worker/callback_url.h"

#include <inttypes.h>

#include "base/url.h"

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
    char signature[SIGNATURE_LENGTH + 1];
    int64_t number = record_int(record, RECORD_calls);
    struct signature_subject subject = {record_text(record, RECORD_kind), slice_text(record->id),
                                        (uint64_t)number, expiry_s(context, record)};

    signature_make(callback_secret_keys(context->secret), &subject, signature);
    buffer_add_format(out, "%s/webhooks/%s?id=", context->config->public_url, subject.kind);
    url_add_encoded(out, subject.id);
    buffer_add_format(out, "&n=%" PRId64 "&exp=%" PRIu64 "&sig=%s", number, subject.expires_s,
                      signature);
}
