/* http_chunk - a strict decoder for chunked bodies: hex sizes of 1 to 8 digits, CR LF only, bounded
 * extensions, trailers that are checked and thrown away. Bytes in, body out. */
#ifndef REELQ_HTTP_CHUNK_H
#define REELQ_HTTP_CHUNK_H

#include "base/buffer.h"
#include "net/http_line.h"

enum {
    HTTP_CHUNK_MAX_COUNT = 1024,
    HTTP_CHUNK_MAX_EXTENSION = 256, /* bytes, of one chunk */
    HTTP_CHUNK_MAX_TRAILERS = 8192, /* bytes */
    HTTP_CHUNK_MAX_FIELDS = 64
};

enum http_chunk_phase {
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_EXTENSION,
    HTTP_CHUNK_SIZE_LF,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_DATA_CR,
    HTTP_CHUNK_DATA_LF,
    HTTP_CHUNK_TRAILERS,
    HTTP_CHUNK_DONE,
    HTTP_CHUNK_BAD
};

struct http_chunk {
    enum http_chunk_phase phase;
    int status; /* for HTTP_CHUNK_BAD: 400, 413 or 431 */
    const char *reason;
    unsigned digits, extension, count, fields;
    uint64_t left; /* bytes of the chunk that are still to come */
    size_t trailer_bytes;
    struct http_line line;
    struct buffer trailer; /* the line that is being read */
};

void http_chunk_init(struct http_chunk *chunk);
void http_chunk_clear(struct http_chunk *chunk);

/* Decodes from the front of *bytes into `body`, whose maximum is the limit of the body, until the
 * bytes or the body end. */
void http_chunk_feed(struct http_chunk *chunk, struct buffer *body, struct slice *bytes);

#endif
