#include <criterion/criterion.h>
#include <string.h>

#include "base/buffer.h"
#include "net/redis_url.h"

static const struct good {
    const char *text, *host, *path, *user, *password, *display;
    int port, db;
} good[] = {
    {"redis://127.0.0.1:6379/0", "127.0.0.1", "", "", "", "redis://127.0.0.1:6379/0", 6379, 0},
    {"redis://redis", "redis", "", "", "", "redis://redis:6379/0", 6379, 0},
    {"redis://redis/", "redis", "", "", "", "redis://redis:6379/0", 6379, 0},
    {"redis://h:1/15", "h", "", "", "", "redis://h:1/15", 1, 15},
    {"redis://[::1]:7000/2", "::1", "", "", "", "redis://[::1]:7000/2", 7000, 2},
    {"redis://[fe80::1]", "fe80::1", "", "", "", "redis://[fe80::1]:6379/0", 6379, 0},
    {"redis://:secret@h", "h", "", "", "secret", "redis://h:6379/0", 6379, 0},
    {"redis://bob:secret@h:65535", "h", "", "bob", "secret", "redis://h:65535/0", 65535, 0},
    {"redis://b%40b:s%3a%2F%40@h", "h", "", "b@b", "s:/@", "redis://h:6379/0", 6379, 0},
    {"redis://bob:a:b@c@h/1", "h", "", "bob", "a:b@c", "redis://h:6379/1", 6379, 1},
    {"unix:///run/redis.sock", "", "/run/redis.sock", "", "", "unix:///run/redis.sock", 0, 0},
    {"unix:///r?db=3", "", "/r", "", "", "unix:///r?db=3", 0, 3},
    {"unix:///a@b/c:d", "", "/a@b/c:d", "", "", "unix:///a@b/c:d", 0, 0},
    {"unix://bob:secret@/r?db=0", "", "/r", "bob", "secret", "unix:///r", 0, 0},
};

Test(redis_url, takes_what_it_should)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct good *g = &good[i];
        struct redis_url url;
        struct error error = {0};
        bool parsed = redis_url_parse(&url, slice_text(g->text), &error);
        cr_assert(parsed, "%s: %s", g->text, error.text);
        cr_expect_str_eq(url.host, g->host, "%s", g->text);
        cr_expect_str_eq(url.path, g->path, "%s", g->text);
        cr_expect_str_eq(url.user, g->user, "%s", g->text);
        cr_expect_str_eq(url.password, g->password, "%s", g->text);
        cr_expect_str_eq(url.display, g->display, "%s", g->text);
        cr_expect(url.path[0] != '\0' || url.port == g->port, "%s", g->text);
        cr_expect_eq(url.db, g->db, "%s", g->text);
        redis_url_clear(&url);
    }
}

static const struct bad {
    const char *text, *says;
} bad[] = {
    {"", "redis://"},
    {"127.0.0.1:6379", "redis://"},
    {"http://h", "redis://"},
    {"redis:/h", "redis://"},
    {"redis://", "host"},
    {"redis://:6379", "host"},
    {"redis:///0", "host"},
    {"redis://[::1", "]"},
    {"redis://[]", "host"},
    {"redis://[::1]x", "]"},
    {"redis://h:0", "port"},
    {"redis://h:65536", "port"},
    {"redis://h:", "port"},
    {"redis://h:12x", "port"},
    {"redis://::1", "host"},
    {"redis://h/x", "database"},
    {"redis://h/-1", "database"},
    {"redis://h/99999999999", "database"},
    {"redis://h/0/1", "database"},
    {"redis://h/0?x=1", "database"},
    {"redis://user@h", "password"},
    {"redis://user:@h", "password"},
    {"redis://@h", "password"},
    {"redis://u:secr%zzet@h", "escape"},
    {"redis://u:secr%00et@h", "escape"},
    {"redis://u:secret@", "host"},
    {"redis://u:secret/x@h:1", "port"},
    {"redis://u:1/secret@h:1", "database"},
    {"redis://u:sec ret@h", "spaces"},
    {"redis://h\n", "control"},
    {"unix://", "path"},
    {"unix:///", "path"},
    {"unix://run/redis.sock", "path"},
    {"unix://u:secret/x@/run", "path"},
    {"unix:///r?x=1", "db="},
    {"unix:///r?db=x", "database"},
};

Test(redis_url, refuses_the_rest_without_quoting_it)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct redis_url url;
        struct error error = {0};
        bool parsed = redis_url_parse(&url, slice_text(bad[i].text), &error);
        cr_assert(!parsed, "%s", bad[i].text);
        cr_expect(strstr(error.text, bad[i].says) != NULL, "%s: %s", bad[i].text, error.text);
        cr_expect(strstr(error.text, "secr") == NULL, "%s: %s", bad[i].text, error.text);
    }
}

Test(redis_url, refuses_what_is_too_long)
{
    static const struct {
        const char *prefix;
        size_t length;
        const char *suffix;
        bool fits;
    } cases[] = {
        {"redis://", 253, "", true},     {"redis://", 254, "", false},
        {"unix:///", 106, "", true},     {"unix:///", 107, "", false},
        {"redis://:", 4096, "@h", true}, {"redis://:", 4097, "@h", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer text = BUFFER(8192);
        struct redis_url url;
        bool parsed;
        buffer_add_text(&text, cases[i].prefix);
        for (size_t n = 0; n < cases[i].length; n++) {
            buffer_add_char(&text, 'x');
        }
        buffer_add_text(&text, cases[i].suffix);
        parsed = redis_url_parse(&url, buffer_slice(&text), NULL);
        cr_expect_eq(parsed, cases[i].fits, "%s %zu", cases[i].prefix, cases[i].length);
        if (parsed) {
            redis_url_clear(&url);
        }
        buffer_clear(&text);
    }
}

Test(redis_url, speaks_tls_where_hiredis_does)
{
    static const char *const texts[] = {"rediss://h", "rediss://u:secret@h"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct redis_url url;
        struct error error = {0};
        bool parsed = redis_url_parse(&url, slice_text(texts[i]), &error);
        cr_expect_eq(parsed, redis_tls_possible(), "%s", texts[i]);
        if (parsed) {
            cr_expect(url.secure);
            cr_expect_str_eq(url.display, "rediss://h:6379/0");
            redis_url_clear(&url);
        } else {
            cr_expect_not_null(strstr(error.text, "TLS"), "%s", error.text);
            cr_expect_null(strstr(error.text, "secret"), "%s", error.text);
        }
    }
}
