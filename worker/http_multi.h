/* http_multi - libcurl's multi handle driven by the event loop. Knows easy handles only. */
#ifndef REELQ_HTTP_MULTI_H
#define REELQ_HTTP_MULTI_H

#include <curl/curl.h>

#include "net/loop.h"

struct http_multi;

/* A transfer has ended: the handle is no longer part of the multi handle and belongs to the owner
 * again. Runs from the loop; may call everything below. */
typedef void (*http_multi_done_fn)(CURL *easy, CURLcode code, void *arg);

struct http_multi_options {
    struct loop *loop;
    unsigned max_idle; /* connections kept alive for later */
    http_multi_done_fn done;
    void *arg;
};

/* Dies when libcurl cannot be initialised. */
struct http_multi *http_multi_new(const struct http_multi_options *options);

/* Closes the idle connections. Every transfer must have ended or been removed. NULL is allowed. */
void http_multi_free(struct http_multi *multi);

/* Starts a transfer that has all its options. `done` is not called from here. */
void http_multi_add(struct http_multi *multi, CURL *easy);

/* Drops a transfer under way, and its connection: `done` is not called for it. */
void http_multi_remove(struct http_multi *multi, CURL *easy);

#endif
