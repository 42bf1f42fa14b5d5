/* The acceptance policy however the bytes arrive: every vector in one piece, byte by byte, and cut
 * in two at every point, through listener, connection, receiver and store. */
#include <criterion/criterion.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile/receiver_bench.h"
#include "hostile/transcript.h"
#include "support/http_vectors.h"

/* A vector of more bytes than WHOLE is cut at FEW points that lie evenly, and near its end. */
enum { WHOLE = 600, FEW = 32, NEAR = 16 };

struct pieces {
    struct receiver_bench bench;
    const struct http_vector *vector;
    struct buffer bytes, statuses, bodies, stream, got;
    unsigned expected; /* callbacks stored */
};

/* In pieces: the first of `first` bytes, the others of `step`. */
static void deliver(struct pieces *pieces, size_t first, size_t step)
{
    struct receiver_bench *bench = &pieces->bench;
    struct slice bytes = buffer_slice(&pieces->bytes);
    unsigned stored = bench->stored;

    buffer_reset(&bench->bodies);
    buffer_reset(&pieces->stream);
    buffer_reset(&pieces->got);
    int fd = receiver_bench_dial(bench);
    receiver_bench_say(bench, fd, slice_head(bytes, first));
    for (size_t at = first; at < bytes.length; at += step)
        receiver_bench_say(bench, fd, slice_head(slice_skip(bytes, at), step));
    if (http_vector_ends(pieces->vector, "waits"))
        (void)shutdown(fd, SHUT_WR);
    bool ended = http_bench_collect(&bench->http, fd, HTTP_BENCH_RECEIVED_MAX, &pieces->stream);
    (void)close(fd);
    transcript_add_statuses(buffer_slice(&pieces->stream), &pieces->got);
    cr_expect(ended, "%s: cut at %zu", pieces->vector->name, first);
    cr_expect_str_eq(buffer_text(&pieces->got), buffer_text(&pieces->statuses), "%s: cut at %zu",
                     pieces->vector->name, first);
    cr_expect_str_eq(buffer_text(&bench->bodies), buffer_text(&pieces->bodies), "%s: cut at %zu",
                     pieces->vector->name, first);
    cr_expect_eq(bench->stored - stored, pieces->expected, "%s: cut at %zu", pieces->vector->name,
                 first);
}

static void prepare(struct pieces *pieces, const struct http_vector *vector, bool next)
{
    pieces->vector = vector;
    buffer_reset(&pieces->bytes);
    buffer_reset(&pieces->statuses);
    buffer_reset(&pieces->bodies);
    http_vector_add_bytes(vector, &pieces->bytes);
    http_vector_add_statuses(vector, next, &pieces->statuses);
    http_vector_add_bodies(vector, next, &pieces->bodies);
    pieces->expected = 0;
    for (const char *c = buffer_text(&pieces->statuses); *c != '\0'; c++)
        pieces->expected += *c == '2';
}

static void check(struct pieces *pieces, const struct http_vector *vector)
{
    prepare(pieces, vector, !http_vector_ends(vector, "waits"));
    size_t own = pieces->bytes.length, step = own > WHOLE ? own / FEW : 1;
    if (!http_vector_ends(vector, "waits"))
        http_vector_add_next(&pieces->bytes);
    deliver(pieces, pieces->bytes.length, 1);
    deliver(pieces, 1, 1);
    for (size_t cut = 1; cut <= own; cut += own - cut > NEAR ? step : 1)
        deliver(pieces, cut, pieces->bytes.length);
}

Test(pieces, make_no_difference)
{
    struct pieces pieces = {.bytes = BUFFER(HTTP_VECTORS_MAX_BYTES),
                            .statuses = BUFFER(4096),
                            .bodies = BUFFER(4096),
                            .stream = BUFFER(HTTP_BENCH_RECEIVED_MAX),
                            .got = BUFFER(4096)};

    receiver_bench_open(&pieces.bench);
    for (size_t g = 0; g < HTTP_VECTOR_GROUPS; g++)
        for (size_t i = 0; i < http_vector_groups[g]->count; i++)
            check(&pieces, &http_vector_groups[g]->vectors[i]);
    receiver_bench_close(&pieces.bench);
    buffer_clear(&pieces.bytes);
    buffer_clear(&pieces.statuses);
    buffer_clear(&pieces.bodies);
    buffer_clear(&pieces.stream);
    buffer_clear(&pieces.got);
}
