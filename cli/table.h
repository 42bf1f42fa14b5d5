/* table - rows of text in aligned columns. */
#ifndef REELQ_CLI_TABLE_H
#define REELQ_CLI_TABLE_H

#include "cli/screen.h"

enum { TABLE_MAX_COLUMNS = 8 };

struct table;

/* `headers` are borrowed, NULL at the end; one that begins with '>' is of a column of numbers. */
struct table *table_new(const char *const headers[]);
void table_free(struct table *table);

/* The next cell, row by row; copied, control bytes replaced. */
void table_add(struct table *table, struct slice cell);
void table_add_text(struct table *table, const char *cell);
void table_add_number(struct table *table, int64_t number);
void table_add_age(struct table *table, int64_t ms);
void table_add_time(struct table *table, int64_t ms);

/* The ink of the cell that was added last. */
void table_paint(struct table *table, enum ink ink);

/* Appends the rows under their headers, each indented by two; nothing when there are none. */
void table_print(const struct table *table, const struct screen *screen, struct buffer *out);

#endif
