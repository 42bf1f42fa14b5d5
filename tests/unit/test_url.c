#include <criterion/criterion.h>
#include <string.h>

#include "base/url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(url, takes_apart)
{
    static const struct {
        const char *text, *scheme, *host, *port, *origin, *target;
    } cases[] = {
        {"http://h", "http", "h", "", "http://h", ""},
        {"https://example.com/", "https", "example.com", "", "https://example.com", "/"},
        {"HTTPS://Example.COM:8443/a/b?c=d&e=/f#g?h", "HTTPS", "Example.COM", "8443",
         "HTTPS://Example.COM:8443", "/a/b?c=d&e=/f"},
        {"http://h?q=1", "http", "h", "", "http://h", "?q=1"},
        {"http://h#f", "http", "h", "", "http://h", ""},
        {"http://127.0.0.1:1/", "http", "127.0.0.1", "1", "http://127.0.0.1:1", "/"},
        {"http://h:65535", "http", "h", "65535", "http://h:65535", ""},
        {"http://[::1]:8080/x", "http", "::1", "8080", "http://[::1]:8080", "/x"},
        {"http://[2001:db8::1]", "http", "2001:db8::1", "", "http://[2001:db8::1]", ""},
        {"http://user:p%40ss@h:81/x", "http", "h", "81", "", "/x"},
        {"http://user@h", "http", "h", "", "", ""},
        {"http://my_host.local/it's(1)[2]{3}|4^5`", "http", "my_host.local", "",
         "http://my_host.local", "/it's(1)[2]{3}|4^5`"},
        {"http://h/@x:y", "http", "h", "", "http://h", "/@x:y"},
        {"http://m\xc3\xbcnchen.de/\xc3\xbc", "http", "m\xc3\xbcnchen.de", "",
         "http://m\xc3\xbcnchen.de", "/\xc3\xbc"},
        {"http://h/%20%zz", "http", "h", "", "http://h", "/%20%zz"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct url url;
        struct error error = {.text = ""};
        cr_expect(url_parse(slice_text(cases[i].text), 100, &url, &error), "%s: %s", cases[i].text,
                  error.text);
        cr_expect(slice_is(url.scheme, cases[i].scheme), "scheme of %s", cases[i].text);
        cr_expect(slice_is(url.host, cases[i].host), "host of %s", cases[i].text);
        cr_expect(slice_is(url.port, cases[i].port), "port of %s", cases[i].text);
        cr_expect(slice_is(url.origin, cases[i].origin), "origin of %s", cases[i].text);
        cr_expect(slice_is(url.target, cases[i].target), "target of %s", cases[i].text);
    }
}

Test(url, refuses)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "must start with http:// or https://"},
        {"example.com", "must start with http:// or https://"},
        {"//example.com", "must start with http:// or https://"},
        {"ftp://example.com", "must start with http:// or https://"},
        {"httpx://example.com", "must start with http:// or https://"},
        {"http:/example.com", "must start with http:// or https://"},
        {"http:example.com", "must start with http:// or https://"},
        {" http://example.com", "must start with http:// or https://"},
        {"file:///etc/passwd", "must start with http:// or https://"},
        {"javascript:alert(1)", "must start with http:// or https://"},
        {"http://", "must have a host"},
        {"http:///path", "must have a host"},
        {"http://?q", "must have a host"},
        {"http://:80/", "must have a host"},
        {"http://user@/", "must have a host"},
        {"http://user@:80", "must have a host"},
        {"http://h:0", "must have a port from 1 to 65535, or none"},
        {"http://h:65536", "must have a port from 1 to 65535, or none"},
        {"http://h:", "must have a port from 1 to 65535, or none"},
        {"http://h:8x", "must have a port from 1 to 65535, or none"},
        {"http://h:-1", "must have a port from 1 to 65535, or none"},
        {"http://h:1:2", "must have a port from 1 to 65535, or none"},
        {"http://[::1]x", "must have a port from 1 to 65535, or none"},
        {"http://[::1", "must have an IPv6 address between '[' and ']'"},
        {"http://[]", "must have an IPv6 address between '[' and ']'"},
        {"http://[1.2.3.4]", "must have an IPv6 address between '[' and ']'"},
        {"http://[fe80::1%25eth0]", "must have an IPv6 address between '[' and ']'"},
        {"http://a@b@c/", "must have a host of letters, digits, '-' and '.'"},
        {"http://a%2eb/", "must have a host of letters, digits, '-' and '.'"},
        {"http://a,b/", "must have a host of letters, digits, '-' and '.'"},
        {"http://a*/", "must have a host of letters, digits, '-' and '.'"},
        {"http://h/a b", "must not hold the byte 0x20 (at byte 10)"},
        {"http://h/a\tb", "must not hold the byte 0x09 (at byte 10)"},
        {"http://h/\r\nX: y", "must not hold the byte 0x0d (at byte 9)"},
        {"http://h/\x7f", "must not hold the byte 0x7f (at byte 9)"},
        {"http://h/\"", "must not hold the byte 0x22 (at byte 9)"},
        {"http://h/<", "must not hold the byte 0x3c (at byte 9)"},
        {"http://h/>", "must not hold the byte 0x3e (at byte 9)"},
        {"http://h\\@x/", "must not hold the byte 0x5c (at byte 8)"},
        {"http://h/#a b", "must not hold the byte 0x20 (at byte 11)"},
        {"http://h/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "must be at most 40 bytes long"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct url url;
        struct error error = {.text = ""};
        cr_expect(!url_parse(slice_text(cases[i].text), 40, &url, &error), "case %zu", i);
        cr_expect_str_eq(error.text, cases[i].error, "case %zu: %s", i, error.text);
    }
    struct url url;
    struct error error;
    cr_expect(!url_parse(slice_make("http://h/\0", 10), 40, &url, &error), "NUL");
}

Test(url, compares_origins)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"http://h", "http://h/x?y", true},        {"http://h", "HTTP://H:80/", true},
        {"https://h:443", "https://h", true},      {"https://h:0443", "https://h", true},
        {"http://h", "https://h", false},          {"http://h:443", "https://h", false},
        {"http://h:81", "http://h:82", false},     {"http://h", "http://h2", false},
        {"http://h", "http://u:p@h", true},        {"http://h", "http://h@evil", false},
        {"http://[::1]", "http://[::1]:80", true}, {"http://h", "http://h.", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct url a, b;
        struct error error;
        cr_assert(url_parse(slice_text(cases[i].a), 100, &a, &error));
        cr_assert(url_parse(slice_text(cases[i].b), 100, &b, &error), "%s", error.text);
        cr_expect_eq(url_same_origin(&a, &b), cases[i].same, "%s %s", cases[i].a, cases[i].b);
        cr_expect_eq(url_same_origin(&b, &a), cases[i].same, "%s %s", cases[i].b, cases[i].a);
    }
}

Test(url, encodes_and_decodes)
{
    static const struct {
        const char *plain, *encoded;
    } cases[] = {
        {"", ""},
        {"AZaz09-._~", "AZaz09-._~"},
        {"a b+c", "a%20b%2Bc"},
        {"/?&=#%:@", "%2F%3F%26%3D%23%25%3A%40"},
        {"\xc3\xbc", "%C3%BC"},
        {"\x01\xff", "%01%FF"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = BUFFER(100);
        url_add_encoded(&out, slice_text(cases[i].plain));
        cr_expect_str_eq(buffer_text(&out), cases[i].encoded);
        buffer_reset(&out);
        cr_expect(url_add_decoded(&out, slice_text(cases[i].encoded)));
        cr_expect_str_eq(buffer_text(&out), cases[i].plain);
        buffer_clear(&out);
    }
    struct buffer out = BUFFER(100);
    cr_expect(url_add_decoded(&out, slice_text("a+b%2f%c3%Bc")), "both cases, '+' stays");
    cr_expect_str_eq(buffer_text(&out), "a+b/\xc3\xbc");
    static const char *const broken[] = {"%",   "%2",   "a%",  "%zz",  "%2g",
                                         "%g2", "%%41", "%00", "x%00y"};
    for (size_t i = 0; i < COUNT(broken); i++)
        cr_expect(!url_add_decoded(&out, slice_text(broken[i])), "%s", broken[i]);
    buffer_clear(&out);
}

Test(url, finds_parameters)
{
    static const struct {
        const char *query, *name;
        bool found;
        const char *value;
    } cases[] = {
        {"id=a&n=1&sig=ff", "id", true, "a"},
        {"id=a&n=1&sig=ff", "n", true, "1"},
        {"id=a&n=1&sig=ff", "sig", true, "ff"},
        {"id=a%20b", "id", true, "a%20b"},
        {"id=a=b", "id", true, "a=b"},
        {"id=", "id", true, ""},
        {"id", "id", true, ""},
        {"&&id=x&&", "id", true, "x"},
        {"", "id", false, ""},
        {"xid=1&idx=2&ID=3", "id", false, ""},
        {"id=1&id=1", "id", false, ""},
        {"id=1&n=2&id", "id", false, ""},
        {"%69d=1", "id", false, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct slice value = slice_text("");
        cr_expect_eq(url_query_get(slice_text(cases[i].query), cases[i].name, &value),
                     cases[i].found, "%s", cases[i].query);
        if (cases[i].found)
            cr_expect(slice_is(value, cases[i].value), "%s", cases[i].query);
    }
}
