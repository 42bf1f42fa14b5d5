#include "worker/videodb_walk.h"

#include <stdlib.h>

#include "base/xalloc.h"

enum { MAX_BARREN = 2 };

/* FNV-1a: ids of one listing that share a hash would at worst end a walk early. */
static uint64_t hash_of(struct slice text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < text.length; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    return hash;
}

static int compare(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

/* The ids of a page, those that were seen before left out. */
static size_t new_ids(const struct videodb_walk *walk, const struct json *doc, int list,
                      uint64_t *out)
{
    size_t fresh = 0;

    for (int n = json_first(doc, list); n != JSON_NONE; n = json_next(doc, n)) {
        uint64_t hash = hash_of(json_raw(doc, json_get(doc, n, "id")));
        if (walk->count == 0 ||
            bsearch(&hash, walk->seen, walk->count, sizeof(hash), compare) == NULL)
            out[fresh++] = hash;
    }
    return fresh;
}

enum videodb_walk_step videodb_walk_page(struct videodb_walk *walk, const struct json *doc,
                                         int list)
{
    size_t entries = json_length(doc, list);

    walk->page++;
    walk->filled = entries >= VIDEODB_WALK_PAGE;
    if (entries == 0)
        return VIDEODB_WALK_END;
    walk->seen = xrealloc(walk->seen, walk->count + entries, sizeof(*walk->seen));
    size_t fresh = new_ids(walk, doc, list, walk->seen + walk->count);
    walk->count += fresh;
    qsort(walk->seen, walk->count, sizeof(*walk->seen), compare);
    walk->barren = fresh > 0 ? 0 : walk->barren + 1;
    if (walk->barren == MAX_BARREN)
        return walk->filled ? VIDEODB_WALK_STUCK : VIDEODB_WALK_END;
    return walk->page < VIDEODB_WALK_MAX_PAGES ? VIDEODB_WALK_MORE : VIDEODB_WALK_STUCK;
}

bool videodb_walk_refused(const struct videodb_walk *walk)
{
    return walk->page > 0 && !walk->filled;
}

void videodb_walk_clear(struct videodb_walk *walk)
{
    free(walk->seen);
    *walk = (struct videodb_walk){0};
}

void videodb_walk_start(struct videodb_walk *walk, enum videodb_medium medium)
{
    videodb_walk_clear(walk);
    walk->medium = medium;
}
