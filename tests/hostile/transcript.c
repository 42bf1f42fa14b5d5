#include "hostile/transcript.h"

#include <string.h>

static const char version[] = "HTTP/1.1 ";

/* What follows the head of an answer; NULL when it has none. */
static const char *end_of_head(struct slice stream)
{
    const char *end = memmem(stream.data, stream.length, "\r\n\r\n", 4);
    return end == NULL ? NULL : end + 4;
}

static size_t content_length(struct slice head)
{
    static const char name[] = "\r\nContent-Length: ";
    const char *at = memmem(head.data, head.length, name, strlen(name));
    uint64_t length = 0;

    if (at != NULL) {
        struct slice rest = slice_skip(head, (size_t)(at - head.data) + strlen(name));
        (void)slice_to_u64(slice_head(rest, slice_find(rest, '\r')), &length);
    }
    return (size_t)length;
}

/* An answer to HEAD has a length and no body. */
static struct slice skip_body(struct slice stream, struct slice head)
{
    struct slice behind = slice_skip(stream, head.length);

    if (slice_starts_with(behind, version))
        return behind;
    return slice_skip(behind, content_length(head));
}

void transcript_add_statuses(struct slice stream, struct buffer *out)
{
    while (stream.length > 0) {
        const char *end = end_of_head(stream);
        struct slice status = slice_head(slice_skip(stream, strlen(version)), 3);
        if (end == NULL || !slice_starts_with(stream, version)) {
            buffer_add_text(out, "garbage ");
            return;
        }
        if (!slice_is(status, "100"))
            buffer_add_format(out, "%.*s ", SLICE_ARGS(status));
        stream = skip_body(stream, slice_head(stream, (size_t)(end - stream.data)));
    }
}
