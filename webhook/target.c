#include "webhook/target.h"

#include "base/url.h"

enum { ID_MAX = 256, CALL_DIGITS_MAX = 10, EXPIRY_DIGITS_MAX = 12 };

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
static bool read_number(struct slice query, const char *name, size_t digits, uint64_t *number)
{
    struct slice text;

    if (!url_query_get(query, name, &text) || text.length == 0 || text.length > digits)
        return false;
    return (text.length == 1 || text.data[0] != '0') && slice_to_u64(text, number);
}

/* The signature is looked at first, whatever the time is: so an expired URL takes as long as a
 * forged one. */
enum target_verdict target_read(struct target *target, struct slice path, struct slice query,
                                const struct target_rules *rules)
{
    struct slice signature;

    *target = (struct target){.kind = kind_of(path), .id = BUFFER(ID_MAX)};
    if (target->kind == NULL || !read_id(target, query) ||
        !read_number(query, "n", CALL_DIGITS_MAX, &target->call) ||
        !read_number(query, "exp", EXPIRY_DIGITS_MAX, &target->expires_s) ||
        !url_query_get(query, "sig", &signature))
        return TARGET_WRONG;
    if (rules->keys->count == 0)
        return TARGET_UNKNOWN;
    struct signature_subject subject = {.kind = target->kind,
                                        .id = buffer_slice(&target->id),
                                        .call = target->call,
                                        .expires_s = target->expires_s};
    if (!signature_verify(rules->keys, &subject, signature))
        return TARGET_WRONG;
    return (int64_t)target->expires_s > rules->now_s ? TARGET_GENUINE : TARGET_EXPIRED;
}

void target_clear(struct target *target)
{
    buffer_clear(&target->id);
}
