/* http_easy - one easy handle of libcurl: how it connects, and what it tells after its transfer. */
#ifndef REELQ_HTTP_EASY_H
#define REELQ_HTTP_EASY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/* Header lines of every request, made once. */
struct http_easy_headers {
    struct curl_slist *lists[2][2]; /* [authorized][with a body] */
};

/* `token` goes as x-access-token where authorized (NULL or "": never), `client` as
 * x-videodb-client. Both are copied. Dies when memory runs out. */
void http_easy_headers_init(struct http_easy_headers *headers, const char *token,
                            const char *client);
void http_easy_headers_clear(struct http_easy_headers *headers);

/* Sets what all calls have in common: HTTP/1.1, http and https only, certificates checked, no
 * redirects, no proxy, at most 3 s for connecting and `timeout_ms` for the whole.
 * A `repeatable` request may go over a connection that has been idle for long. */
void http_easy_set_connection(CURL *easy, int64_t timeout_ms, bool repeatable);

/* Whether any byte of the request was written to a connection. */
bool http_easy_request_left(CURL *easy);

/* Retry-After in seconds or as a date, in milliseconds from now, never under 0; -1 without a
 * readable one. */
int64_t http_easy_retry_after_ms(CURL *easy);

#endif
