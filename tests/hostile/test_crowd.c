/* Many clients at once: that drip, stay, or leave at the worst moment. A good one is served all the
 * while. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "hostile/crowd.h"
#include "hostile/net_namespace.h"
#include "hostile/watch.h"
#include "support/http_vectors.h"

#define SECRET "REELQ_CALLBACK_SECRET=" WEBHOOK_SITE_SECRET

static void expect_served(struct webhook_site *site)
{
    cr_expect_eq(webhook_site_post(site, WEBHOOK_SITE_SECRET, "good", "{\"success\":true}"), 200,
                 "%s", buffer_text(&site->answer));
}

/* The head of a signed callback, up to its body of 900 bytes. */
static char *head_of(void)
{
    char *target = webhook_site_target(WEBHOOK_SITE_SECRET, "upload", "bad");
    char *head = xasprintf("POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n", target);

    free(target);
    return head;
}

/* --- drips ------------------------------------------------------------------------------------ */

/* 2000 clients who send a byte every second: half of them in the head, half in the body. */
Test(crowd, gains_nothing_by_dripping)
{
    enum { HALF = 1000, SECOND_MS = 1000, ALL_OVER_MS = 30000, PER_CLIENT_KIB = 64 };
    static const char *const settings[] = {SECRET, NULL};
    char *head = head_of();
    struct webhook_site site;
    struct crowd heads, bodies;

    crowd_allow(2 * HALF);
    webhook_site_open(&site, settings);
    struct crowd_from from = {.host = "127.0.0.1", .address = site.address};
    size_t before_kib = watch_peak_kib(&site);
    int64_t begin = clock_monotonic_ms();
    crowd_gather(&heads, HALF, &from, slice_text("POST /"));
    crowd_gather(&bodies, HALF, &from, slice_text(head));
    size_t open = (size_t)2 * HALF;
    for (int64_t next = begin; open > 0 && clock_monotonic_ms() - begin < ALL_OVER_MS;) {
        if (clock_monotonic_ms() >= next) {
            crowd_drip(&heads, 'x');
            crowd_drip(&bodies, 'x');
            next += SECOND_MS;
        }
        expect_served(&site);
        open = crowd_look(&heads) + crowd_look(&bodies);
        (void)poll(NULL, 0, 20);
    }
    cr_expect_eq(open, 0, "%zu are connected still", open);
    watch_until_few(&site, 0);
    cr_expect_lt(watch_peak_kib(&site) - before_kib, (size_t)2 * HALF * PER_CLIENT_KIB);
    crowd_leave(&heads, false);
    crowd_leave(&bodies, false);
    webhook_site_close(&site);
    free(head);
}

/* --- caps ------------------------------------------------------------------------------------- */

/* Far more clients than there is room for: each new one has its turn, and so has a good one. */
Test(crowd, does_not_keep_others_out)
{
    enum { ROOM = 50, COUNT = 500, ROUNDS = 10 };
    static const char *const settings[] = {SECRET, "REELQ_MAX_CONNECTIONS=50", NULL};
    struct webhook_site site;
    struct crowd crowds[ROUNDS];

    crowd_allow(COUNT);
    webhook_site_open(&site, settings);
    struct crowd_from from = {.host = "127.0.0.1", .address = site.address};
    for (int i = 0; i < ROUNDS; i++) {
        crowd_gather(&crowds[i], COUNT / ROUNDS, &from, slice_text(i % 2 == 0 ? "" : "POST /"));
        expect_served(&site);
        cr_expect_leq(watch_connections(&site), ROOM);
    }
    cr_expect_not_null(strstr(process_log(site.webhook), " connections-at-capacity "));
    for (int i = 0; i < ROUNDS; i++)
        crowd_leave(&crowds[i], false);
    watch_until_few(&site, 0);
    webhook_site_close(&site);
}

struct network {
    const char *listen, *host, *sources[2], *other;
};

static void wait_until_many(struct webhook_site *site, unsigned count)
{
    for (int64_t end = clock_monotonic_ms() + 4000;
         watch_connections(site) < count && clock_monotonic_ms() < end;)
        (void)poll(NULL, 0, 10);
    cr_expect_eq(watch_connections(site), count);
}

static void check_cap(const struct network *network)
{
    enum { CAP = 64, MANY = 100 };
    const char *const settings[] = {SECRET, network->listen, NULL};
    struct crowd halves[2], others;
    struct webhook_site site;

    webhook_site_open(&site, settings);
    struct crowd_from from = {.host = network->host, .address = site.address};
    for (int i = 0; i < 2; i++) {
        from.source = network->sources[i];
        crowd_gather(&halves[i], MANY, &from, slice_text("POST /"));
    }
    wait_until_many(&site, CAP);
    from.source = network->other;
    crowd_gather(&others, CAP / 2, &from, slice_text("POST /"));
    wait_until_many(&site, CAP + CAP / 2);
    crowd_leave(&halves[0], false);
    crowd_leave(&halves[1], false);
    crowd_leave(&others, false);
    watch_until_few(&site, 0);
    webhook_site_close(&site);
}

/* On a network of the test's own, since loopback is not counted. An IPv6 /64 is one address. */
Test(crowd, of_one_address_has_its_own_cap)
{
    static const struct network networks[] = {
        {"REELQ_LISTEN=0.0.0.0:0", "192.0.2.9", {"192.0.2.1", "192.0.2.1"}, "192.0.2.2"},
        {"REELQ_LISTEN=[::]:0",
         "2001:db8:0:9::9",
         {"2001:db8:0:1::1", "2001:db8:0:1::2"},
         "2001:db8:0:2::1"},
    };

    if (!net_namespace_enter())
        cr_skip_test("no right to a network of its own: %s", strerror(errno));
    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
        net_namespace_add(networks[i].host);
        net_namespace_add(networks[i].sources[0]);
        net_namespace_add(networks[i].sources[1]);
        net_namespace_add(networks[i].other);
        check_cap(&networks[i]);
    }
}

/* --- departures ------------------------------------------------------------------------------- */

/* At every byte of two pipelined callbacks, with a reset and without. */
Test(crowd, may_leave_at_any_moment)
{
    static const char *const settings[] = {SECRET, NULL};
    struct webhook_site site;
    struct buffer bytes = BUFFER(HTTP_VECTORS_MAX_BYTES);

    webhook_site_open(&site, settings);
    struct crowd_from from = {.host = "127.0.0.1", .address = site.address};
    http_vector_add_next(&bytes);
    http_vector_add_next(&bytes);
    for (size_t cut = 0; cut <= bytes.length; cut++) {
        for (int reset = 0; reset < 2; reset++) {
            struct crowd one;
            crowd_gather(&one, 1, &from, slice_head(buffer_slice(&bytes), cut));
            crowd_leave(&one, reset == 1);
        }
    }
    watch_until_few(&site, 0);
    expect_served(&site);
    webhook_site_close(&site);
    buffer_clear(&bytes);
}
