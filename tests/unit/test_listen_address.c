#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/listen_address.h"

Test(listen_address, parses)
{
    static const struct {
        const char *text, *host, *port, *path;
    } cases[] = {
        {"127.0.0.1:8080", "127.0.0.1", "8080", ""}, {"localhost:0", "localhost", "0", ""},
        {"[::1]:65535", "::1", "65535", ""},         {"[::]:1", "::", "1", ""},
        {"unix:/run/x y:1", "", "", "/run/x y:1"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct listen_address address;
        struct error error = {""};
        cr_assert(listen_address_parse(&address, cases[i].text, &error), "%s", error.text);
        cr_expect_str_eq(address.host, cases[i].host);
        cr_expect_str_eq(address.port, cases[i].port);
        cr_expect_str_eq(address.path, cases[i].path);
        listen_address_clear(&address);
    }
}

Test(listen_address, refuses)
{
    static const char *const texts[] = {
        "",
        "8080",
        ":8080",
        "host",
        "host:",
        "host:http",
        "host:65536",
        "host:-1",
        "host:000080",
        "::1:80",
        "[::1]",
        "[::1:80",
        "[host]:80",
        "[]:80",
        "unix:",
        "unix:relative",
        ("unix:/01234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "0123456789012345678901234567890123456789"),
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct listen_address address;
        struct error error = {""};
        cr_expect(!listen_address_parse(&address, texts[i], &error), "%s", texts[i]);
        cr_expect(strncmp(error.text, texts[i], strlen(texts[i])) == 0, "%s", error.text);
    }
}

Test(listen_address, opens_and_names)
{
    static const struct {
        const char *text, *begin;
    } cases[] = {{"127.0.0.1:0", "127.0.0.1:"}, {"localhost:0", ""}, {"[::1]:0", "[::1]:"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct listen_address address;
        struct error error = {""};
        cr_assert(listen_address_parse(&address, cases[i].text, &error), "%s", error.text);
        int fd = listen_address_open(&address, &error);
        listen_address_clear(&address);
        if (fd == -1 && strchr(cases[i].text, '[') != NULL)
            continue; // a machine without IPv6
        cr_assert_neq(fd, -1, "%s", error.text);
        char *name = listen_address_of(fd);
        cr_expect(strncmp(name, cases[i].begin, strlen(cases[i].begin)) == 0, "%s", name);
        cr_expect(strtoul(strrchr(name, ':') + 1, NULL, 10) > 0, "%s", name);
        free(name);
        (void)close(fd);
    }
}
