/* loop - a thin layer over one libevent base.
 * The base takes no locks (one thread), and only epoll is good enough: with select() the ten
 * thousandth connection would corrupt memory. */
#include "net/loop.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"

enum { TERMINATE_SIGNALS = 2 };

static const int terminate_signals[TERMINATE_SIGNALS] = {SIGTERM, SIGINT};

struct loop {
    struct event_base *base;
    struct event *signals[TERMINATE_SIGNALS];
    loop_fn on_terminate;
    void *terminate_arg;
    bool terminating;
};

static struct event_base *new_base(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base;

    if (config == NULL) {
        return NULL;
    }
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_avoid_method(config, "select");
    event_config_avoid_method(config, "poll");
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof(*loop));

    log_attach_libevent();
    (void)signal(SIGPIPE, SIG_IGN);
    loop->base = new_base();
    if (loop->base == NULL) {
        log_die("cannot make an event loop: this system offers no epoll");
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    for (int i = 0; i < TERMINATE_SIGNALS; i++) {
        if (loop->signals[i] != NULL) {
            event_free(loop->signals[i]);
        }
    }
    event_base_free(loop->base);
    free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

void loop_run(struct loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct loop *loop = arg;

    (void)number;
    (void)what;
    if (loop->terminating) {
        _exit(EXIT_FAILURE);
    }
    loop->terminating = true;
    loop->on_terminate(loop->terminate_arg);
}

void loop_on_terminate(struct loop *loop, loop_fn fn, void *arg)
{
    assert(loop->on_terminate == NULL);
    loop->on_terminate = fn;
    loop->terminate_arg = arg;
    for (int i = 0; i < TERMINATE_SIGNALS; i++) {
        loop->signals[i] = evsignal_new(loop->base, terminate_signals[i], on_signal, loop);
        if (loop->signals[i] == NULL || event_add(loop->signals[i], NULL) == -1) {
            log_die("cannot watch signal %d", terminate_signals[i]);
        }
    }
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    const struct loop_timer *timer = arg;

    (void)fd;
    (void)what;
    timer->fn(timer->arg); /* may free the timer's owner */
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_fn fn, void *arg)
{
    timer->fn = fn;
    timer->arg = arg;
    timer->event = evtimer_new(loop->base, on_timeout, timer);
    assert(timer->event != NULL);
}

void loop_timer_start(struct loop_timer *timer, int64_t ms)
{
    struct timeval delay = {0, 0};

    if (ms > 0) {
        delay.tv_sec = (time_t)(ms / 1000);
        delay.tv_usec = (suseconds_t)(ms % 1000 * 1000);
    }
    event_add(timer->event, &delay);
}

void loop_timer_stop(struct loop_timer *timer)
{
    event_del(timer->event);
}

bool loop_timer_pending(const struct loop_timer *timer)
{
    return timer->event != NULL && event_pending(timer->event, EV_TIMEOUT, NULL) != 0;
}

void loop_timer_clear(struct loop_timer *timer)
{
    if (timer->event != NULL) {
        event_free(timer->event);
        timer->event = NULL;
    }
}
