#include "cli/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"

enum { MAX_CELL = 4096 };

struct cell {
    char *text;
    enum ink ink;
};

struct table {
    const char *const *headers;
    size_t columns;
    struct cell *cells;
    size_t count, capacity;
};

struct table *table_new(const char *const headers[])
{
    struct table *table = xcalloc(1, sizeof(*table));

    table->headers = headers;
    while (headers[table->columns] != NULL)
        table->columns++;
    assert(table->columns > 0 && table->columns <= TABLE_MAX_COLUMNS);
    return table;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}

/* --- cells ------------------------------------------------------------------------------------ */

/* Takes what is in `text`. */
static void add(struct table *table, struct buffer *text)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity == 0 ? 64 : 2 * table->capacity;
        table->cells = xrealloc(table->cells, table->capacity, sizeof(*table->cells));
    }
    table->cells[table->count++] =
        (struct cell){.text = text->length > 0 ? buffer_take(text) : xstrdup("-")};
    buffer_clear(text);
}

void table_add(struct table *table, struct slice cell)
{
    struct buffer text = BUFFER(MAX_CELL);

    screen_add_safe(&text, utf8_head(cell, MAX_CELL));
    add(table, &text);
}

void table_add_text(struct table *table, const char *cell)
{
    table_add(table, slice_text(cell));
}

void table_add_number(struct table *table, int64_t number)
{
    struct buffer text = BUFFER(MAX_CELL);

    buffer_add_format(&text, "%lld", (long long)number);
    add(table, &text);
}

void table_add_age(struct table *table, int64_t ms)
{
    struct buffer text = BUFFER(MAX_CELL);

    screen_add_age(&text, ms);
    add(table, &text);
}

void table_add_time(struct table *table, int64_t ms)
{
    struct buffer text = BUFFER(MAX_CELL);

    screen_add_time(&text, ms);
    add(table, &text);
}

void table_paint(struct table *table, enum ink ink)
{
    table->cells[table->count - 1].ink = ink;
}

/* --- printing --------------------------------------------------------------------------------- */

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static bool is_number(const struct table *table, size_t column)
{
    return table->headers[column][0] == '>';
}

static const char *header(const struct table *table, size_t column)
{
    return table->headers[column] + (is_number(table, column) ? 1 : 0);
}

static size_t next_column(const struct table *table, size_t column)
{
    return column + 1 < table->columns ? column + 1 : 0;
}

static void measure(const struct table *table, size_t widths[])
{
    for (size_t c = 0; c < table->columns; c++)
        widths[c] = width_of(header(table, c));
    for (size_t i = 0, c = 0; i < table->count; i++, c = next_column(table, c)) {
        size_t width = width_of(table->cells[i].text);
        if (width > widths[c])
            widths[c] = width;
    }
}

static void add_spaces(struct buffer *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_char(out, ' ');
}

struct line {
    const struct table *table;
    const struct screen *screen;
    const size_t *widths;
    struct buffer *out;
};

/* Without the spaces before it, where the last cells are empty. */
static void end_line(struct buffer *out)
{
    while (out->length > 0 && out->data[out->length - 1] == ' ')
        out->length--;
    buffer_add_char(out, '\n');
}

static void add_cell(const struct line *line, size_t column, const char *text, enum ink ink)
{
    size_t padding = line->widths[column] - width_of(text);
    bool number = is_number(line->table, column), last = column + 1 == line->table->columns;

    add_spaces(line->out, 2 + (number ? padding : 0));
    buffer_add_text(line->out, ink != INK_PLAIN ? screen_ink(line->screen, ink) : "");
    buffer_add_text(line->out, text);
    buffer_add_text(line->out, ink != INK_PLAIN ? screen_off(line->screen) : "");
    if (last)
        end_line(line->out);
    else if (!number)
        add_spaces(line->out, padding);
}

void table_print(const struct table *table, const struct screen *screen, struct buffer *out)
{
    size_t widths[TABLE_MAX_COLUMNS] = {0};
    struct line line = {table, screen, widths, out};

    if (table->count == 0)
        return;
    measure(table, widths);
    for (size_t c = 0; c < table->columns; c++)
        add_cell(&line, c, header(table, c), INK_DIM);
    for (size_t i = 0, c = 0; i < table->count; i++, c = next_column(table, c))
        add_cell(&line, c, table->cells[i].text, table->cells[i].ink);
}
