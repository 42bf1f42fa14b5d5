/* chart - numbers as small pictures in a line: in block characters, or in ASCII where the locale
 * has no others. */
#ifndef REELQ_CLI_CHART_H
#define REELQ_CLI_CHART_H

#include "cli/screen.h"

/* Appends `width` characters, `share` of them full (0 to 1): one at least when it is not 0. */
void chart_add_bar(struct buffer *out, const struct screen *screen, double share, unsigned width);

/* Appends one character per value, as high as it is beside the greatest of them. */
void chart_add_line(struct buffer *out, const struct screen *screen, const int64_t values[],
                    size_t count);

#endif
