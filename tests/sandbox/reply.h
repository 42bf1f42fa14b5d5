/* reply - what a handler answers, in VideoDB's envelope, and how faults spoil it. */
#ifndef SANDBOX_REPLY_H
#define SANDBOX_REPLY_H

#include "base/buffer.h"
#include "fault.h"

enum reply_success { REPLY_UNSAID, REPLY_TRUE, REPLY_FALSE };

struct reply {
    int status;                 /* HTTP */
    enum reply_success success; /* left out when unsaid */
    const char *state;          /* `status` of the envelope; static, or NULL */
    const char *request_type;   /* static, or NULL */
    char message[256];          /* "" for none */
    struct buffer data;         /* JSON of `data`; left out when empty */
    bool nested;                /* success, message and data stand inside `response` */
    int64_t retry_after_s;      /* negative: no header */
    const char *content_type;   /* when not NULL, `data` is the whole body as it is */
};

/* 200 with success true and nothing else. */
void reply_init(struct reply *reply);
void reply_clear(struct reply *reply);

/* Makes it an error: `{"message":...}`, with `success` only when it is given. Drops the data. */
void reply_error(struct reply *reply, int status, enum reply_success success, const char *message);

/* Appends the body. `fault` may be FAULT_OVERSIZED, FAULT_BROKEN_JSON, FAULT_NOT_JSON,
 * FAULT_NO_REQUEST_TYPE or FAULT_NO_DATA; others change nothing. */
void reply_add_body(struct buffer *out, const struct reply *reply, enum fault_kind fault);

#endif
