#include "net/peer_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/slice.h"
#include "base/xalloc.h"
#include "net/address_prefix.h"

enum { BUCKETS = 1024, ADDRESS_BYTES = 16, V4_OFFSET = 12, V4_PREFIX = 96, COUNTED_BYTES = 8 };

/* Every address in its IPv6 form, IPv4 as ::ffff:a.b.c.d. */
struct block {
    unsigned char address[ADDRESS_BYTES];
    unsigned bits;
};

struct entry {
    unsigned char address[ADDRESS_BYTES];
    unsigned connections;
    struct entry *next;
};

struct peer_limit {
    unsigned maximum;
    uint64_t seed;
    struct block *exempt;
    size_t exempt_count;
    struct entry *buckets[BUCKETS];
};

static const unsigned char v4_mapped[V4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* --- who is exempt ---------------------------------------------------------------------------- */

static bool parse_address(const char *text, struct block *block)
{
    block->bits = 128;
    if (inet_pton(AF_INET6, text, block->address) == 1)
        return true;
    memcpy(block->address, v4_mapped, V4_OFFSET);
    return inet_pton(AF_INET, text, block->address + V4_OFFSET) == 1;
}

static bool parse_block(struct slice text, struct block *block)
{
    size_t slash = slice_find(text, '/');
    char *address = slice_copy(slice_head(text, slash));
    bool v4 = strchr(address, ':') == NULL;
    uint64_t bits = v4 ? 32 : 128;

    bool good = parse_address(address, block) &&
                (slash == text.length ||
                 (slice_to_u64(slice_skip(text, slash + 1), &bits) && bits <= (v4 ? 32 : 128)));
    free(address);
    block->bits = (unsigned)bits + (v4 ? V4_PREFIX : 0);
    return good;
}

static bool add_exempt(struct peer_limit *limit, struct slice text, struct error *error)
{
    struct block block;

    if (text.length == 0)
        return true;
    if (!parse_block(text, &block))
        return error_set(error, "%.*s is neither an address nor a CIDR block",
                         SLICE_ARGS(slice_head(text, 64)));
    limit->exempt = xrealloc(limit->exempt, limit->exempt_count + 1, sizeof(block));
    limit->exempt[limit->exempt_count++] = block;
    return true;
}

static bool parse_exempt(struct peer_limit *limit, struct slice list, struct error *error)
{
    while (list.length > 0) {
        size_t comma = slice_find(list, ',');
        if (!add_exempt(limit, slice_trim(slice_head(list, comma)), error))
            return false;
        list = slice_skip(list, comma + 1);
    }
    return true;
}

struct peer_limit *peer_limit_new(unsigned maximum, const char *exempt, struct error *error)
{
    struct peer_limit *limit = xcalloc(1, sizeof(*limit));

    limit->maximum = maximum;
    clock_random(&limit->seed, sizeof(limit->seed));
    if (add_exempt(limit, slice_text("127.0.0.0/8"), error) &&
        add_exempt(limit, slice_text("::1"), error) &&
        parse_exempt(limit, slice_text(exempt), error))
        return limit;
    peer_limit_free(limit);
    return NULL;
}

void peer_limit_free(struct peer_limit *limit)
{
    if (limit == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (limit->buckets[i] != NULL) {
            struct entry *entry = limit->buckets[i];
            limit->buckets[i] = entry->next;
            free(entry);
        }
    }
    free(limit->exempt);
    free(limit);
}

/* --- counting --------------------------------------------------------------------------------- */

/* False for what is not counted. */
static bool address_of(const struct peer_limit *limit, const struct sockaddr *name,
                       unsigned char address[ADDRESS_BYTES])
{
    if (name->sa_family == AF_INET) {
        memcpy(address, v4_mapped, V4_OFFSET);
        memcpy(address + V4_OFFSET, &((const struct sockaddr_in *)name)->sin_addr, 4);
    } else if (name->sa_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)name)->sin6_addr, ADDRESS_BYTES);
    } else {
        return false;
    }
    for (size_t i = 0; i < limit->exempt_count; i++)
        if (address_prefix_fits(address, limit->exempt[i].address, limit->exempt[i].bits))
            return false;
    if (memcmp(address, v4_mapped, V4_OFFSET) != 0)
        memset(address + COUNTED_BYTES, 0, ADDRESS_BYTES - COUNTED_BYTES);
    return true;
}

/* The link that points to the entry, or to NULL where it would stand. The seed keeps peers from
 * choosing addresses that share a bucket. */
static struct entry **find(struct peer_limit *limit, const unsigned char *address)
{
    uint64_t hash = limit->seed ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < ADDRESS_BYTES; i++)
        hash = (hash ^ address[i]) * UINT64_C(0x100000001b3);
    struct entry **link = &limit->buckets[(hash >> 32) % BUCKETS];
    while (*link != NULL && memcmp((*link)->address, address, ADDRESS_BYTES) != 0)
        link = &(*link)->next;
    return link;
}

bool peer_limit_enter(struct peer_limit *limit, const struct sockaddr *name, struct peer *peer)
{
    peer->counted = limit->maximum > 0 && address_of(limit, name, peer->address);
    if (!peer->counted)
        return true;
    struct entry **link = find(limit, peer->address);
    if (*link == NULL) {
        *link = xcalloc(1, sizeof(**link));
        memcpy((*link)->address, peer->address, ADDRESS_BYTES);
    }
    if ((*link)->connections >= limit->maximum)
        return false;
    (*link)->connections++;
    return true;
}

void peer_limit_leave(struct peer_limit *limit, const struct peer *peer)
{
    if (!peer->counted)
        return;
    struct entry **link = find(limit, peer->address);
    struct entry *entry = *link;
    if (entry == NULL || --entry->connections > 0)
        return;
    *link = entry->next;
    free(entry);
}
