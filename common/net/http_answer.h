/* http_answer - the bytes of an HTTP answer: few headers, and a Content-Length but for a
 * body that goes on. */
#ifndef REELQ_HTTP_ANSWER_H
#define REELQ_HTTP_ANSWER_H

#include "net/http_server.h"

/* What the connection, and not the route, knows about an answer. */
struct http_answer_frame {
    const char *allow;   /* for 405; NULL: no such header */
    const char *headers; /* whole lines; may be NULL */
    bool close;          /* the connection ends with this answer */
    bool keep_alive;     /* say so, as HTTP/1.0 needs it */
    bool head;           /* to HEAD: headers as for GET, no body */
    bool goes_on;        /* the body has no end yet: no length, and none of it here */
};

/* The answer with nothing but its status, in words as the body. */
struct http_answer http_answer_plain(int status);

void http_answer_add(struct buffer *out, const struct http_answer *answer,
                     const struct http_answer_frame *frame);

#endif
