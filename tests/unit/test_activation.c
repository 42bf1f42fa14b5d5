/* Sockets from a service manager, and a listener on one. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "net/activation.h"
#include "net/listen_address.h"
#include "support/http_bench.h"
#include "support/temp_dir.h"
#include "support/wait.h"

enum { HANDED_FD = 3 };

static void set(const char *name, const char *value)
{
    if (value == NULL)
        cr_assert_eq(unsetenv(name), 0);
    else
        cr_assert_eq(setenv(name, value, 1), 0);
}

/* As the manager does it, between fork and exec. */
static void announce(const char *count)
{
    char *pid = xasprintf("%ld", (long)getpid());

    set("LISTEN_FDS", count);
    set("LISTEN_PID", pid);
    free(pid);
}

static void hand_over(int fd, const char *count)
{
    cr_assert_geq(fd, 0);
    cr_assert_eq(dup2(fd, HANDED_FD), HANDED_FD);
    announce(count);
}

/* In a process of its own: the descriptor is in use here. */
static void expect_in_child(bool (*fn)(void), const char *what)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(fn() ? 0 : 1);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0, "%s", what);
}

static int listener(const char *text)
{
    struct listen_address address;
    struct error error = {""};

    cr_assert(listen_address_parse(&address, text, &error), "%s", error.text);
    int fd = listen_address_open(&address, &error);
    listen_address_clear(&address);
    cr_assert_neq(fd, -1, "%s", error.text);
    return fd;
}

static bool takes_a_listener(void)
{
    struct error error = {""};
    int fd = listener("127.0.0.1:0"), taken = 0;

    (void)fcntl(fd, F_SETFL, 0);
    hand_over(fd, "1");
    return activation_socket(&taken, &error) && taken == HANDED_FD &&
           fcntl(HANDED_FD, F_GETFD) == FD_CLOEXEC && (fcntl(HANDED_FD, F_GETFL) & O_NONBLOCK) != 0;
}

Test(activation, takes_what_is_handed_over)
{
    expect_in_child(takes_a_listener, "");
}

Test(activation, leaves_what_is_not_for_it)
{
    static const char *const cases[][2] = {{NULL, NULL}, {"1", NULL},   {"1", "1"},
                                           {"1", "x"},   {NULL, "own"}, {"0", "own"}};
    struct error error = {""};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *own = xasprintf("%ld", (long)getpid());
        bool is_own = cases[i][1] != NULL && strcmp(cases[i][1], "own") == 0;
        int taken = 7;
        set("LISTEN_FDS", cases[i][0]);
        set("LISTEN_PID", is_own ? own : cases[i][1]);
        cr_expect(activation_socket(&taken, &error), "case %zu: %s", i, error.text);
        cr_expect_eq(taken, 0, "case %zu", i);
        free(own);
    }
}

static bool refuses(const char *message)
{
    struct error error = {""};
    int taken = 7;

    return !activation_socket(&taken, &error) && taken == 0 && strcmp(error.text, message) == 0;
}

static bool refuses_datagrams(void)
{
    hand_over(socket(AF_INET, SOCK_DGRAM, 0), "1");
    return refuses("LISTEN_FDS: descriptor 3 is not a listening stream socket");
}

static bool refuses_what_does_not_listen(void)
{
    hand_over(socket(AF_INET, SOCK_STREAM, 0), "1");
    return refuses("LISTEN_FDS: descriptor 3 is not a listening stream socket");
}

static bool refuses_two(void)
{
    hand_over(listener("127.0.0.1:0"), "2");
    return refuses("LISTEN_FDS: one socket is wanted, more were handed over");
}

static bool refuses_no_number(void)
{
    hand_over(listener("127.0.0.1:0"), "one");
    return refuses("LISTEN_FDS: not a number");
}

static bool refuses_nothing(void)
{
    (void)close(HANDED_FD);
    announce("1");
    return refuses("LISTEN_FDS: descriptor 3 is not a listening stream socket");
}

Test(activation, refuses_what_it_cannot_use)
{
    expect_in_child(refuses_datagrams, "datagrams");
    expect_in_child(refuses_what_does_not_listen, "does not listen");
    expect_in_child(refuses_two, "two");
    expect_in_child(refuses_no_number, "no number");
    expect_in_child(refuses_nothing, "nothing");
}

/* --- a listener on it ------------------------------------------------------------------------- */

static void on_idle(void *arg)
{
    struct http_bench *bench = arg;
    bench->idle = true;
}

static void begin(struct http_bench *bench, int kept)
{
    http_bench_init(bench);
    bench->options.listen = "192.0.2.1:1"; // does not count
    bench->options.socket = dup(kept);
    bench->idle = false;
    http_bench_start(bench);
}

static int dial(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    memcpy(name.sun_path, path, strlen(path));
    cr_assert_eq(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0, "%s", path);
    return fd;
}

/* Who connects while one server drains, and none is there, is served by the next. */
Test(activation, a_listener_hands_on_who_waits)
{
    char *directory = temp_dir_make("activation");
    char *path = xasprintf("%s/socket", directory);
    char *address = xasprintf("unix:%s", path);
    int kept = listener(address);
    struct http_bench bench;

    begin(&bench, kept);
    cr_expect_str_eq(http_server_address(bench.server), address);
    int first = dial(path);
    http_bench_wait_open(&bench, 1);
    int second = dial(path);
    http_server_drain(bench.server, on_idle, &bench);
    http_bench_say(first, ECHO("1", "a"));
    http_bench_expect_last(&bench, first, OK_CLOSE("1", "a"));
    cr_expect(wait_for_flag(bench.loop, &bench.idle, 5000), "the second one is not its own");
    http_bench_clear(&bench);
    int third = dial(path);

    begin(&bench, kept);
    http_bench_say(third, ECHO("1", "c"));
    http_bench_expect(&bench, third, OK_BODY("1", "c"));
    http_bench_say(second, ECHO("1", "b"));
    http_bench_expect(&bench, second, OK_BODY("1", "b"));
    http_bench_clear(&bench);
    (void)close(second);
    (void)close(third);
    (void)close(kept);
    free(address);
    free(path);
    temp_dir_remove(directory);
}
