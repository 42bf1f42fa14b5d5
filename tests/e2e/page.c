#include "e2e/page.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "support/process.h"
#include "support/raw_http.h"

enum { PATIENCE_MS = 20000, RECEIVED_MAX = 64 * 1024 * 1024 };

const char *page_address(struct process *webhook)
{
    static struct process *asked;
    static const char *address;

    if (asked != webhook)
        address = process_address(webhook, "admin");
    asked = webhook;
    return address;
}

/* --- events ----------------------------------------------------------------------------------- */

void page_open(struct page *page, const char *address)
{
    *page = (struct page){.got = BUFFER(RECEIVED_MAX)};
    page->fd = raw_http_send(address, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

void page_close(struct page *page)
{
    (void)close(page->fd);
    buffer_clear(&page->got);
}

static bool read_more(struct page *page)
{
    static char bytes[65536];
    ssize_t count = recv(page->fd, bytes, sizeof(bytes), 0);

    if (count > 0)
        buffer_add(&page->got, bytes, (size_t)count);
    return count > 0;
}

/* The next whole event, NUL-terminated; NULL: it is not there yet. */
static char *next_event(struct page *page)
{
    if (page->at == page->got.length)
        return NULL;
    char *start = page->got.data + page->at, *end = strstr(start, "\n\n");
    if (end == NULL)
        return NULL;
    *end = '\0';
    page->at = (size_t)(end - page->got.data) + 2;
    return start;
}

const char *page_await(struct page *page, const char *event, const char *part)
{
    char *mark = xasprintf("event: %s\ndata: ", event);
    const char *found = NULL;

    for (int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS; found == NULL;) {
        const char *next = next_event(page);
        const char *at = next == NULL ? NULL : strstr(next, mark);
        if (at != NULL && strstr(at, part) != NULL)
            found = at + strlen(mark);
        else if (next == NULL && (clock_monotonic_ms() > end_ms || !read_more(page)))
            cr_assert_fail("no %s with %s", event, part);
    }
    free(mark);
    return found;
}

/* --- requests --------------------------------------------------------------------------------- */

static const char *host_unless(const char *headers)
{
    return strstr(headers, "Host:") == NULL ? "Host: localhost\r\n" : "";
}

int page_get(const char *address, const char *path, const char *headers, struct buffer *answer)
{
    char *request = xasprintf("GET %s HTTP/1.1\r\n%s%sConnection: close\r\n\r\n", path,
                              host_unless(headers), headers);
    int status = raw_http_call(address, request, answer);

    free(request);
    return status;
}

int page_post(const char *address, const char *path, const char *headers, const char *body,
              struct buffer *answer)
{
    char *request =
        xasprintf("POST %s HTTP/1.1\r\n%s%sConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                  path, host_unless(headers), headers, strlen(body), body);
    int status = raw_http_call(address, request, answer);

    free(request);
    return status;
}

int page_change(const char *address, const char *path, const char *body, struct buffer *answer)
{
    return page_post(address, path,
                     "Content-Type: application/json\r\nAuthorization: Bearer " PAGE_TOKEN "\r\n",
                     body, answer);
}
