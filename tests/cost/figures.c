#include "cost/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { NAME_WIDTH = 34 };

static const struct figure *find(const struct figures *figures, const char *name)
{
    for (unsigned i = 0; i < figures->count; i++)
        if (strncmp(figures->list[i].name, name, FIGURE_NAME_MAX - 1) == 0)
            return &figures->list[i];
    return NULL;
}

void figures_add(struct figures *figures, const char *name, double value)
{
    const struct figure *known = find(figures, name);

    if (known != NULL) {
        figures->list[known - figures->list].value += value;
        return;
    }
    if (figures->count == FIGURES_MAX) {
        (void)fprintf(stderr, "figures: no room for '%s'\n", name);
        abort();
    }
    struct figure *figure = &figures->list[figures->count++];
    (void)snprintf(figure->name, sizeof(figure->name), "%s", name);
    figure->value = value;
}

double figures_get(const struct figures *figures, const char *name)
{
    const struct figure *figure = find(figures, name);
    return figure == NULL ? 0 : figure->value;
}

void figures_restrict(struct figures *figures, const char *prefix)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < figures->count; i++)
        if (strncmp(figures->list[i].name, prefix, strlen(prefix)) == 0)
            figures->list[kept++] = figures->list[i];
    figures->count = kept;
}

void figures_per_unit(struct figures *out, const struct figures *more, const struct figures *less,
                      unsigned units)
{
    for (unsigned i = 0; i < more->count; i++) {
        const struct figure *figure = &more->list[i];
        figures_add(out, figure->name, (figure->value - figures_get(less, figure->name)) / units);
    }
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_of(const char *name, const struct figures *parts, unsigned count)
{
    double *values = xcalloc(count, sizeof(*values));

    for (unsigned i = 0; i < count; i++)
        values[i] = figures_get(&parts[i], name);
    qsort(values, count, sizeof(*values), by_size);
    double median = values[count / 2];
    free(values);
    return median;
}

void figures_median(struct figures *out, const struct figures *parts, unsigned count)
{
    struct figures all = {.count = 0};

    for (unsigned part = 0; part < count; part++)
        for (unsigned i = 0; i < parts[part].count; i++)
            figures_add(&all, parts[part].list[i].name, 0);
    for (unsigned i = 0; i < all.count; i++)
        figures_add(out, all.list[i].name, median_of(all.list[i].name, parts, count));
}

/* --- text ------------------------------------------------------------------------------------- */

static bool read_line(struct figures *figures, struct slice line, struct error *error)
{
    size_t at = line.length;

    while (at > 0 && line.data[at - 1] != ' ')
        at--;
    struct slice name = slice_trim(slice_head(line, at));
    char *number = slice_copy(slice_skip(line, at)), *end;
    double value = strtod(number, &end);
    bool good = name.length > 0 && end != number && *end == '\0' && isfinite(value);
    free(number);
    if (!good)
        return error_set(error, "'%.*s' is not a name and a number", SLICE_ARGS(line));
    char *copy = slice_copy(name);
    figures_add(figures, copy, value);
    free(copy);
    return true;
}

bool figures_read(struct figures *figures, struct slice text, struct error *error)
{
    *figures = (struct figures){.count = 0};
    while (text.length > 0) {
        size_t length = slice_find(text, '\n');
        struct slice line = slice_trim(slice_head(text, length));
        if (line.length > 0 && line.data[0] != '#' && !read_line(figures, line, error))
            return false;
        text = slice_skip(text, length + 1);
    }
    return true;
}

/* Large numbers need no fractions. */
static int decimals(double value)
{
    return value < 1000 ? 2 : 0;
}

void figures_write(struct buffer *out, const struct figures *figures)
{
    for (unsigned i = 0; i < figures->count; i++)
        buffer_add_format(out, "%-*s %10.*f\n", NAME_WIDTH, figures->list[i].name,
                          decimals(figures->list[i].value), figures->list[i].value);
}
