/* csv - comma-separated values after RFC 4180: quotes, doubled quotes, line ends inside of quotes.
 */
#ifndef REELQ_CLI_CSV_H
#define REELQ_CLI_CSV_H

#include "base/buffer.h"
#include "base/error.h"

enum { CSV_MAX_FIELDS = 64, CSV_MAX_FIELD = 1 << 20 };

struct csv {
    struct slice rest; /* of the text that is read */
    unsigned line;     /* of the present record, from 1 */
    unsigned next_line;
    size_t count;
    struct buffer fields[CSV_MAX_FIELDS]; /* of the present record; to be kept by copying */
};

/* The text is borrowed. */
void csv_init(struct csv *csv, struct slice text);
void csv_clear(struct csv *csv);

/* The next record that is not an empty line; false at the end, or with error->text set. */
MUST_USE bool csv_next(struct csv *csv, struct error *error);

#endif
