#include "net/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"

/* A manager that is busy has a full queue: what counts is then said again. */
enum { RETRY_MS = 100, WARN_INTERVAL_MS = 60000 };

static const char ready_text[] = "READY=1\nSTATUS=connected to Redis";
static const char ready_alone_text[] = "READY=1\nSTATUS=Redis is away";
static const char up_text[] = "STATUS=connected to Redis";
static const char down_text[] = "STATUS=Redis is away";
static const char stopping_text[] = "STOPPING=1\nSTATUS=draining";

struct notify {
    int fd;           /* -1: nobody asks */
    const char *owed; /* not sent yet; NULL: nothing */
    bool ready, stopping;
    int64_t beat_ms; /* 0: the loop is not watched */
    int64_t warn_after_ms;
    struct loop_timer patience, retry, beat;
};

/* --- sending ---------------------------------------------------------------------------------- */

/* False when it is worth another try. */
static bool send_text(struct notify *notify, const char *text)
{
    if (notify->fd == -1 || send(notify->fd, text, strlen(text), MSG_NOSIGNAL) != -1)
        return true;
    int why = errno;
    if (log_is_due(&notify->warn_after_ms, WARN_INTERVAL_MS))
        log_warn("notify-failed", "reason=%s", log_quote_text(strerror(why)));
    return why != EAGAIN && why != ENOBUFS && why != EINTR;
}

static void on_retry(void *arg)
{
    struct notify *notify = arg;

    if (notify->owed != NULL && send_text(notify, notify->owed))
        notify->owed = NULL;
    if (notify->owed != NULL)
        loop_timer_start(&notify->retry, RETRY_MS);
}

static void say(struct notify *notify, const char *text)
{
    notify->owed = text;
    on_retry(notify);
}

static void on_beat(void *arg)
{
    struct notify *notify = arg;

    (void)send_text(notify, "WATCHDOG=1");
    loop_timer_start(&notify->beat, notify->beat_ms);
}

/* --- states ----------------------------------------------------------------------------------- */

/* A readiness that is still owed is said again with the new status. */
static void say_status(struct notify *notify, bool up)
{
    bool first = !notify->ready || notify->owed == ready_text || notify->owed == ready_alone_text;

    if (notify->stopping)
        return;
    notify->ready = true;
    loop_timer_stop(&notify->patience);
    if (first)
        say(notify, up ? ready_text : ready_alone_text);
    else
        say(notify, up ? up_text : down_text);
}

static void on_patience_over(void *arg)
{
    say_status(arg, false);
}

void notify_up(struct notify *notify)
{
    say_status(notify, true);
}

void notify_down(struct notify *notify)
{
    if (notify->ready)
        say_status(notify, false);
}

void notify_stopping(struct notify *notify)
{
    notify->stopping = true;
    loop_timer_stop(&notify->patience);
    say(notify, stopping_text);
}

/* --- life ------------------------------------------------------------------------------------- */

/* An abstract name stands behind a NUL byte, and is not ended by one. */
static bool name_socket(const char *text, struct sockaddr_un *name, socklen_t *length)
{
    size_t size = strlen(text);

    if ((text[0] != '/' && text[0] != '@') || size >= sizeof(name->sun_path))
        return false;
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(name->sun_path, text, size);
    if (text[0] == '@')
        name->sun_path[0] = '\0';
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return true;
}

static int open_socket(const char *text)
{
    struct sockaddr_un name;
    socklen_t length = 0;
    int fd = -1;

    errno = EINVAL;
    if (name_socket(text, &name, &length))
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd != -1 && connect(fd, (const struct sockaddr *)&name, length) == 0)
        return fd;
    log_warn("notify-failed", "socket=%s reason=%s", log_quote_text(text),
             log_quote_text(strerror(errno)));
    if (fd != -1)
        (void)close(fd);
    return -1;
}

/* Half the time of the watchdog; 0 where it is not for this process. */
static int64_t beat_interval_ms(void)
{
    const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t us = 0, own = (uint64_t)getpid(), watched = own;

    if (time == NULL || !slice_to_u64(slice_text(time), &us) || us == 0 || us > INT64_MAX)
        return 0;
    if (pid != NULL && (!slice_to_u64(slice_text(pid), &watched) || watched != own))
        return 0;
    return us < 2000 ? 1 : (int64_t)(us / 2000);
}

struct notify *notify_new(struct loop *loop)
{
    struct notify *notify = xcalloc(1, sizeof(*notify));
    const char *text = getenv("NOTIFY_SOCKET");

    notify->fd = text == NULL || text[0] == '\0' ? -1 : open_socket(text);
    loop_timer_init(&notify->patience, loop, on_patience_over, notify);
    loop_timer_init(&notify->retry, loop, on_retry, notify);
    loop_timer_init(&notify->beat, loop, on_beat, notify);
    if (notify->fd == -1)
        return notify;
    loop_timer_start(&notify->patience, NOTIFY_PATIENCE_MS);
    notify->beat_ms = beat_interval_ms();
    if (notify->beat_ms > 0)
        loop_timer_start(&notify->beat, 0);
    return notify;
}

void notify_free(struct notify *notify)
{
    if (notify == NULL)
        return;
    loop_timer_clear(&notify->patience);
    loop_timer_clear(&notify->retry);
    loop_timer_clear(&notify->beat);
    if (notify->fd != -1)
        (void)close(notify->fd);
    free(notify);
}
