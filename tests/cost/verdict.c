#include "cost/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double part = 0.05, least = 0.1, most = 0.5;

static bool is_counted_by_name(const char *name)
{
    return strstr(name, " syscall ") != NULL || strstr(name, " command ") != NULL;
}

double verdict_allowance(const char *name, double kept)
{
    double allowance = part * kept;
    return is_counted_by_name(name) ? fmin(fmax(allowance, least), most) : allowance;
}

static void add_line(struct buffer *out, const char *file, const struct figure *kept, double now)
{
    int decimals = fmax(kept->value, now) < 1000 ? 2 : 0;

    buffer_add_format(out, "%-8s%s: %.*f in %s, %.*f now", now > kept->value ? "GREW" : "shrank",
                      kept->name, decimals, kept->value, file, decimals, now);
    if (kept->value > 0)
        buffer_add_format(out, ", %+.1f %%", 100 * (now - kept->value) / kept->value);
    buffer_add_char(out, '\n');
}

static void judge(struct buffer *out, const char *file, const struct figure *kept, double now,
                  struct verdict *verdict)
{
    if (fabs(now - kept->value) <= verdict_allowance(kept->name, kept->value))
        return;
    add_line(out, file, kept, now);
    *(now > kept->value ? &verdict->grew : &verdict->shrank) += 1;
}

struct verdict verdict_add(struct buffer *out, const char *file, const struct figures *kept,
                           const struct figures *now)
{
    struct figures all = *now;
    struct verdict verdict = {0, 0};

    for (unsigned i = 0; i < kept->count; i++)
        figures_add(&all, kept->list[i].name, 0);
    for (unsigned i = 0; i < all.count; i++) {
        struct figure figure = all.list[i];
        double value = figure.value;
        figure.value = figures_get(kept, figure.name);
        judge(out, file, &figure, value, &verdict);
    }
    return verdict;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct figure *)a)->name, ((const struct figure *)b)->name);
}

void verdict_keep(struct figures *out, const struct figures *now)
{
    for (unsigned i = 0; i < now->count; i++)
        if (now->list[i].value >= verdict_allowance(now->list[i].name, 0))
            figures_add(out, now->list[i].name, now->list[i].value);
    qsort(out->list, out->count, sizeof(out->list[0]), by_name);
}
