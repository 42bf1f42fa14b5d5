/* http_easy - options and facts of one easy handle. */
#include "worker/http_easy.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/slice.h"
#include "base/wipe.h"
#include "base/xalloc.h"

enum {
    CONNECT_TIMEOUT_MS = 3000,
    MAX_CONNECTION_S = 600, /* then the name is resolved, and the certificate checked, again */
    /* Common servers drop an idle connection after 5 s at the soonest. A request that meets one
     * just then is lost, which is nothing for one that may be repeated. */
    MAX_IDLE_S = 60,
    MAX_IDLE_UNREPEATABLE_S = 3
};

static void add_header(struct curl_slist **list, const char *name, const char *value)
{
    char *line = xasprintf("%s:%s%s", name, value[0] != '\0' ? " " : "", value);
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL) {
        log_die("out of memory");
    }
    *list = longer;
    wipe_free_text(line);
}

static struct curl_slist *make_headers(const char *token, const char *client, bool body)
{
    struct curl_slist *list = NULL;

    add_header(&list, "Accept", "application/json");
    add_header(&list, "x-videodb-client", client);
    if (token != NULL && token[0] != '\0') {
        add_header(&list, "x-access-token", token);
    }
    if (body) {
        add_header(&list, "Content-Type", "application/json");
        add_header(&list, "Expect", ""); /* an empty one is left out: nobody waits for 100 */
    }
    return list;
}

void http_easy_headers_init(struct http_easy_headers *headers, const char *token,
                            const char *client)
{
    for (int authorized = 0; authorized <= 1; authorized++) {
        for (int body = 0; body <= 1; body++) {
            headers->lists[authorized][body] =
                make_headers(authorized == 1 ? token : NULL, client, body == 1);
        }
    }
}

void http_easy_headers_clear(struct http_easy_headers *headers)
{
    for (int i = 0; i < 4; i++) {
        for (struct curl_slist *line = headers->lists[i / 2][i % 2]; line != NULL;
             line = line->next) {
            explicit_bzero(line->data, strlen(line->data));
        }
        curl_slist_free_all(headers->lists[i / 2][i % 2]);
        headers->lists[i / 2][i % 2] = NULL;
    }
}

void http_easy_set_connection(CURL *easy, int64_t timeout_ms, bool repeatable)
{
    long idle_s = repeatable ? MAX_IDLE_S : MAX_IDLE_UNREPEATABLE_S;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, idle_s);
    curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, (long)MAX_CONNECTION_S);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
}

bool http_easy_request_left(CURL *easy)
{
    long bytes = 0;

    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

/* Gives -1 for what is neither digits nor a date. */
static int64_t parse_retry_after(const char *text)
{
    static const uint64_t longest_s = 1000000000;
    uint64_t seconds;
    time_t date;
    int64_t ms;

    if (slice_to_u64(slice_trim(slice_text(text)), &seconds)) {
        return (int64_t)(seconds < longest_s ? seconds : longest_s) * 1000;
    }
    date = curl_getdate(text, NULL);
    if (date == -1) {
        return -1;
    }
    ms = (int64_t)date * 1000 - clock_wall_ms();
    return ms > 0 ? ms : 0;
}

int64_t http_easy_retry_after_ms(CURL *easy)
{
    struct curl_header *header;

    if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return -1;
    }
    return parse_retry_after(header->value);
}
