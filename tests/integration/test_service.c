/* The programs under a service manager: what they tell it, and the socket that it keeps for the
 * webhook. The test does what systemd does. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "integration/webhook_site.h"
#include "net/listen_address.h"
#include "support/temp_dir.h"

#define WEBHOOK REELQ_BIN_DIR "/reelq-webhook"
#define WORKER  REELQ_BIN_DIR "/reelq-worker"

enum { PATIENCE_MS = 20000, FIRST_FREE_FD = 10, CLIENTS = 8, RESTARTS = 5, PER_PHASE = 100 };

/* Each test's manager: where it listens to its programs, and what it keeps open for them. */
static struct manager {
    struct redis_server *redis;
    char *directory;
    int notify_fd, listen_fd;
    char *address; /* of the latter */
    char last[128];
} manager;

/* --- set-up ----------------------------------------------------------------------------------- */

static void open_notify(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/notify", manager.directory);
    manager.notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(manager.notify_fd, (struct sockaddr *)&name, sizeof(name)), 0);
}

static void open_listener(const char *text)
{
    struct listen_address address;
    struct error error = {""};

    cr_assert(listen_address_parse(&address, text, &error), "%s", error.text);
    int fd = listen_address_open(&address, &error);
    cr_assert_neq(fd, -1, "%s", error.text);
    manager.listen_fd = fcntl(fd, F_DUPFD, FIRST_FREE_FD);
    manager.address = listen_address_of(fd);
    listen_address_clear(&address);
    (void)close(fd);
}

static void begin(void)
{
    manager = (struct manager){
        .redis = redis_server_start(), .directory = temp_dir_make("service"), .listen_fd = -1};
    open_notify();
}

static void end(void)
{
    redis_server_stop(manager.redis);
    (void)close(manager.notify_fd);
    if (manager.listen_fd != -1)
        (void)close(manager.listen_fd);
    free(manager.address);
    temp_dir_remove(manager.directory);
}

/* The shell is what is left of systemd between fork and exec. */
static struct process *start(const char *program, const char *more)
{
    static const char script[] = "[ \"$SOCKET\" = -1 ] || {\n"
                                 "    eval \"exec 3<&$SOCKET $SOCKET<&-\"\n"
                                 "    export LISTEN_FDS=1 LISTEN_PID=$$\n"
                                 "}\n"
                                 "export WATCHDOG_PID=$$\n"
                                 "exec \"$0\"\n";
    const char *const arguments[] = {"-c", script, program, NULL};
    char *socket_word = xasprintf("SOCKET=%d", manager.listen_fd);
    char *url = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(manager.redis));
    char *notify = xasprintf("NOTIFY_SOCKET=%s/notify", manager.directory);
    const char *const environment[] = {url,
                                       socket_word,
                                       notify,
                                       ("REELQ_CALLBACK_SECRET=" WEBHOOK_SITE_SECRET),
                                       "REELQ_LISTEN=127.0.0.1:0",
                                       "REELQ_ADMIN_LISTEN=off",
                                       "VIDEO_DB_API_KEY=sk-service",
                                       "VIDEO_DB_BASE_URL=http://127.0.0.1:1",
                                       more,
                                       NULL};
    struct process_options options = {
        .program = "/bin/bash", .arguments = arguments, .environment = environment};

    struct process *process = process_start(&options);
    free(notify);
    free(url);
    free(socket_word);
    return process;
}

/* --- what is said ----------------------------------------------------------------------------- */

static bool hear(int64_t ms)
{
    struct pollfd wait = {.fd = manager.notify_fd, .events = POLLIN};

    if (poll(&wait, 1, (int)ms) != 1)
        return false;
    ssize_t length = recv(manager.notify_fd, manager.last, sizeof(manager.last) - 1, 0);
    manager.last[length > 0 ? length : 0] = '\0';
    return true;
}

static void expect(const char *text, struct process *process)
{
    cr_assert(hear(PATIENCE_MS), "%s: %s", text, process_log(process));
    cr_expect_str_eq(manager.last, text);
}

static void stop(struct process *process)
{
    process_signal(process, SIGTERM);
    expect("STOPPING=1\nSTATUS=draining", process);
    cr_expect_eq(process_wait(process), 0, "%s", process_log(process));
    process_free(process);
}

static const char *const programs[] = {WEBHOOK, WORKER};

Test(service, both_tell_how_they_do)
{
    begin();
    for (size_t i = 0; i < 2; i++) {
        struct process *process = start(programs[i], NULL);
        expect("READY=1\nSTATUS=connected to Redis", process);
        redis_server_kill(manager.redis);
        expect("STATUS=Redis is away", process);
        redis_server_restart(manager.redis);
        expect("STATUS=connected to Redis", process);
        stop(process);
    }
    end();
}

Test(service, both_feed_the_watchdog)
{
    begin();
    for (size_t i = 0; i < 2; i++) {
        struct process *process = start(programs[i], "WATCHDOG_USEC=100000");
        unsigned beats = 0;
        while (beats < 3) {
            cr_assert(hear(PATIENCE_MS), "%s", process_log(process));
            beats += strcmp(manager.last, "WATCHDOG=1") == 0;
        }
        process_signal(process, SIGSTOP);
        while (hear(300))
            continue; // what was on its way
        process_signal(process, SIGCONT);
        cr_expect(hear(PATIENCE_MS), "goes on: %s", process_log(process));
        process_free(process);
        while (hear(0))
            continue;
    }
    end();
}

/* A mistake is a start that fails. */
Test(service, a_refused_password_is_never_ready)
{
    begin();
    freeReplyObject(redis_server_command(manager.redis, "CONFIG SET requirepass right"));
    for (size_t i = 0; i < 2; i++) {
        struct process *process = start(programs[i], NULL);
        cr_expect_eq(process_wait(process), 1, "%s", process_log(process));
        cr_expect(!hear(0), "%s", manager.last);
        process_free(process);
    }
    end();
}

/* --- the socket ------------------------------------------------------------------------------- */

/* Ends the test when the connection is refused, reset or not answered. */
static int post(const char *id, struct buffer *answer)
{
    char *target = webhook_site_target(WEBHOOK_SITE_SECRET, "upload", id);
    char *request = webhook_site_request("POST", target, "{\"success\":true}");
    int status = raw_http_call(manager.address, request, answer);

    free(request);
    free(target);
    return status;
}

static atomic_uint answered, failed;
static atomic_bool enough;

static void *call_again_and_again(void *arg)
{
    struct buffer answer = BUFFER(RAW_HTTP_MAX);

    for (unsigned i = 0; !atomic_load(&enough); i++) {
        char *id = xasprintf("c%u-%u", *(const unsigned *)arg, i);
        if (post(id, &answer) == 200)
            atomic_fetch_add(&answered, 1);
        else
            atomic_fetch_add(&failed, 1);
        free(id);
    }
    buffer_clear(&answer);
    return NULL;
}

static void wait_for_more(struct process *process)
{
    unsigned goal = atomic_load(&answered) + PER_PHASE;

    for (int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS; atomic_load(&answered) < goal;) {
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%s", process_log(process));
        (void)poll(NULL, 0, 1);
    }
}

static struct process *restart_under_load(void)
{
    struct process *process = start(WEBHOOK, NULL);

    for (int i = 0; i < RESTARTS; i++) {
        expect("READY=1\nSTATUS=connected to Redis", process);
        wait_for_more(process);
        stop(process);
        process = start(WEBHOOK, NULL);
    }
    expect("READY=1\nSTATUS=connected to Redis", process);
    wait_for_more(process);
    atomic_store(&enough, true);
    cr_expect_str_eq(process_address(process, "public"), manager.address);
    return process;
}

/* Clients whose connections come all the time, and a webhook that goes and comes. */
static void restart_loses_nothing(const char *address)
{
    pthread_t threads[CLIENTS];
    unsigned numbers[CLIENTS];

    begin();
    open_listener(address);
    for (unsigned i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, call_again_and_again, &numbers[i]), 0);
    }
    struct process *process = restart_under_load();
    for (unsigned i = 0; i < CLIENTS; i++)
        (void)pthread_join(threads[i], NULL);
    cr_expect_eq(atomic_load(&failed), 0);
    cr_expect_geq(atomic_load(&answered), (RESTARTS + 1) * PER_PHASE);
    cr_expect_eq(redis_server_integer(manager.redis, "LLEN reelq:callbacks"),
                 (long long)atomic_load(&answered));
    stop(process);
    end();
}

Test(service, a_restart_loses_no_connection)
{
    restart_loses_nothing("127.0.0.1:0");
}

Test(service, a_restart_loses_none_on_a_unix_socket)
{
    char *directory = temp_dir_make("service-socket");
    char *address = xasprintf("unix:%s/socket", directory);

    restart_loses_nothing(address);
    cr_expect_eq(access(address + strlen("unix:"), F_OK), 0, "the socket is the manager's");
    free(address);
    temp_dir_remove(directory);
}

/* The manager starts the webhook when the first one connects. */
Test(service, who_comes_first_waits)
{
    struct buffer answer = BUFFER(RAW_HTTP_MAX);

    begin();
    open_listener("127.0.0.1:0");
    int early = raw_http_send(manager.address, "GET / HTTP/1.0\r\n\r\n");
    struct process *process = start(WEBHOOK, NULL);
    raw_http_receive(early, &answer);
    cr_expect_eq(raw_http_status(&answer), 404);
    expect("READY=1\nSTATUS=connected to Redis", process);
    stop(process);
    buffer_clear(&answer);
    end();
}

Test(service, a_wrong_socket_is_a_start_that_fails)
{
    begin();
    manager.listen_fd = fcntl(manager.notify_fd, F_DUPFD, FIRST_FREE_FD);
    struct process *process = start(WEBHOOK, NULL);
    cr_expect_eq(process_wait(process), 1);
    cr_expect_not_null(strstr(process_log(process), "reelq-webhook: LISTEN_FDS: "), "%s",
                       process_log(process));
    process_free(process);
    end();
}
