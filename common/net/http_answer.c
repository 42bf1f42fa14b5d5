#include "net/http_answer.h"

static const struct {
    int status;
    const char *phrase, *body;
} texts[] = {
    {200, "OK", "ok\n"},
    {202, "Accepted", "accepted\n"},
    {400, "Bad Request", "bad request\n"},
    {401, "Unauthorized", "unauthorized\n"},
    {403, "Forbidden", "forbidden\n"},
    {404, "Not Found", "not found\n"},
    {405, "Method Not Allowed", "method not allowed\n"},
    {408, "Request Timeout", "request timeout\n"},
    {409, "Conflict", "conflict\n"},
    {411, "Length Required", "length required\n"},
    {413, "Content Too Large", "content too large\n"},
    {414, "URI Too Long", "URI too long\n"},
    {417, "Expectation Failed", "expectation failed\n"},
    {431, "Request Header Fields Too Large", "request header fields too large\n"},
    {500, "Internal Server Error", "internal server error\n"},
    {503, "Service Unavailable", "service unavailable\n"},
    {505, "HTTP Version Not Supported", "HTTP version not supported\n"},
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static size_t find(int status)
{
    size_t i = 0;

    while (i < TEXTS && texts[i].status != status)
        i++;
    return i;
}

struct http_answer http_answer_plain(int status)
{
    size_t i = find(status);
    return (struct http_answer){.status = status,
                                .body = slice_text(i < TEXTS ? texts[i].body : "")};
}

void http_answer_add(struct buffer *out, const struct http_answer *answer,
                     const struct http_answer_frame *frame)
{
    size_t i = find(answer->status);
    const char *type = answer->content_type == NULL ? "text/plain" : answer->content_type;

    buffer_add_text(out, "HTTP/1.1 ");
    buffer_add_number(out, (uint64_t)answer->status);
    buffer_add_char(out, ' ');
    buffer_add_text(out, i < TEXTS ? texts[i].phrase : "Status");
    buffer_add_text(out, "\r\nContent-Type: ");
    buffer_add_text(out, type);
    buffer_add_text(out, frame->goes_on ? "\r\n" : "\r\nContent-Length: ");
    if (!frame->goes_on) {
        buffer_add_number(out, answer->body.length);
        buffer_add_text(out, "\r\n");
    }
    if (frame->headers != NULL)
        buffer_add_text(out, frame->headers);
    if (frame->allow != NULL)
        buffer_add_format(out, "Allow: %s\r\n", frame->allow);
    if (answer->retry_after_s > 0)
        buffer_add_format(out, "Retry-After: %d\r\n", answer->retry_after_s);
    if (frame->close)
        buffer_add_text(out, "Connection: close\r\n");
    else if (frame->keep_alive)
        buffer_add_text(out, "Connection: keep-alive\r\n");
    buffer_add_text(out, "\r\n");
    if (!frame->head && !frame->goes_on)
        buffer_add_slice(out, answer->body);
}
