/* units - durations ("500ms", "30s", "5m", "2h", "7d") and sizes ("64k", "1m", "123"). */
#ifndef REELQ_UNITS_H
#define REELQ_UNITS_H

#include "base/buffer.h"

/* Digits, then one of ms s m h d; a bare "0" is allowed. False for anything else or overflow. */
bool units_parse_duration(struct slice text, int64_t *ms);

/* Digits, then nothing, k, m or g (powers of 1024; either case). False for anything else. */
bool units_parse_size(struct slice text, int64_t *bytes);

/* The shortest exact form: 90000 -> "90s", 3600000 -> "1h", 1500 -> "1500ms". */
void units_add_duration(struct buffer *out, int64_t ms);
void units_add_size(struct buffer *out, int64_t bytes);

#endif
