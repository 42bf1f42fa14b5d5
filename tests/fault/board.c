#include "fault/board.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Runs differ by a few commands, by their timing: a series is over when so many of its numbers were
 * not reached. */
enum {
    UNREACHED_ENOUGH = 3,
    BROKEN_ENOUGH = 10,
    SERIES = FAULT_VICTIMS * FAULT_MODES * FAULT_KINDS
};

struct series {
    bool wanted;
    atomic_uint next, last; /* number to be tried, the highest that was reached */
    atomic_uint held, broken, unreached;
};

struct board {
    unsigned only; /* number; 0: all */
    atomic_uint broken;
    struct series series[SERIES];
};

/* The fault with number 0 of a series, and the other way round. */
static struct fault fault_of(unsigned series)
{
    return (struct fault){.victim = series / FAULT_KINDS / FAULT_MODES,
                          .mode = series / FAULT_KINDS % FAULT_MODES,
                          .kind = series % FAULT_KINDS};
}

static struct series *series_of(struct board *board, const struct fault *fault)
{
    return &board->series[(fault->victim * FAULT_MODES + fault->mode) * FAULT_KINDS + fault->kind];
}

/* The webhook's few commands are all of a kind, and it has nothing to come back with. */
static bool is_wanted(const struct fault_filter *filter, const struct fault *fault)
{
    return filter->victims[fault->victim] && filter->modes[fault->mode] &&
           filter->kinds[fault->kind] &&
           (fault->victim == FAULT_WORKER || (fault->kind == 0 && !fault_is_away(fault)));
}

struct board *board_new(const struct fault_filter *filter)
{
    struct board *board =
        /* cppcheck-suppress invalidFunctionArg ; -1 goes with MAP_ANONYMOUS */
        mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (board == MAP_FAILED) {
        (void)fprintf(stderr, "board: mmap: %s\n", strerror(errno));
        abort();
    }
    board->only = filter->at;
    for (unsigned i = 0; i < SERIES; i++) {
        struct fault fault = fault_of(i);
        board->series[i].wanted = is_wanted(filter, &fault);
        board->series[i].next = filter->at > 0 ? filter->at : 1;
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
    for (unsigned i = 0; board->broken < BROKEN_ENOUGH && i < SERIES; i++) {
        *fault = fault_of(i);
        if (take(board, &board->series[i], &fault->at))
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
    struct series *series = series_of(board, fault);

    if (result == BOARD_UNREACHED) {
        series->unreached++;
        return;
    }
    raise_to(&series->last, fault->at);
    if (result == BOARD_HELD) {
        series->held++;
    } else {
        series->broken++;
        board->broken++;
    }
}

static bool is_good(const struct board *board, const struct series *series)
{
    bool over = board->only > 0 || series->unreached >= UNREACHED_ENOUGH;

    return series->broken == 0 && series->held > 0 && over;
}

/* "worker:cut-before 1..139 ok (136 held, ...)", or "finish 1..6 ok". */
static void print_series(const struct board *board, const struct series *series,
                         const struct fault *fault)
{
    char name[FAULT_NAME_SIZE];
    bool good = is_good(board, series);
    unsigned first = board->only > 0 ? board->only : 1;

    fault_name(fault, name);
    printf("%s %u..%u %s", fault->kind > 0 ? fault_kind_name(fault->kind) : name, first,
           series->last, good ? "ok" : "NOT OK");
    if (fault->kind == 0 || !good)
        printf(" (%u held, %u broken, %u not reached)", series->held, series->broken,
               series->unreached);
}

bool board_print(const struct board *board)
{
    const char *before = "";
    bool good = true;

    for (unsigned i = 0; i < SERIES; i++) {
        const struct series *series = &board->series[i];
        struct fault fault = fault_of(i);
        if (!series->wanted)
            continue;
        good = is_good(board, series) && good;
        printf("%s", fault.kind == 0 ? before : "  ");
        print_series(board, series, &fault);
        before = "\n";
    }
    printf("\n");
    return good;
}
