/* A webhook that has no file descriptors left, or few from the start. */
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "hostile/crowd.h"
#include "hostile/watch.h"
#include "integration/spool_site.h"

enum { PATIENCE_MS = 20000 };

static void allow_descriptors(const struct webhook_site *site, rlim_t count)
{
    struct rlimit limit;

    cr_assert_eq(prlimit(process_pid(site->webhook), RLIMIT_NOFILE, NULL, &limit), 0);
    limit.rlim_cur = count;
    cr_assert_eq(prlimit(process_pid(site->webhook), RLIMIT_NOFILE, &limit, NULL), 0);
}

/* What it uses of the processor while nothing can be done, in ms per second. */
static int64_t load_of(const struct webhook_site *site)
{
    int64_t before_ms = watch_cpu_ms(site), begin_ms = clock_monotonic_ms();

    (void)poll(NULL, 0, 1000);
    return (watch_cpu_ms(site) - before_ms) * 1000 / (clock_monotonic_ms() - begin_ms);
}

static unsigned lines_of(const char *log)
{
    return spool_site_occurrences(log, "\n");
}

/* Not even Redis can be reached again, nor a file of the spool be made, while clients come and go;
 * then there is room, and all is well. */
Test(shortage, is_survived)
{
    enum { CLIENTS = 100, MOST_LINES = 40, MOST_SAID = 5, MOST_LOAD = 500 };
    struct spool_site site;
    struct crowd crowd, others;

    crowd_allow(2 * CLIENTS);
    spool_site_open(&site, NULL);
    struct crowd_from from = {.host = "127.0.0.1", .address = site.web.address};
    unsigned lines = lines_of(process_log(site.web.webhook));
    allow_descriptors(&site.web, 3); // fewer than are open: not one more can be made
    crowd_gather(&crowd, CLIENTS, &from, slice_text("POST /"));
    redis_server_kill(site.web.redis);
    redis_server_restart(site.web.redis);
    cr_expect_lt(load_of(&site.web), MOST_LOAD);
    crowd_gather(&others, CLIENTS, &from, slice_text(""));
    crowd_leave(&others, true);
    cr_expect_lt(load_of(&site.web), MOST_LOAD);
    cr_expect(!process_ended(site.web.webhook));
    const char *log = process_log(site.web.webhook);
    unsigned said = spool_site_occurrences(log, " accept-failed ");
    cr_expect(said >= 1 && said <= MOST_SAID, "%s", log);
    cr_expect_lt(lines_of(log) - lines, MOST_LINES, "%s", log);
    allow_descriptors(&site.web, 1024);
    cr_expect(process_wait_log(site.web.webhook, "redis-up", 2, PATIENCE_MS));
    crowd_leave(&crowd, false);
    spool_site_post_all(&site, 0, 10);
    spool_site_expect(&site, 0, 10);
    watch_until_few(&site.web, 0);
    spool_site_close(&site);
}

/* As many connections as there are descriptors for, and no more: so Redis comes back, and the spool
 * takes callbacks meanwhile, with all connections in use. */
Test(shortage, leaves_some_for_redis_and_the_spool)
{
    enum { FEW = 200, CLIENTS = 150 };
    struct rlimit limit = {.rlim_cur = FEW, .rlim_max = FEW};
    struct spool_site site;
    struct crowd crowd;

    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    spool_site_open(&site, NULL);
    struct crowd_from from = {.host = "127.0.0.1", .address = site.web.address};
    const char *log = process_log(site.web.webhook);
    cr_expect_not_null(strstr(log, " connections-limited listener=public wanted=10000 possible=100 "
                                   "descriptors=200"),
                       "%s", log);
    crowd_gather(&crowd, CLIENTS, &from, slice_text("POST /"));
    redis_server_kill(site.web.redis);
    spool_site_await(&site, "redis-lost");
    spool_site_post_all(&site, 0, 10);
    redis_server_restart(site.web.redis);
    spool_site_await(&site, "spool-replayed records=10\n");
    spool_site_expect(&site, 0, 10);
    cr_expect_null(strstr(process_log(site.web.webhook), " accept-failed "));
    crowd_leave(&crowd, false);
    watch_until_few(&site.web, 0);
    spool_site_close(&site);
}
