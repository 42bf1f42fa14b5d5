/* receiver - takes callbacks in: checks who sent them, has them stored, and only then says so.
 *   on_head -> on_request -> store_put -> on_stored -> answer */
#ifndef REELQ_RECEIVER_H
#define REELQ_RECEIVER_H

#include "base/metrics.h"
#include "base/signature.h"
#include "net/http_server.h"
#include "webhook/store.h"

struct receiver;

struct receiver_options {
    struct store *store;
    struct metrics *metrics; /* where the receiver registers its own */
    /* Looked at with each request; a count of 0: not known yet. */
    const struct signature_keys *keys;
};

/* Options are copied; what they point to outlives the receiver. */
struct receiver *receiver_new(const struct receiver_options *options);

/* After the HTTP server and the store. NULL is allowed. */
void receiver_free(struct receiver *receiver);

/* Callbacks that are not answered yet. */
unsigned receiver_in_flight(const struct receiver *receiver);

/* Gate and handler of the HTTP listener; `arg` is the receiver. */
enum http_verdict receiver_on_head(const struct http_view *view, const char **allow, void *arg);
void receiver_on_request(struct http_request *request, const struct http_view *view, void *arg);

#endif
