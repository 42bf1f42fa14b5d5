/* http_get - one blocking GET: no redirects, no proxy, certificates checked, 5 s at most. */
#ifndef REELQ_CLI_HTTP_GET_H
#define REELQ_CLI_HTTP_GET_H

#include "base/buffer.h"

enum { HTTP_GOT_ERROR = 256 }; /* as long as libcurl's */

struct http_get {
    const char *url;
    const char *socket; /* path of a unix socket to connect to; NULL: what the URL says */
    const char *key;    /* for VideoDB; NULL: none */
};

struct http_got {
    long status; /* 0: no answer */
    bool posts;  /* it says that POST is allowed */
    char error[HTTP_GOT_ERROR];
    struct buffer body; /* its first 64 KiB */
};

/* Fills *got, which is to be cleared. */
void http_get(const struct http_get *get, struct http_got *got);
void http_got_clear(struct http_got *got);

#endif
