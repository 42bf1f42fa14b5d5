#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"

#define MAX_DATA      ((size_t)1 << 30)
#define OVERSIZE      ((size_t)4 << 20)
#define NOT_JSON_TEXT "<html><body><h1>This is not JSON</h1></body></html>\n"

void reply_init(struct reply *reply)
{
    *reply = (struct reply){
        .status = 200,
        .success = REPLY_TRUE,
        .data = BUFFER(MAX_DATA),
        .retry_after_s = -1,
    };
}

void reply_clear(struct reply *reply)
{
    buffer_clear(&reply->data);
}

void reply_error(struct reply *reply, int status, enum reply_success success, const char *message)
{
    reply_clear(reply);
    reply_init(reply);
    reply->status = status;
    reply->success = success;
    (void)snprintf(reply->message, sizeof(reply->message), "%s", message);
}

static void add_result(struct json_writer *w, const struct reply *reply, enum fault_kind fault)
{
    if (reply->success != REPLY_UNSAID) {
        json_key_bool(w, "success", reply->success == REPLY_TRUE);
    }
    if (reply->message[0] != '\0') {
        json_key_string(w, "message", reply->message);
    }
    if (reply->data.length > 0 && fault != FAULT_NO_DATA) {
        json_key_raw(w, "data", buffer_slice(&reply->data));
    }
}

static void add_padding(struct json_writer *w)
{
    char *padding = xcalloc(1, OVERSIZE);
    memset(padding, 'x', OVERSIZE);
    json_key_slice(w, "padding", slice_make(padding, OVERSIZE));
    free(padding);
}

static void add_envelope(struct buffer *out, const struct reply *reply, enum fault_kind fault)
{
    struct json_writer w = json_writer(out);
    json_open(&w, '{');
    if (reply->nested) {
        json_add_key(&w, "response");
        json_open(&w, '{');
        add_result(&w, reply, fault);
        json_close(&w, '}');
    } else {
        add_result(&w, reply, fault);
    }
    if (reply->state != NULL) {
        json_key_string(&w, "status", reply->state);
    }
    if (reply->request_type != NULL && fault != FAULT_NO_REQUEST_TYPE) {
        json_key_string(&w, "request_type", reply->request_type);
    }
    if (fault == FAULT_OVERSIZED) {
        add_padding(&w);
    }
    json_close(&w, '}');
}

void reply_add_body(struct buffer *out, const struct reply *reply, enum fault_kind fault)
{
    if (fault == FAULT_NOT_JSON) {
        buffer_add_text(out, NOT_JSON_TEXT);
    } else if (reply->content_type != NULL) {
        buffer_add_slice(out, buffer_slice(&reply->data));
    } else {
        add_envelope(out, reply, fault);
    }
    if (fault == FAULT_BROKEN_JSON && out->length > 0) {
        out->length -= out->length / 3 + 1;
        out->data[out->length] = '\0';
    }
}
