#include "webhook/target.h"

#include "base/url.h"

enum { ID_MAX = 256, CALL_DIGITS_MAX = 10 };

static const struct {
    const char *path, *kind;
} paths[] = {{"/webhooks/upload", "upload"}, {"/webhooks/index", "index"}};

static const char *kind_of(struct slice path)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (slice_is(path, paths[i].path))
            return paths[i].kind;
    return NULL;
}

static bool read_id(struct target *target, struct slice query)
{
    struct slice text;

    return url_query_get(query, "id", &text) && url_add_decoded(&target->id, text) &&
           target->id.length > 0 && !target->id.failed;
}

/* One spelling per number, so that there is one URL per call. */
static bool read_call(struct target *target, struct slice query)
{
    struct slice text;

    if (!url_query_get(query, "n", &text) || text.length == 0 || text.length > CALL_DIGITS_MAX)
        return false;
    return (text.length == 1 || text.data[0] != '0') && slice_to_u64(text, &target->call);
}

enum target_verdict target_read(struct target *target, struct slice path, struct slice query,
                                const struct signature_keys *keys)
{
    struct slice signature;

    *target = (struct target){.kind = kind_of(path), .id = BUFFER(ID_MAX)};
    if (target->kind == NULL || !read_id(target, query) || !read_call(target, query) ||
        !url_query_get(query, "sig", &signature))
        return TARGET_WRONG;
    if (keys->count == 0)
        return TARGET_UNKNOWN;
    struct signature_subject subject = {
        .kind = target->kind, .id = buffer_slice(&target->id), .call = target->call};
    return signature_verify(keys, &subject, signature) ? TARGET_GENUINE : TARGET_WRONG;
}

void target_clear(struct target *target)
{
    buffer_clear(&target->id);
}
