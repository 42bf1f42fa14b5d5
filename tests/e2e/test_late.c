/* A worker that comes to its call only when its lease has ended. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "e2e/pipeline_sandbox.h"

enum { LEASE_MS = 500, LOOK_AGAIN_MS = 5, SEATS = 1, MAX_REQUEST = 4096 };

static struct pipeline pipeline;

/* An API at whose door one waits: its queue of connections is full until doors_open(). */
struct door {
    int listener;
    int waiting[SEATS];
    struct sockaddr_in name;
};

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_neq(fd, -1);
    return fd;
}

static void door_close(struct door *door)
{
    socklen_t length = sizeof(door->name);

    door->name =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    door->listener = new_socket();
    cr_assert_eq(bind(door->listener, (struct sockaddr *)&door->name, length), 0);
    cr_assert_eq(getsockname(door->listener, (struct sockaddr *)&door->name, &length), 0);
    cr_assert_eq(listen(door->listener, 0), 0);
    for (int i = 0; i < SEATS; i++) {
        door->waiting[i] = new_socket();
        cr_assert_eq(connect(door->waiting[i], (struct sockaddr *)&door->name, length), 0);
    }
}

static void door_open(struct door *door)
{
    for (int i = 0; i < SEATS; i++) {
        int fd = accept(door->listener, NULL, NULL);
        cr_assert_neq(fd, -1);
        (void)close(fd);
        (void)close(door->waiting[i]);
    }
}

/* Refuses the first request that comes; the connection that came too late brings none. */
static void door_answer(struct door *door)
{
    static const char reply[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 49\r\n\r\n"
                                "{\"success\":false,\"message\":\"Invalid media type\"}\n";
    char request[MAX_REQUEST];
    int fd = accept(door->listener, NULL, NULL);

    while (recv(fd, request, sizeof(request), 0) <= 0) {
        (void)close(fd);
        fd = accept(door->listener, NULL, NULL);
    }
    cr_assert_eq(send(fd, reply, strlen(reply), MSG_NOSIGNAL), (ssize_t)strlen(reply));
    (void)close(fd);
    (void)close(door->listener);
}

static void await_running(const char *id)
{
    char *state = pipeline_record(&pipeline, id, "state");

    while (strcmp(state, "running") != 0) {
        free(state);
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
        state = pipeline_record(&pipeline, id, "state");
    }
    free(state);
}

/* Nothing was sent: no attempt is used up, and the API is not to blame. */
Test(late, a_call_that_comes_too_late_costs_nothing)
{
    struct door door;

    door_close(&door);
    char *api = xasprintf("VIDEO_DB_BASE_URL=http://127.0.0.1:%u", ntohs(door.name.sin_port));
    pipeline_start(&pipeline, &(struct pipeline_options){.worker = LIST(api, "REELQ_LEASE=500ms",
                                                                        "REELQ_BREAKER=1",
                                                                        "REELQ_CONCURRENCY=1")});
    pipeline_submit(&pipeline, "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\",\"max_attempts\":1}");
    await_running("t");
    (void)poll(NULL, 0, LEASE_MS + LEASE_MS / 2); /* the lease ends by time alone */
    door_open(&door);
    (void)pipeline_await(&pipeline, "handed_back", "t");
    door_answer(&door);
    const char *failed = pipeline_await(&pipeline, "failed", "t");
    pipeline_has("failed", failed, "\"error\":\"Invalid media type\"");
    pipeline_has("failed", failed, "\"attempts\":1");
    cr_expect_eq(witness_events(pipeline.witness, "retry", "t"), 0);
    cr_expect_null(strstr(process_log(pipeline.workers[0]), "api-down"), "the breaker is open");
    free(api);
    pipeline_stop(&pipeline);
}
