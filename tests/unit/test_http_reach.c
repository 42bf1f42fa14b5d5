/* Which addresses an output_url may lead to. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "worker/http_reach.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOST         HTTP_REACH_HOST
#define NETWORK      HTTP_REACH_NETWORK
#define PUBLIC       HTTP_REACH_PUBLIC

static const struct {
    const char *address;
    enum http_reach reach;
} v4[] = {
    {"127.0.0.1", HOST},          {"127.255.255.255", HOST},    {"126.255.255.255", PUBLIC},
    {"128.0.0.0", PUBLIC},        {"0.0.0.0", NETWORK},         {"0.255.255.255", NETWORK},
    {"1.0.0.0", PUBLIC},          {"9.255.255.255", PUBLIC},    {"10.0.0.0", NETWORK},
    {"10.255.255.255", NETWORK},  {"11.0.0.0", PUBLIC},         {"100.63.255.255", PUBLIC},
    {"100.64.0.0", NETWORK},      {"100.100.100.200", NETWORK}, {"100.127.255.255", NETWORK},
    {"100.128.0.0", PUBLIC},      {"169.253.255.255", PUBLIC},  {"169.254.169.254", NETWORK},
    {"169.255.0.0", PUBLIC},      {"172.15.255.255", PUBLIC},   {"172.16.0.0", NETWORK},
    {"172.31.255.255", NETWORK},  {"172.32.0.0", PUBLIC},       {"192.0.0.192", NETWORK},
    {"192.0.1.0", PUBLIC},        {"192.167.255.255", PUBLIC},  {"192.168.0.1", NETWORK},
    {"192.169.0.0", PUBLIC},      {"198.17.255.255", PUBLIC},   {"198.18.0.0", NETWORK},
    {"198.19.255.255", NETWORK},  {"198.20.0.0", PUBLIC},       {"223.255.255.255", PUBLIC},
    {"224.0.0.1", NETWORK},       {"239.255.255.255", NETWORK}, {"240.0.0.0", NETWORK},
    {"255.255.255.255", NETWORK}, {"8.8.8.8", PUBLIC},
};

static const struct {
    const char *address;
    enum http_reach reach;
} v6[] = {
    {"::1", HOST},
    {"::", NETWORK},
    {"::2", NETWORK},
    {"::7f00:1", NETWORK},
    {"::ffff:127.0.0.1", HOST},
    {"::ffff:10.0.0.1", NETWORK},
    {"::ffff:169.254.169.254", NETWORK},
    {"::ffff:8.8.8.8", PUBLIC},
    {"64:ff9b::10.0.0.1", NETWORK},
    {"64:ff9b::8.8.8.8", PUBLIC},
    {"64:ff9b:1::8.8.8.8", NETWORK},
    {"100::1", NETWORK},
    {"fc00::1", NETWORK},
    {"fd00:ec2::254", NETWORK},
    {"fe80::1", NETWORK},
    {"fec0::1", NETWORK},
    {"ff02::1", NETWORK},
    {"1fff:ffff::1", NETWORK},
    {"2001::1", NETWORK},
    {"2001:1ff::1", NETWORK},
    {"2001:200::1", PUBLIC},
    {"2002:7f00:1::1", NETWORK},
    {"2003::1", PUBLIC},
    {"2a00:1450::1", PUBLIC},
    {"3fff:ffff::1", PUBLIC},
    {"4000::1", NETWORK},
};

Test(http_reach, of_addresses)
{
    for (size_t i = 0; i < COUNT(v4); i++) {
        struct sockaddr_in address = {.sin_family = AF_INET};
        cr_assert_eq(inet_pton(AF_INET, v4[i].address, &address.sin_addr), 1);
        enum http_reach reach = http_reach_of_address((const struct sockaddr *)&address);
        cr_expect_eq(reach, v4[i].reach, "%s: %d", v4[i].address, (int)reach);
    }
    for (size_t i = 0; i < COUNT(v6); i++) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6};
        cr_assert_eq(inet_pton(AF_INET6, v6[i].address, &address.sin6_addr), 1);
        enum http_reach reach = http_reach_of_address((const struct sockaddr *)&address);
        cr_expect_eq(reach, v6[i].reach, "%s: %d", v6[i].address, (int)reach);
    }
    struct sockaddr_un other = {.sun_family = AF_UNIX};
    cr_expect_eq(http_reach_of_address((const struct sockaddr *)&other), NETWORK);
}

static const struct {
    const char *url;
    enum http_reach reach;
} urls[] = {
    {"https://api.videodb.io", PUBLIC},
    {"http://8.8.8.8:80/x", PUBLIC},
    {"http://[2a00:1450::1]/", PUBLIC},
    {"http://localhost:5000", HOST},
    {"http://LOCALHOST", HOST},
    {"http://a.localhost", HOST},
    {"http://127.0.0.1:5000/api", HOST},
    {"http://127.1", HOST},
    {"http://2130706433", HOST},
    {"http://0x7f000001", HOST},
    {"http://[::1]:5000", HOST},
    {"http://[::ffff:127.0.0.1]", HOST},
    {"http://10.1.2.3", NETWORK},
    {"http://[fd00::1]", NETWORK},
    {"http://sandbox:5000", NETWORK},
    {"http://notlocalhost.example", PUBLIC},
    {"nonsense", NETWORK},
};

Test(http_reach, of_urls)
{
    for (size_t i = 0; i < COUNT(urls); i++) {
        enum http_reach reach = http_reach_of_url(urls[i].url);
        cr_expect_eq(reach, urls[i].reach, "%s: %d", urls[i].url, (int)reach);
    }
}
