/* torture - the scenario, over and over, with a fault at every Redis command of the worker and of
 * the webhook; see fault.h and run.h. `--help` says how it is called. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/slice.h"
#include "fault/board.h"
#include "fault/command.h"
#include "fault/run.h"

enum { LANES = 24, MAX_LANES = 64 };

struct arguments {
    struct fault_filter filter;
    unsigned lanes;
    bool verbose;
};

static const char usage[] =
    "usage: torture [--only FAULT] [--lanes N] [--verbose]\n"
    "Runs the scenario with every fault, several runs at a time (24 lanes).\n"
    "FAULT is WHO:HOW:N or WHO:HOW:NAME:N, or the start of it: worker or webhook; cut-before,\n"
    "cut-after, kill-before, kill-after, away-before or away-after (worker only); the number of\n"
    "the Redis command, from 1, among all of them or among those of one name (a script, BLMOVE,\n"
    "ZREM).\n";

static void fail_usage(const char *word)
{
    (void)fprintf(stderr, "torture: '%s' is not understood\n%s", word, usage);
    exit(2);
}

static bool parse_lanes(struct arguments *arguments, const char *text)
{
    uint64_t lanes = 0;

    if (!slice_to_u64(slice_text(text), &lanes) || lanes == 0 || lanes > MAX_LANES)
        return false;
    arguments->lanes = (unsigned)lanes;
    return true;
}

static void parse(struct arguments *arguments, char **words)
{
    *arguments = (struct arguments){.lanes = LANES};
    (void)fault_filter_parse(&arguments->filter, NULL);
    for (; *words != NULL; words++) {
        bool good = true;
        if (strcmp(*words, "--help") == 0) {
            (void)fputs(usage, stdout);
            exit(0);
        } else if (strcmp(*words, "--verbose") == 0) {
            arguments->verbose = true;
        } else if (strcmp(*words, "--only") == 0 && words[1] != NULL) {
            good = fault_filter_parse(&arguments->filter, *++words);
        } else if (strcmp(*words, "--lanes") == 0 && words[1] != NULL) {
            good = parse_lanes(arguments, *++words);
        } else {
            good = false;
        }
        if (!good)
            fail_usage(*words);
    }
}

/* A lane ends with the program, and what it has started ends with the lane. */
static void run_lane(struct board *board, const struct arguments *arguments, unsigned number)
{
    struct lane lane;
    struct fault fault;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    command_init();
    lane_open(&lane, number);
    while (board_take(board, &fault))
        board_put(board, &fault, run_fault(&lane, &fault, arguments->verbose));
    lane_close(&lane);
}

static void start_lane(struct board *board, const struct arguments *arguments, unsigned number)
{
    pid_t pid = fork();

    if (pid == -1) {
        perror("torture: fork");
        exit(1);
    }
    if (pid == 0) {
        run_lane(board, arguments, number);
        exit(0);
    }
}

/* True when all lanes came to their end. */
static bool await_lanes(void)
{
    bool good = true;
    int status;

    while (wait(&status) != -1)
        good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!good)
        (void)fputs("torture: a lane has crashed\n", stderr);
    return good;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    int64_t started_ms = clock_monotonic_ms();

    (void)argc;
    parse(&arguments, argv + 1);
    if (arguments.filter.at > 0)
        arguments.lanes = 1;
    struct board *board = board_new(&arguments.filter);
    for (unsigned i = 1; i <= arguments.lanes; i++)
        start_lane(board, &arguments, i);
    bool good = await_lanes();
    good = board_print(board) && good;
    printf("%lld s\n", (long long)((clock_monotonic_ms() - started_ms) / 1000));
    board_free(board);
    return good ? 0 : 1;
}
