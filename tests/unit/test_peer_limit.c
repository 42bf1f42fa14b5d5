#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "net/peer_limit.h"

/* Any form of address; "unix" for a unix socket. */
static void name_of(const char *text, struct sockaddr_storage *name)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)name;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;

    memset(name, 0, sizeof(*name));
    name->ss_family = AF_UNIX;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
        name->ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
        name->ss_family = AF_INET6;
}

static bool enter(struct peer_limit *limit, const char *text, struct peer *peer)
{
    struct sockaddr_storage name;

    name_of(text, &name);
    return peer_limit_enter(limit, (const struct sockaddr *)&name, peer);
}

static struct peer_limit *new_limit(unsigned maximum, const char *exempt)
{
    struct error error = {""};

    struct peer_limit *limit = peer_limit_new(maximum, exempt, &error);
    cr_assert_not_null(limit, "%s", error.text);
    return limit;
}

Test(peer_limit, counts_each_address)
{
    static const char *const others[] = {"192.0.2.2", "::ffff:192.0.2.3", "2001:db8::1",
                                         "2001:db8:0:1::1"};
    struct peer_limit *limit = new_limit(2, "");
    struct peer first, second, third, other;

    cr_expect(enter(limit, "192.0.2.1", &first));
    cr_expect(enter(limit, "::ffff:192.0.2.1", &second), "the same address");
    cr_expect(!enter(limit, "192.0.2.1", &third));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect(enter(limit, others[i], &other), "%s", others[i]);
    peer_limit_leave(limit, &first);
    cr_expect(enter(limit, "192.0.2.1", &third), "room again");
    cr_expect(!enter(limit, "192.0.2.1", &first));
    peer_limit_leave(limit, &second);
    peer_limit_leave(limit, &third);
    cr_expect(enter(limit, "192.0.2.1", &first));
    peer_limit_free(limit);
}

Test(peer_limit, counts_ipv6_by_network)
{
    struct peer_limit *limit = new_limit(1, "");
    struct peer peer;

    cr_expect(enter(limit, "2001:db8::1", &peer));
    cr_expect(!enter(limit, "2001:db8::ffff:1", &peer), "one host has all of a /64");
    cr_expect(enter(limit, "2001:db8:0:1::1", &peer));
    peer_limit_free(limit);
}

Test(peer_limit, exempts)
{
    static const struct {
        const char *address;
        bool counted;
    } cases[] = {
        {"127.0.0.1", false},
        {"127.9.9.9", false},
        {"::1", false},
        {"unix", false},
        {"::ffff:127.0.0.1", false},
        {"128.0.0.1", true},
        {"::2", true},
        {"10.1.2.3", false},
        {"10.1.3.0", true},
        {"198.51.100.7", false},
        {"198.51.100.8", true},
        {"2001:db8:8000::1", false},
        {"2001:db8:7fff::1", true},
        {"::ffff:10.1.2.3", false},
        {"192.0.2.129", false},
        {"192.0.2.127", true},
    };
    struct peer_limit *limit =
        new_limit(1, " 10.1.2.0/24 ,198.51.100.7,, 2001:db8:8000::/33,192.0.2.128/25");
    struct peer_limit *everybody = new_limit(1, "0.0.0.0/0,::/0"), *unlimited = new_limit(0, "");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer peer;
        cr_expect(enter(limit, cases[i].address, &peer), "%s", cases[i].address);
        cr_expect_eq(peer.counted, cases[i].counted, "%s", cases[i].address);
        cr_expect(enter(everybody, cases[i].address, &peer) && !peer.counted);
        cr_expect(enter(unlimited, cases[i].address, &peer) && !peer.counted);
    }
    peer_limit_free(limit);
    peer_limit_free(everybody);
    peer_limit_free(unlimited);
    peer_limit_free(NULL);
}

Test(peer_limit, refuses_what_is_no_address)
{
    static const char *const lists[] = {"proxy",    "10.0.0.1 10.0.0.2", "10.0.0.0/33", "10.0.0.0/",
                                        "10.0.0/8", "::1/129",           "10.0.0.0/-1", "::1,x",
                                        "[::1]"};
    struct error error;

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        cr_expect_null(peer_limit_new(1, lists[i], &error), "%s", lists[i]);
        cr_expect_not_null(strstr(error.text, "neither an address"), "%s", error.text);
    }
}
