#include "worker/callback_url.h"

#include <inttypes.h>

#include "base/url.h"

void callback_url_add(struct buffer *out, const struct context *context,
                      const struct record *record)
{
    char signature[SIGNATURE_LENGTH + 1];
    int64_t number = record_int(record, RECORD_calls);
    struct signature_subject subject = {record_text(record, RECORD_kind), slice_text(record->id),
                                        (uint64_t)number};

    signature_make(callback_secret_keys(context->secret), &subject, signature);
    buffer_add_format(out, "%s/webhooks/%s?id=", context->config->public_url, subject.kind);
    url_add_encoded(out, subject.id);
    buffer_add_format(out, "&n=%" PRId64 "&sig=%s", number, signature);
}
