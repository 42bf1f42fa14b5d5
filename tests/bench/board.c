#include "bench/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "base/xalloc.h"

enum sense { NONE, APART, AT_MOST, AT_LEAST };

enum { MAX_VERSIONS = 8 };

static const struct {
    const char *name, *unit, *text;
    enum sense sense;
    double goal;
} figures[] = {
#define FIGURE(name, unit, sense, goal, text) {#name, unit, text, sense, goal},
#include "bench/figures.def"
#undef FIGURE
};

struct values {
    double value[BOARD_MAX_REPEATS]; /* in order of size */
    unsigned count;
};

struct version {
    const char *peer;
    char *line;
};

struct board {
    struct values values[BOARD_FIGURES];
    struct version versions[MAX_VERSIONS];
    unsigned version_count;
};

struct board *board_new(void)
{
    return xcalloc(1, sizeof(struct board));
}

void board_free(struct board *board)
{
    for (unsigned i = 0; i < board->version_count; i++)
        free(board->versions[i].line);
    free(board);
}

void board_add(struct board *board, enum board_figure figure, double value)
{
    struct values *values = &board->values[figure];

    if (values->count == BOARD_MAX_REPEATS)
        return;
    unsigned at = values->count++;
    for (; at > 0 && values->value[at - 1] > value; at--)
        values->value[at] = values->value[at - 1];
    values->value[at] = value;
}

double board_median(const struct board *board, enum board_figure figure)
{
    const struct values *values = &board->values[figure];
    unsigned middle = values->count / 2;

    if (values->count == 0)
        return 0;
    return values->count % 2 == 1 ? values->value[middle]
                                  : (values->value[middle - 1] + values->value[middle]) / 2;
}

struct board_range board_range(const struct board *board, enum board_figure figure)
{
    const struct values *values = &board->values[figure];

    if (values->count == 0)
        return (struct board_range){0};
    return (struct board_range){values->count, values->value[0], values->value[values->count - 1]};
}

void board_add_version(struct board *board, const char *peer, struct slice line)
{
    if (board->version_count == MAX_VERSIONS || board_version(board, peer) != NULL)
        return;
    board->versions[board->version_count++] = (struct version){peer, slice_copy(slice_trim(line))};
}

const char *board_version(const struct board *board, const char *peer)
{
    for (unsigned i = 0; i < board->version_count; i++)
        if (strcmp(board->versions[i].peer, peer) == 0)
            return board->versions[i].line;
    return NULL;
}

/* --- out -------------------------------------------------------------------------------------- */

static bool is_met(const struct board *board, enum board_figure figure)
{
    double median = board_median(board, figure);
    return figures[figure].sense == AT_MOST ? median <= figures[figure].goal
                                            : median >= figures[figure].goal;
}

static bool has_goal(enum board_figure figure)
{
    return figures[figure].sense == AT_MOST || figures[figure].sense == AT_LEAST;
}

int board_decimals(double value)
{
    return value < 10 ? 2 : value < 1000 ? 1 : 0;
}

static void add_row(struct buffer *out, const struct board *board, enum board_figure figure)
{
    const struct values *values = &board->values[figure];
    double median = board_median(board, figure);
    int digits = board_decimals(median);

    buffer_add_format(out, "%-62s %10.*f %-4s", figures[figure].text, digits, median,
                      figures[figure].unit);
    buffer_add_format(out, "%10.*f %10.*f", digits, values->value[0], digits,
                      values->value[values->count - 1]);
    if (has_goal(figure))
        buffer_add_format(out, "   %s %g  %s",
                          figures[figure].sense == AT_MOST ? "<=" : ">=", figures[figure].goal,
                          is_met(board, figure) ? "met" : "MISSED");
    buffer_add_char(out, '\n');
}

void board_add_table(struct buffer *out, const struct board *board)
{
    buffer_add_format(out, "%-62s %10s %-4s%10s %10s   goal\n", "", "median", "", "least", "most");
    for (int figure = 0; figure < BOARD_FIGURES; figure++)
        if (board->values[figure].count > 0 && figures[figure].sense != APART)
            add_row(out, board, (enum board_figure)figure);
}

static void add_number(struct json_writer *w, double value)
{
    char text[32];

    json_add_raw(w, slice_make(text, (size_t)snprintf(text, sizeof(text), "%.6g", value)));
}

static void add_figure(struct json_writer *w, const struct board *board, enum board_figure figure)
{
    const struct values *values = &board->values[figure];

    json_add_key(w, figures[figure].name);
    json_open(w, '{');
    json_key_string(w, "text", figures[figure].text);
    json_key_string(w, "unit", figures[figure].unit);
    json_add_key(w, "median");
    add_number(w, board_median(board, figure));
    if (has_goal(figure)) {
        json_add_key(w, "goal");
        add_number(w, figures[figure].goal);
        json_key_bool(w, "met", is_met(board, figure));
    }
    json_add_key(w, "values");
    json_open(w, '[');
    for (unsigned i = 0; i < values->count; i++)
        add_number(w, values->value[i]);
    json_close(w, ']');
    json_close(w, '}');
}

void board_add_json(struct buffer *out, const struct board *board)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    for (int figure = 0; figure < BOARD_FIGURES; figure++)
        if (board->values[figure].count > 0)
            add_figure(&w, board, (enum board_figure)figure);
    json_add_key(&w, "versions");
    json_open(&w, '{');
    for (unsigned i = 0; i < board->version_count; i++)
        json_key_string(&w, board->versions[i].peer, board->versions[i].line);
    json_close(&w, '}');
    json_close(&w, '}');
    buffer_add_char(out, '\n');
}
