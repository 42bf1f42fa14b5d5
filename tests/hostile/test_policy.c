/* The acceptance policy, held against the webhook as it is run, on real sockets: prints the table
 * of all vectors and what became of each. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>

#include "hostile/transcript.h"
#include "integration/webhook_site.h"
#include "support/http_vectors.h"

static const char *const settings[] = {"REELQ_CALLBACK_SECRET=" HTTP_VECTORS_SECRET,
                                       "REELQ_MAX_BODY=2k", NULL};

struct policy {
    struct webhook_site site;
    struct buffer bytes, expected, got;
    unsigned vectors, wrong;
};

static unsigned occurrences(struct slice text, char c)
{
    unsigned count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += text.data[i] == c;
    return count;
}

/* Sends the vector, with the next request behind it or with the end of the stream, and compares
 * answers and stored callbacks. */
static bool holds(struct policy *policy, const struct http_vector *vector, bool next)
{
    struct buffer bodies = BUFFER(4096);

    buffer_reset(&policy->bytes);
    buffer_reset(&policy->expected);
    buffer_reset(&policy->got);
    http_vector_add_bytes(vector, &policy->bytes);
    if (next)
        http_vector_add_next(&policy->bytes);
    http_vector_add_statuses(vector, next, &policy->expected);
    http_vector_add_bodies(vector, next, &bodies);
    long long stored = occurrences(buffer_slice(&policy->expected), '2');
    int fd = raw_http_send_bytes(policy->site.address, buffer_slice(&policy->bytes));
    if (!next)
        (void)shutdown(fd, SHUT_WR);
    raw_http_receive(fd, &policy->site.answer);
    transcript_add_statuses(buffer_slice(&policy->site.answer), &policy->got);
    bool good = slice_is(buffer_slice(&policy->got), buffer_text(&policy->expected)) &&
                redis_server_integer(policy->site.redis, "LLEN reelq:callbacks") == stored;
    (void)redis_server_integer(policy->site.redis, "DEL reelq:callbacks");
    buffer_clear(&bodies);
    return good;
}

static void check(struct policy *policy, const char *group, const struct http_vector *vector)
{
    bool waits = http_vector_ends(vector, "waits");
    bool good = holds(policy, vector, !waits);

    if (good && http_vector_ends(vector, "open"))
        good = holds(policy, vector, false);
    printf("%-8s %-24s %-36s %s\n", good ? "ok" : "WRONG", group, vector->name, vector->verdict);
    if (!good)
        printf("         answered: %s\n", buffer_text(&policy->got));
    policy->vectors++;
    policy->wrong += !good;
}

Test(policy, is_the_webhooks)
{
    struct policy policy = {
        .bytes = BUFFER(HTTP_VECTORS_MAX_BYTES), .expected = BUFFER(4096), .got = BUFFER(4096)};

    webhook_site_open(&policy.site, settings);
    for (size_t g = 0; g < HTTP_VECTOR_GROUPS; g++)
        for (size_t i = 0; i < http_vector_groups[g]->count; i++)
            check(&policy, http_vector_groups[g]->name, &http_vector_groups[g]->vectors[i]);
    printf("%u vectors, %u wrong\n", policy.vectors, policy.wrong);
    (void)fflush(stdout);
    cr_expect_eq(policy.wrong, 0);
    webhook_site_close(&policy.site);
    buffer_clear(&policy.bytes);
    buffer_clear(&policy.expected);
    buffer_clear(&policy.got);
}
