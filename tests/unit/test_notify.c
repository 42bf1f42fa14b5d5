#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "net/notify.h"
#include "support/temp_dir.h"
#include "support/wait.h"

enum { PATIENCE_MS = 10000 };

/* What systemd is to the process. */
struct manager {
    struct loop *loop;
    struct notify *notify;
    int fd;
    char last[128]; /* message */
    unsigned count;
};

static struct manager manager;

static bool has_come(void *arg)
{
    struct manager *m = arg;
    ssize_t length = recv(m->fd, m->last, sizeof(m->last) - 1, MSG_DONTWAIT);

    if (length == -1)
        return false;
    m->last[length] = '\0';
    m->count++;
    return true;
}

static void expect(const char *text)
{
    cr_assert(wait_until(manager.loop, has_come, &manager, PATIENCE_MS), "%s", text);
    cr_expect_str_eq(manager.last, text);
}

/* Binds like a server: `text` is what NOTIFY_SOCKET says. */
static void listen_at(const char *text)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(text);

    memcpy(name.sun_path, text, length);
    if (text[0] == '@')
        name.sun_path[0] = '\0';
    manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    length += offsetof(struct sockaddr_un, sun_path);
    cr_assert_eq(bind(manager.fd, (struct sockaddr *)&name, (socklen_t)length), 0, "%s", text);
    cr_assert_eq(setenv("NOTIFY_SOCKET", text, 1), 0);
}

static void begin(void)
{
    manager.loop = loop_new();
    manager.notify = notify_new(manager.loop);
}

static void end(void)
{
    notify_free(manager.notify);
    loop_free(manager.loop);
    (void)close(manager.fd);
}

static void listen_anywhere(void)
{
    char *name = xasprintf("@reelq-test-notify-%ld", (long)getpid());

    listen_at(name);
    free(name);
}

static void set(const char *name, const char *value)
{
    cr_assert_eq(setenv(name, value, 1), 0);
}

static void tell_the_story(void)
{
    begin();
    cr_expect(!has_come(&manager), "nothing before the loop turns");
    notify_up(manager.notify);
    expect("READY=1\nSTATUS=connected to Redis");
    notify_down(manager.notify);
    expect("STATUS=Redis is away");
    notify_up(manager.notify);
    expect("STATUS=connected to Redis");
    notify_stopping(manager.notify);
    expect("STOPPING=1\nSTATUS=draining");
    notify_down(manager.notify);
    notify_up(manager.notify);
    cr_expect(!has_come(&manager), "the end has the last word");
    end();
}

Test(notify, speaks_to_a_path)
{
    char *directory = temp_dir_make("notify");
    char *path = xasprintf("%s/socket", directory);

    listen_at(path);
    tell_the_story();
    free(path);
    temp_dir_remove(directory);
}

Test(notify, speaks_to_an_abstract_name)
{
    listen_anywhere();
    tell_the_story();
}

/* Redis stays away: said as it is, and in time; when it goes before it was ever there, no sooner.
 */
Test(notify, does_not_wait_for_redis_for_ever)
{
    listen_anywhere();
    begin();
    int64_t start_ms = clock_monotonic_ms();
    notify_down(manager.notify);
    expect("READY=1\nSTATUS=Redis is away");
    cr_expect_geq(clock_monotonic_ms() - start_ms, NOTIFY_PATIENCE_MS - 10);
    notify_up(manager.notify);
    expect("STATUS=connected to Redis");
    end();
}

Test(notify, ends_before_it_was_ready)
{
    listen_anywhere();
    begin();
    notify_stopping(manager.notify);
    expect("STOPPING=1\nSTATUS=draining");
    wait_ms(manager.loop, NOTIFY_PATIENCE_MS + 100);
    cr_expect(!has_come(&manager), "%s", manager.last);
    end();
}

/* A queue that is full takes no more. */
static void fill(void)
{
    struct sockaddr_un name;
    socklen_t length = sizeof(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    cr_assert_eq(getsockname(manager.fd, (struct sockaddr *)&name, &length), 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&name, length), 0);
    while (send(fd, "x", 1, 0) == 1)
        continue;
    cr_assert_eq(errno, EAGAIN);
    (void)close(fd);
}

Test(notify, says_again_what_found_no_room)
{
    listen_anywhere();
    begin();
    fill();
    notify_up(manager.notify);
    notify_down(manager.notify);
    do {
        cr_assert(wait_until(manager.loop, has_come, &manager, PATIENCE_MS));
    } while (strcmp(manager.last, "x") == 0);
    cr_expect_str_eq(manager.last, "READY=1\nSTATUS=Redis is away");
    end();
}

/* --- watchdog --------------------------------------------------------------------------------- */

Test(notify, feeds_the_watchdog)
{
    char *pid = xasprintf("%ld", (long)getpid());

    listen_anywhere();
    set("WATCHDOG_USEC", "200000");
    set("WATCHDOG_PID", pid);
    begin();
    expect("WATCHDOG=1");
    int64_t start_ms = clock_monotonic_ms();
    for (int i = 0; i < 3; i++)
        expect("WATCHDOG=1");
    cr_expect_geq(clock_monotonic_ms() - start_ms, 290);
    cr_expect_lt(clock_monotonic_ms() - start_ms, 600);
    notify_stopping(manager.notify);
    expect("STOPPING=1\nSTATUS=draining");
    expect("WATCHDOG=1");
    end();
    free(pid);
}

Test(notify, leaves_the_watchdog_of_others)
{
    static const char *const cases[][2] = {
        {"20000", "1"}, {"20000", "me"}, {"0", NULL}, {"soon", NULL}, {NULL, NULL}};

    listen_anywhere();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)unsetenv("WATCHDOG_USEC");
        (void)unsetenv("WATCHDOG_PID");
        if (cases[i][0] != NULL)
            set("WATCHDOG_USEC", cases[i][0]);
        if (cases[i][1] != NULL)
            set("WATCHDOG_PID", cases[i][1]);
        begin();
        wait_ms(manager.loop, 50);
        cr_expect(!has_come(&manager), "case %zu: %s", i, manager.last);
        notify_free(manager.notify);
        loop_free(manager.loop);
    }
    (void)close(manager.fd);
}

/* --- nobody ----------------------------------------------------------------------------------- */

Test(notify, bears_that_nobody_listens)
{
    static const char *const names[] = {
        NULL,
        "",
        "relative",
        "@reelq-test-nobody",
        "/nowhere/at/all",
        ("/0123456789012345678901234567890123456789012345678901234567890"
         "12345678901234567890123456789012345678901234567890")};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unsetenv("NOTIFY_SOCKET");
        if (names[i] != NULL)
            set("NOTIFY_SOCKET", names[i]);
        set("WATCHDOG_USEC", "2000");
        manager.loop = loop_new();
        manager.notify = notify_new(manager.loop);
        notify_up(manager.notify);
        wait_ms(manager.loop, 20);
        notify_stopping(manager.notify);
        notify_free(manager.notify);
        loop_free(manager.loop);
    }
}

/* A manager that goes: the process goes on. */
Test(notify, bears_that_the_listener_goes)
{
    listen_anywhere();
    begin();
    notify_up(manager.notify);
    expect("READY=1\nSTATUS=connected to Redis");
    (void)close(manager.fd);
    notify_down(manager.notify);
    wait_ms(manager.loop, 250);
    notify_free(manager.notify);
    loop_free(manager.loop);
}
