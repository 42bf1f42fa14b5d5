#include "cli/repeats.h"

#include <hiredis/hiredis.h>

#include "base/fragment_text.h"

enum { SLICE = 500, MAX_TEXT = 64 << 10 };

static bool is_numbered(const struct input *input, size_t n)
{
    return input->batch != NULL && input->drafts[n].id == NULL;
}

/* Who does not name a URL is an index task. */
static void add_video(struct buffer *out, struct slice members)
{
    fragment_text_add(out, members, "url");
    if (out->length == 0)
        fragment_text_add(out, members, "video_id");
}

static bool is_same(const struct draft *draft, struct slice about, const char *id,
                    struct error *error)
{
    struct buffer wanted = BUFFER(MAX_TEXT), there = BUFFER(MAX_TEXT);

    add_video(&wanted, slice_text(draft->members));
    add_video(&there, about);
    bool same = there.length == 0 || slice_equal(buffer_slice(&wanted), buffer_slice(&there));
    if (!same)
        (void)error_set(error,
                        "%s is there already, of %.300s, and would not be run: give ids of your own"
                        " (JSON or CSV), or take another batch",
                        id, buffer_text(&there));
    buffer_clear(&wanted);
    buffer_clear(&there);
    return same;
}

/* All replies are read, whatever is in them. */
static bool check_slice(struct session *session, const struct input *input, size_t from,
                        struct error *error)
{
    bool good = true;

    for (size_t i = from; i < input->count && i < from + SLICE; i++)
        client_queue(session->client, "HMGET %stask:%s about", session->keys.prefix,
                     ids_name(input->ids, i));
    for (size_t i = from; i < input->count && i < from + SLICE; i++) {
        struct redisReply *reply = client_next(session->client);
        if (reply == NULL && !client_denied(session->client))
            return good;
        if (good && reply != NULL && is_numbered(input, i))
            good =
                is_same(&input->drafts[i], client_text(reply, 0), ids_name(input->ids, i), error);
        freeReplyObject(reply);
    }
    return good;
}

bool repeats_check(struct session *session, const struct input *input, struct error *error)
{
    for (size_t from = 0; input->batch != NULL && from < input->count; from += SLICE)
        if (!check_slice(session, input, from, error))
            return false;
    return true;
}
