#include "cli/chart.h"

#include <math.h>

enum { LEVELS = 8 };

static const char *const blocks[LEVELS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii[LEVELS + 1] = {" ", ".", ".", ":", "-", "=", "+", "*", "#"};

void chart_add_bar(struct buffer *out, const struct screen *screen, double share, unsigned width)
{
    double part = share > 1 ? 1 : share > 0 ? share : 0;
    unsigned full = (unsigned)lround(part * width);

    if (full == 0 && part > 0)
        full = 1;
    for (unsigned i = 0; i < width; i++)
        buffer_add_text(out,
                        i < full ? (screen->unicode ? "█" : "#") : (screen->unicode ? "░" : "."));
}

/* What is not 0 shows. */
static size_t level(int64_t value, int64_t most)
{
    if (value <= 0)
        return 0;
    size_t height = (size_t)lround((double)value * LEVELS / (double)most);
    return height > 0 ? height : 1;
}

void chart_add_line(struct buffer *out, const struct screen *screen, const int64_t values[],
                    size_t count)
{
    const char *const *levels = screen->unicode ? blocks : ascii;
    int64_t most = 1;

    for (size_t i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    for (size_t i = 0; i < count; i++)
        buffer_add_text(out, levels[level(values[i], most)]);
}
