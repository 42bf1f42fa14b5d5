/* input_row - a row of a CSV file as a JSON object: the columns are called like the fields of an
 * item, and meta.NAME for what is to come back in `meta`. */
#ifndef REELQ_CLI_INPUT_ROW_H
#define REELQ_CLI_INPUT_ROW_H

#include "cli/csv.h"

struct input_header {
    size_t count;
    char *names[CSV_MAX_FIELDS];
};

/* Is the present record a header: has it a column `url`? */
bool input_header_is(const struct csv *csv);

/* The error names the column that is none. After false nothing needs clearing. */
MUST_USE bool input_header_read(struct input_header *header, const struct csv *csv,
                                struct error *error);
void input_header_clear(struct input_header *header);

/* Appends the present record as an object; an empty field counts as not given. */
MUST_USE bool input_row_read(struct buffer *out, const struct input_header *header,
                             const struct csv *csv, struct error *error);

#endif
