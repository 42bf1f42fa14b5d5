/* fragment_text - a member of a fragment, the inside of a JSON object that a record holds. */
#ifndef REELQ_FRAGMENT_TEXT_H
#define REELQ_FRAGMENT_TEXT_H

#include "base/buffer.h"

/* Appends the text of the member, or its JSON where it is no string; nothing when it is not there.
 */
void fragment_text_add(struct buffer *out, struct slice fragment, const char *key);

#endif
