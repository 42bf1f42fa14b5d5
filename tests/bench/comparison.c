#include "bench/comparison.h"

#include <stdio.h>

enum { COLUMNS = 4, TEXT_WIDTH = 42, CELL_WIDTH = 21, CELL_MAX = 64 };

/* A title has no figures; ours have no peer's name. */
static const struct row {
    const char *text, *peer;
    unsigned columns;
    enum board_figure figures[COLUMNS];
} rows[] = {
#define SECTION(title) {title, NULL, 0, {0}},
#define OURS(process, redis, rate, memory, text)                                                   \
    {text, NULL, COLUMNS, {FIGURE_##process, FIGURE_##redis, FIGURE_##rate, FIGURE_##memory}},
#define PEER(name, kind, program, needs, text)                                                     \
    {text,                                                                                         \
     #name,                                                                                        \
     COLUMNS,                                                                                      \
     {FIGURE_##name##_process, FIGURE_##name##_redis, FIGURE_##name##_rate,                        \
      FIGURE_##name##_memory}},
#include "bench/peers.def"
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool has_values(const struct board *board, const struct row *row)
{
    return row->columns > 0 && board_range(board, row->figures[0]).count > 0;
}

/* Has the title anything below it? */
static bool has_rows(const struct board *board, const struct row *title)
{
    for (const struct row *row = title + 1; row < rows + ROWS && row->columns > 0; row++)
        if (has_values(board, row))
            return true;
    return false;
}

/* "84.0 (83.1-85.2)" */
static void add_cell(struct buffer *out, const struct board *board, enum board_figure figure)
{
    char text[CELL_MAX] = "-";
    struct board_range range = board_range(board, figure);
    double median = board_median(board, figure);
    int digits = board_decimals(median);

    if (range.count == 1)
        (void)snprintf(text, sizeof(text), "%.*f", digits, median);
    else if (range.count > 1)
        (void)snprintf(text, sizeof(text), "%.*f (%.*f-%.*f)", digits, median, digits, range.least,
                       digits, range.most);
    buffer_add_format(out, "%*s", CELL_WIDTH, text);
}

static void add_row(struct buffer *out, const struct board *board, const struct row *row)
{
    buffer_add_format(out, "  %-*s", TEXT_WIDTH - 2, row->text);
    for (unsigned i = 0; i < row->columns; i++)
        add_cell(out, board, row->figures[i]);
    buffer_add_char(out, '\n');
}

static void add_versions(struct buffer *out, const struct board *board)
{
    for (const struct row *row = rows; row < rows + ROWS; row++)
        if (row->peer != NULL && has_values(board, row))
            buffer_add_format(out, "%s: %s\n", row->peer, board_version(board, row->peer));
}

static bool has_peers(const struct board *board)
{
    for (const struct row *row = rows; row < rows + ROWS; row++)
        if (row->peer != NULL && has_values(board, row))
            return true;
    return false;
}

void comparison_add(struct buffer *out, const struct board *board)
{
    if (!has_peers(board))
        return;
    buffer_add_format(out, "\n%-*s%*s%*s%*s%*s\n", TEXT_WIDTH, "peers, median (least-most)",
                      CELL_WIDTH, "process us", CELL_WIDTH, "Redis us", CELL_WIDTH, "a second",
                      CELL_WIDTH, "memory MiB");
    for (const struct row *row = rows; row < rows + ROWS; row++)
        if (row->columns == 0 && has_rows(board, row))
            buffer_add_format(out, "%s\n", row->text);
        else if (has_values(board, row))
            add_row(out, board, row);
    add_versions(out, board);
}
