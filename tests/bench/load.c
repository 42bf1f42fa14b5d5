#include "bench/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/signature.h"
#include "base/xalloc.h"
#include "bench/site.h"
#include "support/raw_http.h"

/* In the year 2096. */
#define EXPIRES_S 4000000000U

enum { REQUEST_MAX = 1024, ANSWER_MAX = 4096, EVENTS = 64, PATIENCE_MS = 20000 };

__attribute__((noreturn)) static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, detail);
    abort();
}

/* --- requests --------------------------------------------------------------------------------- */

/* As VideoDB sends it, with the links that it hands out. */
static const char body[] =
    "{\"success\":true,\"message\":\"Video uploaded successfully\",\"data\":{"
    "\"id\":\"m-z-0193f6ac-7e2b-7bb1-9d0b-6b4c2d1e8f90\",\"collection_id\":\"default\","
    "\"name\":\"harbour at dawn, seen\",\"length\":\"61.44\","
    "\"stream_url\":\"https://stream.example.com/v3/published/manifests/f0a1.m3u8\","
    "\"player_url\":\"https://console.example.com/player?url=f0a1.m3u8\"}}";
_Static_assert(sizeof(body) - 1 == 326, "the size that the goals are for");

static void add_callback(struct buffer *out, const struct signature_keys *keys, const char *address,
                         const char *id)
{
    struct signature_subject subject = {"upload", slice_text(id), 1, EXPIRES_S};

    buffer_add_text(out, "POST ");
    signature_add_target(out, keys, &subject);
    buffer_add_format(out,
                      " HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n%s",
                      address, sizeof(body) - 1, body);
}

struct load_requests load_callbacks(const char *address, unsigned count)
{
    struct load_requests requests = {.ends = xcalloc(count, sizeof(size_t)), .count = count};
    struct signature_keys keys;
    struct error error;

    if (!signature_keys_parse(&keys, slice_text(SITE_SECRET), &error))
        fail("the secret", error.text);
    buffer_init(&requests.bytes, (size_t)count * REQUEST_MAX);
    for (unsigned i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "callback-%07u", i);
        add_callback(&requests.bytes, &keys, address, id);
        requests.ends[i] = requests.bytes.length;
    }
    if (requests.bytes.failed)
        fail("requests", "too long");
    signature_keys_clear(&keys);
    return requests;
}

void load_requests_clear(struct load_requests *requests)
{
    buffer_clear(&requests->bytes);
    free(requests->ends);
}

/* --- run -------------------------------------------------------------------------------------- */

struct load {
    const struct load_requests *requests;
    unsigned next, answered;
    int poll;
};

struct line {
    int fd;
    char answer[ANSWER_MAX + 1];
    size_t length;
};

static void send_next(struct load *load, struct line *line)
{
    if (load->next == load->requests->count)
        return;
    size_t begin = load->next == 0 ? 0 : load->requests->ends[load->next - 1];
    size_t length = load->requests->ends[load->next++] - begin;

    line->length = 0;
    if (send(line->fd, load->requests->bytes.data + begin, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("send", strerror(errno));
}

/* All answers that are 200 have a body of the same length, so the end is easy to see. */
static bool is_whole(const struct line *line)
{
    const char *end = strstr(line->answer, "\r\n\r\n");
    return end != NULL && line->answer[line->length - 1] == '}';
}

static void on_readable(struct load *load, struct line *line)
{
    ssize_t got = recv(line->fd, line->answer + line->length, ANSWER_MAX - line->length, 0);

    if (got <= 0)
        fail("receive", got == 0 ? "closed" : strerror(errno));
    line->length += (size_t)got;
    line->answer[line->length] = '\0';
    if (!is_whole(line))
        return;
    if (strncmp(line->answer, "HTTP/1.1 200 ", strlen("HTTP/1.1 200 ")) != 0)
        fail("answer", line->answer);
    load->answered++;
    send_next(load, line);
}

static struct line *open_lines(struct load *load, const char *address, unsigned count)
{
    struct line *lines = xcalloc(count, sizeof(*lines));

    for (unsigned i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &lines[i]};
        lines[i].fd = raw_http_send(address, "");
        if (epoll_ctl(load->poll, EPOLL_CTL_ADD, lines[i].fd, &event) == -1)
            fail("epoll_ctl", strerror(errno));
        send_next(load, &lines[i]);
    }
    return lines;
}

void load_run(const char *address, const struct load_requests *requests, unsigned connections)
{
    struct load load = {.requests = requests, .poll = epoll_create1(EPOLL_CLOEXEC)};
    struct line *lines = open_lines(&load, address, connections);

    while (load.answered < requests->count) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(load.poll, events, EVENTS, PATIENCE_MS);
        if (count <= 0)
            fail("wait", "no answer comes");
        for (int i = 0; i < count; i++)
            on_readable(&load, events[i].data.ptr);
    }
    for (unsigned i = 0; i < connections; i++)
        (void)close(lines[i].fd);
    free(lines);
    (void)close(load.poll);
}
