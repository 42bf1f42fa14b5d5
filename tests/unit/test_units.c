#include <criterion/criterion.h>

#include "base/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct vector {
    const char *text;
    bool fits;
    int64_t value;
};

static void check(const struct vector *vectors, size_t count, bool (*read)(struct slice, int64_t *))
{
    for (size_t i = 0; i < count; i++) {
        int64_t value = 77;
        cr_expect_eq(read(slice_text(vectors[i].text), &value), vectors[i].fits, "%s",
                     vectors[i].text);
        cr_expect_eq(value, vectors[i].fits ? vectors[i].value : 77, "value of %s",
                     vectors[i].text);
    }
}

Test(units, reads_durations)
{
    static const struct vector vectors[] = {
        {"0", true, 0},
        {"0s", true, 0},
        {"500ms", true, 500},
        {"30s", true, 30000},
        {"5m", true, 300000},
        {"2h", true, 7200000},
        {"7d", true, 604800000},
        {"007s", true, 7000},
        {"9223372036854775807ms", true, INT64_MAX},
        {"9223372036854775808ms", false, 0},
        {"9223372036854775807s", false, 0},
        {"106751991168d", false, 0},
        {"", false, 0},
        {"15", false, 0},
        {"00", false, 0},
        {"s", false, 0},
        {"-1s", false, 0},
        {"+1s", false, 0},
        {"1.5s", false, 0},
        {"1 s", false, 0},
        {" 1s", false, 0},
        {"1s ", false, 0},
        {"1S", false, 0},
        {"1M", false, 0},
        {"1sec", false, 0},
        {"1h30m", false, 0},
        {"1w", false, 0},
    };
    check(vectors, COUNT(vectors), units_parse_duration);
}

Test(units, reads_sizes)
{
    static const struct vector vectors[] = {
        {"0", true, 0},
        {"123", true, 123},
        {"64k", true, 65536},
        {"64K", true, 65536},
        {"1m", true, 1048576},
        {"1M", true, 1048576},
        {"2g", true, INT64_C(2147483648)},
        {"2G", true, INT64_C(2147483648)},
        {"0k", true, 0},
        {"8589934591g", true, INT64_C(8589934591) << 30},
        {"8589934592g", false, 0},
        {"9223372036854775808", false, 0},
        {"", false, 0},
        {"k", false, 0},
        {"-1", false, 0},
        {"1.5k", false, 0},
        {"1 k", false, 0},
        {"1kb", false, 0},
        {"1t", false, 0},
        {"0x10", false, 0},
    };
    check(vectors, COUNT(vectors), units_parse_size);
}

Test(units, writes_the_shortest_exact_form)
{
    static const struct {
        int64_t value;
        const char *duration, *size;
    } cases[] = {
        {0, "0", "0"},
        {1, "1ms", "1"},
        {1000, "1s", "1000"},
        {1023, "1023ms", "1023"},
        {1024, "1024ms", "1k"},
        {1500, "1500ms", "1500"},
        {65536, "65536ms", "64k"},
        {90000, "90s", "90000"},
        {1048576, "1048576ms", "1m"},
        {3600000, "1h", "3600000"},
        {5400000, "90m", "5400000"},
        {86400000, "1d", "84375k"},
        {604800000, "7d", "590625k"},
        {INT64_C(3221225472), "3221225472ms", "3g"},
        {INT64_MAX, "9223372036854775807ms", "9223372036854775807"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer duration = BUFFER(64), size = BUFFER(64);
        int64_t back = -1;
        units_add_duration(&duration, cases[i].value);
        units_add_size(&size, cases[i].value);
        cr_expect_str_eq(buffer_text(&duration), cases[i].duration);
        cr_expect_str_eq(buffer_text(&size), cases[i].size);
        cr_expect(units_parse_duration(buffer_slice(&duration), &back) && back == cases[i].value);
        cr_expect(units_parse_size(buffer_slice(&size), &back) && back == cases[i].value);
        buffer_clear(&duration);
        buffer_clear(&size);
    }
}
