#include "base/units.h"

#include <inttypes.h>

struct unit {
    const char *name;
    int64_t factor;
};

/* Both tables are for reading and writing: the largest factor first, so that writing finds the
 * shortest exact form first. */
static const struct unit durations[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
static const struct unit sizes[] = {
    {"g", 1 << 30},
    {"m", 1 << 20},
    {"k", 1 << 10},
    {"", 1},
};

enum {
    DURATIONS = sizeof(durations) / sizeof(durations[0]),
    SIZES = sizeof(sizes) / sizeof(sizes[0])
};

static size_t count_digits(struct slice text)
{
    size_t count = 0;
    while (count < text.length && text.data[count] >= '0' && text.data[count] <= '9')
        count++;
    return count;
}

static bool scale(struct slice digits, int64_t factor, int64_t *value)
{
    uint64_t number;
    int64_t product;

    if (!slice_to_u64(digits, &number) || number > INT64_MAX)
        return false;
    if (__builtin_mul_overflow((int64_t)number, factor, &product))
        return false;
    *value = product;
    return true;
}

bool units_parse_duration(struct slice text, int64_t *ms)
{
    size_t digits = count_digits(text);
    struct slice name = slice_skip(text, digits);

    if (slice_is(text, "0")) {
        *ms = 0;
        return true;
    }
    for (size_t i = 0; i < DURATIONS; i++)
        if (slice_is(name, durations[i].name))
            return scale(slice_head(text, digits), durations[i].factor, ms);
    return false;
}

bool units_parse_size(struct slice text, int64_t *bytes)
{
    size_t digits = count_digits(text);
    struct slice name = slice_skip(text, digits);

    for (size_t i = 0; i < SIZES; i++)
        if (slice_is_nocase(name, sizes[i].name))
            return scale(slice_head(text, digits), sizes[i].factor, bytes);
    return false;
}

static void add(struct buffer *out, const struct unit *units, int64_t value)
{
    while (value % units->factor != 0)
        units++;
    buffer_add_format(out, "%" PRId64 "%s", value / units->factor, units->name);
}

void units_add_duration(struct buffer *out, int64_t ms)
{
    if (ms == 0)
        buffer_add_char(out, '0');
    else
        add(out, durations, ms);
}

void units_add_size(struct buffer *out, int64_t bytes)
{
    if (bytes == 0)
        buffer_add_char(out, '0');
    else
        add(out, sizes, bytes);
}
