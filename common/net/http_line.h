/* http_line - bytes in, lines out, for heads and for trailers: every line ends in CR LF, and no
 * other control byte but the tab stands in it. */
#ifndef REELQ_HTTP_LINE_H
#define REELQ_HTTP_LINE_H

#include "base/buffer.h"

enum http_line_result {
    HTTP_LINE_MORE, /* all bytes taken, the line goes on */
    HTTP_LINE_END,  /* the line is complete, with its CR LF at the end of the buffer */
    HTTP_LINE_BAD,  /* a lone CR or LF, NUL or another control byte */
    HTTP_LINE_LONG  /* the buffer would grow over the limit */
};

struct http_line {
    bool cr; /* the last byte was CR, which is added together with its LF */
};

/* Moves bytes from the front of *bytes to the end of `out`, up to the end of one line. `limit` is
 * how long `out` may get, CR LF included. The result does not depend on how the bytes are
 * portioned. */
enum http_line_result http_line_take(struct http_line *line, struct buffer *out, size_t limit,
                                     struct slice *bytes);

/* One or more of RFC 9110's tchar: a method, a field name. */
bool http_line_is_token(struct slice s);

/* A field line (without CR LF) cut into name and trimmed value. False when it is none: no colon, a
 * name that is no token, white space before the colon or at the start (obs-fold). */
bool http_line_split(struct slice text, struct slice *name, struct slice *value);

#endif
