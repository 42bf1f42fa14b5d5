/* http_field - one header field of a request, for who has to look at more than path and body. */
#ifndef REELQ_HTTP_FIELD_H
#define REELQ_HTTP_FIELD_H

#include "base/slice.h"

/* How often the field stands among the header lines of a request (its http_view); *value is that of
 * the last one, and left alone when there is none. Names are compared without case. */
unsigned http_field_find(struct slice fields, const char *name, struct slice *value);

#endif
