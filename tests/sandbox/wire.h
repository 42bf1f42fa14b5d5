/* wire - the ends of a request that HTTP does not know: a reset, a cut reply. */
#ifndef SANDBOX_WIRE_H
#define SANDBOX_WIRE_H

#include "base/slice.h"

struct evhttp_request;

/* Resets the connection under the request and frees both. Not from inside the server's own
 * callback for that request. */
void wire_reset(struct evhttp_request *request);

/* Sends a head that promises the whole body, half of the body, and closes; frees as above. */
void wire_cut(struct evhttp_request *request, int status, struct slice body);

/* Frees a request that gets no answer; its connection is freed by the server. */
void wire_drop(struct evhttp_request *request);

#endif
