#include "fault/board.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Runs differ by a few commands, by their timing: a series is over when so many of its numbers were
 * not reached. */
enum { UNREACHED_ENOUGH = 3, BROKEN_ENOUGH = 10 };

struct series {
    bool wanted;
    atomic_uint next, last; /* number to be tried, the highest that was reached */
    atomic_uint held, broken, unreached;
};

struct board {
    unsigned only; /* number; 0: all */
    atomic_uint broken;
    struct series series[FAULT_VICTIMS][FAULT_MODES];
};

struct board *board_new(const struct fault_filter *filter)
{
    struct board *board =
        mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (board == MAP_FAILED) {
        (void)fprintf(stderr, "board: mmap: %s\n", strerror(errno));
        abort();
    }
    board->only = filter->at;
    for (int victim = 0; victim < FAULT_VICTIMS; victim++)
        for (int mode = 0; mode < FAULT_MODES; mode++) {
            struct series *series = &board->series[victim][mode];
            series->wanted = filter->victims[victim] && filter->modes[mode];
            series->next = filter->at > 0 ? filter->at : 1;
        }
    return board;
}

void board_free(struct board *board)
{
    (void)munmap(board, sizeof(*board));
}

static bool take(struct board *board, struct series *series, unsigned *at)
{
    if (!series->wanted || series->unreached >= UNREACHED_ENOUGH)
        return false;
    *at = atomic_fetch_add(&series->next, 1);
    return board->only == 0 || *at == board->only;
}

bool board_take(struct board *board, struct fault *fault)
{
    if (board->broken >= BROKEN_ENOUGH)
        return false;
    for (int victim = 0; victim < FAULT_VICTIMS; victim++)
        for (int mode = 0; mode < FAULT_MODES; mode++) {
            *fault = (struct fault){(enum fault_victim)victim, (enum fault_mode)mode, 0};
            if (take(board, &board->series[victim][mode], &fault->at))
                return true;
        }
    return false;
}

static void raise_to(atomic_uint *highest, unsigned value)
{
    unsigned before = *highest;

    while (before < value && !atomic_compare_exchange_weak(highest, &before, value))
        ;
}

void board_put(struct board *board, const struct fault *fault, enum board_result result)
{
    struct series *series = &board->series[fault->victim][fault->mode];

    if (result == BOARD_BROKEN) {
        series->broken++;
        board->broken++;
    } else if (result == BOARD_HELD) {
        series->held++;
        raise_to(&series->last, fault->at);
    } else {
        series->unreached++;
    }
}

static bool print_series(const struct board *board, const struct series *series, const char *name)
{
    unsigned first = board->only > 0 ? board->only : 1;
    bool over = board->only > 0 || series->unreached >= UNREACHED_ENOUGH;
    bool good = series->broken == 0 && series->held > 0 && over;

    printf("%-20s %u..%u %s: %u held, %u broken, %u not reached\n", name, first, series->last,
           good ? "ok" : "NOT OK", series->held, series->broken, series->unreached);
    return good;
}

bool board_print(const struct board *board)
{
    char name[FAULT_NAME_SIZE];
    bool good = true;

    for (int victim = 0; victim < FAULT_VICTIMS; victim++)
        for (int mode = 0; mode < FAULT_MODES; mode++) {
            const struct series *series = &board->series[victim][mode];
            (void)snprintf(name, sizeof(name), "%s %s",
                           fault_victim_name((enum fault_victim)victim),
                           fault_mode_name((enum fault_mode)mode));
            if (series->wanted)
                good = print_series(board, series, name) && good;
        }
    return good;
}
