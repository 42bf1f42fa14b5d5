/* receiver_bench - the webhook's gate, receiver and store behind a real listener, and a scripted
 * Redis, all on the test's own loop. */
#ifndef REELQ_TESTS_RECEIVER_BENCH_H
#define REELQ_TESTS_RECEIVER_BENCH_H

#include "base/signature.h"
#include "support/fake_redis.h"
#include "support/http_bench.h"
#include "webhook/receiver.h"

struct receiver_bench {
    struct http_bench http;
    struct fake_redis *fake;
    struct redis_url url;
    struct redis *redis;
    struct pusher *pusher;
    struct store *store;
    struct metrics metrics;
    struct signature_keys keys;
    struct receiver *receiver;
    bool up;
    unsigned stored;      /* callbacks that Redis was given */
    struct buffer bodies; /* of those that were taken, as http_vector_add_body() */
    char *directory, *address;
};

/* Listens on a unix socket, with the secret and limits of the vectors; returns when Redis is up. */
void receiver_bench_open(struct receiver_bench *bench);
void receiver_bench_close(struct receiver_bench *bench);

/* A connection, which the server has accepted. */
int receiver_bench_dial(struct receiver_bench *bench);

/* Sends, and has the server read it. */
void receiver_bench_say(struct receiver_bench *bench, int fd, struct slice bytes);

#endif
