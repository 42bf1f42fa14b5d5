#include "hostile/watch.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "support/temp_dir.h"

enum { PATIENCE_MS = 20000, FILE_MAX = 64 * 1024, TIME_FIELD = 11 };

unsigned watch_connections(struct webhook_site *site)
{
    static const char name[] = "\nreelq_http_connections ";

    cr_assert_eq(raw_http_get(site->admin, "/metrics", &site->answer), 200);
    const char *line = strstr(raw_http_body(&site->answer), name);
    cr_assert_not_null(line);
    return (unsigned)strtoul(line + strlen(name), NULL, 10);
}

void watch_until_few(struct webhook_site *site, unsigned count)
{
    unsigned open = watch_connections(site);

    for (int64_t end = clock_monotonic_ms() + PATIENCE_MS;
         open > count && clock_monotonic_ms() < end; open = watch_connections(site))
        (void)poll(NULL, 0, 10);
    cr_expect_leq(open, count, "%u connections", open);
}

static void read_file(const struct webhook_site *site, const char *name, struct buffer *text)
{
    char *path = xasprintf("/proc/%d/%s", (int)process_pid(site->webhook), name);

    temp_dir_read(path, text);
    free(path);
}

/* The fields are counted from behind the name, which may have spaces in it. */
int64_t watch_cpu_ms(const struct webhook_site *site)
{
    struct buffer text = BUFFER(FILE_MAX);
    int64_t ticks = 0;

    read_file(site, "stat", &text);
    const char *at = strrchr(buffer_text(&text), ')') + 2;
    for (int field = 0; field < TIME_FIELD; field++)
        at = strchr(at, ' ') + 1;
    char *rest = NULL;
    ticks = strtoll(at, &rest, 10);
    ticks += strtoll(rest, NULL, 10);
    buffer_clear(&text);
    return ticks * 1000 / sysconf(_SC_CLK_TCK);
}

size_t watch_peak_kib(const struct webhook_site *site)
{
    struct buffer text = BUFFER(FILE_MAX);

    read_file(site, "status", &text);
    size_t kib = strtoul(strstr(buffer_text(&text), "VmHWM:") + strlen("VmHWM:"), NULL, 10);
    buffer_clear(&text);
    return kib;
}
