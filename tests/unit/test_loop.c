#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"
#include "support/wait.h"

struct trace {
    struct loop *loop;
    struct loop_timer timers[3];
    char order[8];
    unsigned count;
};

static void note(struct trace *trace, char mark)
{
    trace->order[trace->count++] = mark;
}

static void on_first(void *arg)
{
    note(arg, '1');
}

static void on_second(void *arg)
{
    note(arg, '2');
}

static void on_last(void *arg)
{
    struct trace *trace = arg;

    note(trace, '3');
    loop_stop(trace->loop);
}

Test(loop, runs_timers_once_and_in_time)
{
    struct trace trace = {.loop = loop_new()};
    int64_t start = clock_monotonic_ms();

    loop_timer_init(&trace.timers[0], trace.loop, on_first, &trace);
    loop_timer_init(&trace.timers[1], trace.loop, on_second, &trace);
    loop_timer_init(&trace.timers[2], trace.loop, on_last, &trace);
    loop_timer_start(&trace.timers[2], 60);
    loop_timer_start(&trace.timers[1], 30);
    loop_timer_start(&trace.timers[0], -5);
    cr_expect_eq(trace.count, 0, "nothing runs inside the call");
    cr_expect(loop_timer_pending(&trace.timers[1]));
    loop_run(trace.loop);
    cr_expect_str_eq(trace.order, "123");
    cr_expect_geq(clock_monotonic_ms() - start, 50);
    cr_expect(!loop_timer_pending(&trace.timers[1]), "one-shot");

    loop_timer_start(&trace.timers[0], 10);
    loop_timer_stop(&trace.timers[0]);
    loop_timer_start(&trace.timers[1], 1);
    loop_timer_start(&trace.timers[1], 5000);
    loop_timer_start(&trace.timers[2], 30);
    loop_run(trace.loop);
    cr_expect_str_eq(trace.order, "1233", "stopped and moved timers do not run");
    for (int i = 0; i < 3; i++) {
        loop_timer_clear(&trace.timers[i]);
        loop_timer_clear(&trace.timers[i]);
    }
    loop_free(trace.loop);
    loop_free(NULL);
}

static void on_self_clear(void *arg)
{
    struct trace *trace = arg;

    loop_timer_clear(&trace->timers[0]);
    note(trace, 'c');
}

Test(loop, timers_may_go_inside_their_callback)
{
    struct trace trace = {.loop = loop_new()};
    struct loop_timer zeroed = {0};

    loop_timer_clear(&zeroed);
    cr_expect(!loop_timer_pending(&zeroed));
    loop_timer_init(&trace.timers[0], trace.loop, on_self_clear, &trace);
    loop_timer_start(&trace.timers[0], 0);
    cr_expect(wait_for_count(trace.loop, &trace.count, 1, 2000));
    loop_free(trace.loop);
}

static void on_terminate(void *arg)
{
    unsigned *count = arg;

    (*count)++;
}

Test(loop, the_first_signal_is_a_request)
{
    static const int numbers[] = {SIGTERM, SIGINT};

    for (size_t i = 0; i < 2; i++) {
        struct loop *loop = loop_new();
        unsigned count = 0;
        loop_on_terminate(loop, on_terminate, &count);
        kill(getpid(), numbers[i]);
        cr_expect(wait_for_count(loop, &count, 1, 2000), "signal %d", numbers[i]);
        loop_free(loop);
    }
}

static void on_terminate_again(void *arg)
{
    (void)arg;
    kill(getpid(), SIGINT);
}

Test(loop, the_second_signal_ends_the_process)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct loop *loop = loop_new();
        loop_on_terminate(loop, on_terminate_again, NULL);
        kill(getpid(), SIGTERM);
        loop_run(loop);
        _exit(7);
    }
    waitpid(child, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 1, "status %x", (unsigned)status);
}

Test(loop, a_closed_pipe_is_an_error_not_a_death)
{
    struct loop *loop = loop_new();
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    close(ends[0]);
    cr_expect_eq(write(ends[1], "x", 1), -1);
    close(ends[1]);
    loop_free(loop);
}
