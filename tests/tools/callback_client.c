/* callback-client - a sender of callbacks that behaves: posts signed ones, in turn on a connection
 * that it keeps and on a fresh one, and tells how long the answers took. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/signature.h"
#include "base/xalloc.h"

enum { PAUSE_MS = 10, PATIENCE_S = 20, ANSWER_MAX = 4096 };

static const char usage[] =
    "usage: callback-client target SECRET ID             prints a signed request target\n"
    "       callback-client post ADDRESS SECRET SECONDS  posts, and prints in one line: requests,\n"
    "                                                    failures, p50, p99 and maximum in us on "
    "a\n"
    "                                                    kept connection, the same on fresh ones\n";

/* Latencies of one kind of connection, in microseconds. */
struct series {
    int64_t *values;
    size_t count;
};

struct client {
    struct sockaddr_in name;
    struct signature_keys keys;
    int kept; /* -1: to be opened */
    unsigned requests, failures;
    struct series on_kept, on_fresh;
};

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "callback-client: %s\n", what);
    exit(2);
}

#define EXPIRES_S 4000000000U /* in the year 2096 */

/* --- requests --------------------------------------------------------------------------------- */

static void add_target(struct buffer *out, const struct signature_keys *keys, const char *id)
{
    struct signature_subject subject = {"upload", slice_text(id), 1, EXPIRES_S};

    signature_add_target(out, keys, &subject);
}

static int dial(const struct client *client)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (fd != -1 && connect(fd, (const struct sockaddr *)&client->name, sizeof(client->name)) == 0)
        return fd;
    if (fd != -1)
        (void)close(fd);
    return -1;
}

/* Whether it was answered 200; *stays: the connection may be used again. */
static bool exchange(int fd, struct slice request, bool *stays)
{
    char answer[ANSWER_MAX];
    size_t length = 0;

    *stays = false;
    if (send(fd, request.data, request.length, MSG_NOSIGNAL) != (ssize_t)request.length)
        return false;
    while (length < sizeof(answer) && memmem(answer, length, "\"ok\"}", 5) == NULL) {
        ssize_t count = recv(fd, answer + length, sizeof(answer) - length, 0);
        if (count <= 0)
            return false;
        length += (size_t)count;
    }
    *stays = memmem(answer, length, "Connection: close", 17) == NULL;
    return length < sizeof(answer) && memcmp(answer, "HTTP/1.1 200 ", 13) == 0;
}

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void note(struct series *series, int64_t us)
{
    series->values = xrealloc(series->values, series->count + 1, sizeof(*series->values));
    series->values[series->count++] = us;
}

static void post(struct client *client, int *fd, struct series *series)
{
    struct buffer request = BUFFER(ANSWER_MAX);
    char id[32];
    bool stays = false;

    (void)snprintf(id, sizeof(id), "good-%u", client->requests++);
    buffer_add_text(&request, "POST ");
    add_target(&request, &client->keys, id);
    buffer_add_text(&request,
                    " HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n{\"success\":true}");
    int64_t begin_us = now_us();
    if (*fd == -1)
        *fd = dial(client);
    if (*fd != -1 && exchange(*fd, buffer_slice(&request), &stays))
        note(series, now_us() - begin_us);
    else
        client->failures++;
    if (*fd != -1 && !stays) {
        (void)close(*fd);
        *fd = -1;
    }
    buffer_clear(&request);
}

static void post_for(struct client *client, int64_t ms)
{
    for (int64_t end_ms = clock_monotonic_ms() + ms; clock_monotonic_ms() < end_ms;) {
        int fresh = -1;
        post(client, &client->kept, &client->on_kept);
        post(client, &fresh, &client->on_fresh);
        if (fresh != -1)
            (void)close(fresh);
        (void)poll(NULL, 0, PAUSE_MS);
    }
}

/* --- results ---------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(struct series *series)
{
    static const int64_t none = 0;
    const int64_t *values = series->count == 0 ? &none : series->values;
    size_t last = series->count == 0 ? 0 : series->count - 1;

    if (series->count > 0)
        qsort(series->values, series->count, sizeof(*series->values), by_value);
    printf(" %" PRId64 " %" PRId64 " %" PRId64, values[last / 2], values[last * 99 / 100],
           values[last]);
    free(series->values);
}

static void read_address(struct client *client, const char *text)
{
    struct slice address = slice_text(text);
    size_t colon = slice_find(address, ':');
    char *host = slice_copy(slice_head(address, colon));
    uint64_t port = 0;

    client->name.sin_family = AF_INET;
    if (inet_pton(AF_INET, host, &client->name.sin_addr) != 1 ||
        !slice_to_u64(slice_skip(address, colon + 1), &port) || port > 65535)
        fail("the address is not IPV4:PORT");
    client->name.sin_port = htons((uint16_t)port);
    free(host);
}

static void run(struct client *client, char *argv[])
{
    uint64_t seconds = 0;

    read_address(client, argv[0]);
    if (!slice_to_u64(slice_text(argv[2]), &seconds) || seconds > 86400)
        fail("not a number of seconds");
    post_for(client, (int64_t)seconds * 1000);
    printf("%u %u", client->requests, client->failures);
    print(&client->on_kept);
    print(&client->on_fresh);
    printf("\n");
    if (client->kept != -1)
        (void)close(client->kept);
}

int main(int argc, char *argv[])
{
    struct client client = {.kept = -1};
    bool target = argc == 4 && strcmp(argv[1], "target") == 0;
    struct error error;

    if (!target && (argc != 5 || strcmp(argv[1], "post") != 0)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (!signature_keys_parse(&client.keys, slice_text(argv[target ? 2 : 3]), &error))
        fail(error.text);
    if (target) {
        struct buffer text = BUFFER(ANSWER_MAX);
        add_target(&text, &client.keys, argv[3]);
        puts(buffer_text(&text));
        buffer_clear(&text);
    } else {
        run(&client, argv + 2);
    }
    signature_keys_clear(&client.keys);
    return client.failures == 0 ? 0 : 1;
}
