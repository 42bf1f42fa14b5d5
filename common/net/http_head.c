#include "net/http_head.h"

#include <string.h>

#include "net/http_line.h"

enum { LENGTH_DIGITS_MAX = 10 };

static const struct http_fault no_fault = {0, NULL};

static struct http_fault fault(int status, const char *reason)
{
    return (struct http_fault){status, reason};
}

/* --- request line ----------------------------------------------------------------------------- */

static struct http_fault read_version(struct slice text, int *minor)
{
    bool form = text.length == 8 && slice_starts_with(text, "HTTP/") && text.data[6] == '.' &&
                text.data[5] >= '0' && text.data[5] <= '9' && text.data[7] >= '0' &&
                text.data[7] <= '9';

    if (!form)
        return fault(400, "no HTTP version");
    if (!slice_is(text, "HTTP/1.0") && !slice_is(text, "HTTP/1.1"))
        return fault(505, "HTTP version");
    *minor = text.data[7] - '0';
    return no_fault;
}

static bool is_visible(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] <= 0x20 || s.data[i] >= 0x7f || s.data[i] == '#')
            return false;
    return true;
}

/* Cuts scheme and authority off an absolute URL; proxies send such targets. */
static bool drop_origin(struct slice *text)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i]);
        if (!slice_is_nocase(slice_head(*text, length), schemes[i]))
            continue;
        *text = slice_skip(*text, length);
        size_t end = slice_find(*text, '/');
        size_t question = slice_find(*text, '?');
        end = question < end ? question : end;
        *text = slice_skip(*text, end);
        return end > 0;
    }
    return false;
}

static struct http_fault read_target(struct slice text, struct http_target *target)
{
    if (text.length == 0 || !is_visible(text))
        return fault(400, "bad byte in the request target");
    if (text.data[0] != '/' && !slice_is(text, "*") && !drop_origin(&text))
        return fault(400, "bad form of the request target");
    size_t question = slice_find(text, '?');
    target->path = question == 0 ? slice_text("/") : slice_head(text, question);
    target->query = slice_skip(text, question + 1);
    return no_fault;
}

struct http_fault http_head_request_line(struct slice line, struct http_target *target)
{
    size_t space = slice_find(line, ' ');
    struct slice rest = slice_skip(line, space + 1);
    size_t second = slice_find(rest, ' ');

    target->method = slice_head(line, space);
    if (!http_line_is_token(target->method))
        return fault(400, "no method");
    struct http_fault found = read_version(slice_skip(rest, second + 1), &target->minor);
    if (found.status != 0)
        return found;
    return read_target(slice_head(rest, second), target);
}

/* --- fields ----------------------------------------------------------------------------------- */

/* The first fault stands. */
static void keep_fault(struct http_fault *kept, const char *reason)
{
    if (kept->status == 0)
        *kept = fault(400, reason);
}

static void on_host(struct http_head *head, struct slice value)
{
    static const char extra[] = "-._~!$&'()*+;=:[]%";

    if (++head->hosts > 1)
        keep_fault(&head->framing, "more than one Host");
    for (size_t i = 0; i < value.length; i++) {
        char c = value.data[i];
        if (!slice_is_alnum(c) && (c == '\0' || strchr(extra, c) == NULL))
            keep_fault(&head->framing, "bad Host");
    }
}

static void on_content_length(struct http_head *head, struct slice value)
{
    if (++head->lengths > 1)
        keep_fault(&head->framing, "more than one Content-Length");
    if (value.length > LENGTH_DIGITS_MAX || !slice_to_u64(value, &head->content_length))
        keep_fault(&head->framing, "bad Content-Length");
}

static void on_transfer_encoding(struct http_head *head, struct slice value)
{
    head->chunked = true;
    if (++head->codings > 1 || !slice_is_nocase(value, "chunked"))
        keep_fault(&head->framing, "Transfer-Encoding other than one chunked");
}

static void on_expect(struct http_head *head, struct slice value)
{
    if (slice_is_nocase(value, "100-continue"))
        head->expects_continue = true;
    else
        head->expectation = fault(417, "unknown expectation");
}

static void on_connection(struct http_head *head, struct slice value)
{
    while (value.length > 0) {
        size_t comma = slice_find(value, ',');
        struct slice option = slice_trim(slice_head(value, comma));
        head->close |= slice_is_nocase(option, "close");
        head->keep_alive |= slice_is_nocase(option, "keep-alive");
        value = slice_skip(value, comma + 1);
    }
}

static const struct {
    const char *name;
    void (*on_value)(struct http_head *head, struct slice value);
} known_fields[] = {
    {"host", on_host},
    {"content-length", on_content_length},
    {"transfer-encoding", on_transfer_encoding},
    {"expect", on_expect},
    {"connection", on_connection},
};

struct http_fault http_head_field(struct http_head *head, struct slice line, unsigned max_fields)
{
    struct slice name, value;

    if (++head->fields > max_fields)
        return fault(431, "too many header fields");
    if (!http_line_split(line, &name, &value))
        return fault(400, "bad header field");
    for (size_t i = 0; i < sizeof(known_fields) / sizeof(known_fields[0]); i++)
        if (slice_is_nocase(name, known_fields[i].name))
            known_fields[i].on_value(head, value);
    return no_fault;
}

struct http_fault http_head_fault(const struct http_head *head)
{
    if (head->framing.status != 0)
        return head->framing;
    if (head->codings > 0 && head->lengths > 0)
        return fault(400, "Transfer-Encoding with Content-Length");
    if (head->codings > 0 && head->http10)
        return fault(400, "Transfer-Encoding in HTTP/1.0");
    if (head->hosts == 0 && !head->http10)
        return fault(400, "no Host");
    return head->http10 ? no_fault : head->expectation; // RFC 9110 10.1.1: 1.0 knows no Expect
}
