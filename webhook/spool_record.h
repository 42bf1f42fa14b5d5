/* spool_record - how callbacks lie in a file of the spool, as text that a person can read:
 *     "\n" LENGTH " " DIGEST " " PAYLOAD
 * one record after the other. LENGTH is that of the payload in 8 hex digits, DIGEST its SHA-256 cut
 * to 16. A payload has no line end, so that nothing inside of one looks like the beginning of
 * another, and what stands behind a damaged record can be found. Pure. */
#ifndef REELQ_SPOOL_RECORD_H
#define REELQ_SPOOL_RECORD_H

#include "base/buffer.h"

enum { SPOOL_RECORD_HEAD = 27, SPOOL_RECORD_MAX = 2 * 1024 * 1024 };

/* Appends a record. The payload has 1 to SPOOL_RECORD_MAX bytes, and no line end among them. */
void spool_record_add(struct buffer *out, struct slice payload);

enum spool_found {
    SPOOL_FOUND_RECORD,
    SPOOL_FOUND_DAMAGE, /* bytes that are no record, up to the next one that is whole */
    SPOOL_FOUND_TORN,   /* the beginning of a record, and nothing whole behind it */
    SPOOL_FOUND_END     /* no bytes */
};

struct spool_piece {
    enum spool_found found;
    size_t length;        /* bytes that it takes up */
    struct slice payload; /* of a record */
};

/* What `rest` begins with: all bytes from the end of the piece before to the end of the file. */
struct spool_piece spool_record_next(struct slice rest);

#endif
