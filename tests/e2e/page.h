/* page - what a browser that has the dashboard open does: it listens to events, and asks. */
#ifndef REELQ_E2E_PAGE_H
#define REELQ_E2E_PAGE_H

#include "base/buffer.h"

#define PAGE_TOKEN "the-token-of-the-tests"

struct process;

/* Of the admin listener of a webhook; asked of its log once. */
const char *page_address(struct process *webhook);

/* One that watches. */
struct page {
    int fd;
    struct buffer got; /* everything that came */
    size_t at;         /* behind the event that was read last */
};

/* GET /events of the admin listener at `address`. */
void page_open(struct page *page, const char *address);
void page_close(struct page *page);

/* The data of the next event of that kind with `part` in it; others are passed over. Valid until
 * the next call. After 20 s, or at the end of the stream, the test fails. */
const char *page_await(struct page *page, const char *event, const char *part);

/* A request with these header lines (with their CR LF) and a Host of its own unless they have one;
 * the status, with the answer in `answer`. */
int page_get(const char *address, const char *path, const char *headers, struct buffer *answer);
int page_post(const char *address, const char *path, const char *headers, const char *body,
              struct buffer *answer);

/* A change by who may. */
int page_change(const char *address, const char *path, const char *body, struct buffer *answer);

#endif
