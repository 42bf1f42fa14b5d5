/* callback_url - where VideoDB shall report about a call. */
#ifndef REELQ_CALLBACK_URL_H
#define REELQ_CALLBACK_URL_H

#include "worker/context.h"

/* Appends PUBLIC_URL/webhooks/KIND?id=...&n=...&exp=...&sig=... for the record's last call, valid
 * for REELQ_CALLBACK_EXPIRY from when the record was read. Never log it. */
void callback_url_add(struct buffer *out, const struct context *context,
                      const struct record *record);

#endif
