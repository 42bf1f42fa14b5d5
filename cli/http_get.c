#include "cli/http_get.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/wipe.h"
#include "base/xalloc.h"

enum { MAX_BODY = 64 << 10, CONNECT_MS = 3000, TOTAL_MS = 5000 };

/* What does not fit is left out: nobody looks at so much. */
static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct http_got *got = arg;
    size_t length = size * count, room = MAX_BODY - got->body.length;

    buffer_add(&got->body, data, length < room ? length : room);
    return length;
}

static struct curl_slist *make_headers(const char *key)
{
    struct curl_slist *headers = curl_slist_append(NULL, "x-videodb-client: reelq/" REELQ_VERSION);
    char *line = xasprintf("x-access-token: %s", key);
    struct curl_slist *both = curl_slist_append(headers, line);

    wipe_free_text(line);
    return both != NULL ? both : headers;
}

static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *line = headers; line != NULL; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(headers);
}

static void set_options(CURL *easy, const struct http_get *get, struct http_got *got)
{
    curl_easy_setopt(easy, CURLOPT_URL, get->url);
    if (get->socket != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, get->socket);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, got->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, got);
}

static void read_answer(CURL *easy, struct http_got *got)
{
    struct curl_header *allow;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &got->status);
    got->posts = curl_easy_header(easy, "Allow", 0, CURLH_HEADER, -1, &allow) == CURLHE_OK &&
                 slice_is(slice_text(allow->value), "POST");
}

void http_get(const struct http_get *get, struct http_got *got)
{
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = get->key != NULL ? make_headers(get->key) : NULL;

    *got = (struct http_got){.body = BUFFER(MAX_BODY)};
    if (easy == NULL) {
        (void)snprintf(got->error, sizeof(got->error), "no memory");
    } else {
        set_options(easy, get, got);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        CURLcode code = curl_easy_perform(easy);
        if (code == CURLE_OK)
            read_answer(easy, got);
        else if (got->error[0] == '\0')
            (void)snprintf(got->error, sizeof(got->error), "%s", curl_easy_strerror(code));
        curl_easy_cleanup(easy);
    }
    free_headers(headers);
}

void http_got_clear(struct http_got *got)
{
    buffer_clear(&got->body);
}
