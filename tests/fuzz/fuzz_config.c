/* The environment, one variable a line: for both programs it is a configuration or an error, and
 * neither shows a secret. Every value is also read by each parser of its own, and what is taken
 * must mean the same when it is written anew. Names that end in _FILE are left out: to open what
 * stands behind them would leave the program. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_table.h"
#include "base/signature.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "fuzz.h"
#include "net/listen_address.h"
#include "net/peer_limit.h"
#include "net/redis_url.h"

enum { MAX_VARIABLES = 64, MAX_TEXT = 1 << 20 };

/* --- values ----------------------------------------------------------------------------------- */

static void read_units(struct slice text)
{
    struct buffer again = BUFFER(MAX_TEXT);
    int64_t value, other;

    if (units_parse_duration(text, &value)) {
        assert(value >= 0);
        units_add_duration(&again, value);
        assert(units_parse_duration(buffer_slice(&again), &other) && other == value);
    }
    buffer_reset(&again);
    if (units_parse_size(text, &value)) {
        assert(value >= 0);
        units_add_size(&again, value);
        assert(units_parse_size(buffer_slice(&again), &other) && other == value);
    }
    buffer_clear(&again);
}

/* The text that may be logged leads to the same server. */
static void read_redis_url(struct slice text)
{
    struct redis_url url, shown;
    struct error error;

    if (!redis_url_parse(&url, text, &error)) {
        fuzz_expect_error(&error);
        return;
    }
    assert((url.host[0] != '\0') != (url.path[0] != '\0'));
    assert(url.host[0] == '\0' || (url.port > 0 && url.port <= 65535));
    assert(url.db >= 0 && (url.user[0] == '\0' || url.password[0] != '\0'));
    assert(redis_url_parse(&shown, slice_text(url.display), &error));
    assert(fuzz_same(shown.host, url.host) && fuzz_same(shown.path, url.path));
    assert(shown.port == url.port && shown.db == url.db && shown.password[0] == '\0');
    redis_url_clear(&shown);
    redis_url_clear(&url);
}

static void read_listen_address(const char *text)
{
    struct listen_address address, again;
    struct error error;

    if (!listen_address_parse(&address, text, &error)) {
        fuzz_expect_error(&error);
        return;
    }
    bool ipv6 = strchr(address.host, ':') != NULL;
    char *joined = address.path[0] != '\0'
                       ? xasprintf("unix:%s", address.path)
                       : xasprintf(ipv6 ? "[%s]:%s" : "%s:%s", address.host, address.port);
    assert((address.path[0] != '\0') != (address.host[0] != '\0'));
    assert(listen_address_parse(&again, joined, &error));
    assert(fuzz_same(again.host, address.host) && fuzz_same(again.port, address.port) &&
           fuzz_same(again.path, address.path));
    free(joined);
    listen_address_clear(&again);
    listen_address_clear(&address);
}

/* Who is exempt stays so, whatever else is on the list. */
static void read_exempt(const char *list)
{
    struct sockaddr_storage nobody = {.ss_family = AF_UNIX};
    struct error error;
    struct peer peer;

    struct peer_limit *limit = peer_limit_new(1, list, &error);
    if (limit == NULL) {
        fuzz_expect_error(&error);
        return;
    }
    assert(peer_limit_enter(limit, (struct sockaddr *)&nobody, &peer) && !peer.counted);
    peer_limit_free(limit);
}

static void read_secrets(struct slice text)
{
    struct signature_keys keys;
    struct error error;

    if (!signature_keys_parse(&keys, text, &error)) {
        fuzz_expect_error(&error);
        return;
    }
    assert(keys.count >= 1 && keys.count <= SIGNATURE_MAX_SECRETS);
    for (unsigned i = 0; i < keys.count; i++)
        assert(strlen(keys.secrets[i]) >= 16 && strchr(keys.secrets[i], ',') == NULL);
    signature_keys_clear(&keys);
}

static void read_value(const char *text)
{
    struct slice value = slice_text(text);

    read_units(value);
    read_redis_url(value);
    read_listen_address(text);
    read_exempt(text);
    read_secrets(value);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What stands here as the value of a secret must never be seen again. */
static const char secret[] = "Sesame-Sesame-Sesame";

struct environment {
    char *variables[MAX_VARIABLES + 2];
    size_t count;
    bool named; /* the secret stands where it is no secret */
};

static bool is_secret(struct slice name)
{
    return slice_is(name, "VIDEO_DB_API_KEY") || slice_is(name, "REELQ_CALLBACK_SECRET");
}

static void add_variable(struct environment *environment, struct slice line)
{
    struct slice value = slice_head(line, slice_find(line, '\0')), name = fuzz_cut(&value, '=');

    if (name.length > 5 && slice_is(slice_skip(name, name.length - 5), "_FILE"))
        return;
    char *variable = slice_copy(line);
    environment->named =
        environment->named || (!is_secret(name) && strstr(variable, secret) != NULL);
    environment->variables[environment->count++] = variable;
}

static void expect_hidden(const struct environment *environment, const char *text)
{
    assert(environment->named || strstr(text, secret) == NULL);
}

static void load(const struct environment *environment, enum config_program program)
{
    struct buffer summary = BUFFER(MAX_TEXT);
    struct config config;
    struct error error;

    if (!config_load(&config, program, environment->variables, &error)) {
        fuzz_expect_error(&error);
        expect_hidden(environment, error.text);
        return;
    }
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        const char *field = (const char *)&config + s->offset;
        if (s->type < CONFIG_INTEGER)
            assert(*(char *const *)(const void *)field != NULL);
    }
    assert(config.concurrency >= 1 && config.lease_ms >= 500 && config.max_body_bytes >= 1024);
    config_add_summary(&summary, &config, program);
    assert(!summary.failed);
    expect_hidden(environment, buffer_text(&summary));
    buffer_clear(&summary);
    config_clear(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_make(data, size);
    struct environment environment = {.count = 0};

    while (rest.length > 0 && environment.count < MAX_VARIABLES)
        add_variable(&environment, fuzz_cut(&rest, '\n'));
    environment.variables[environment.count] = xasprintf("VIDEO_DB_API_KEY=%s", secret);
    load(&environment, CONFIG_WORKER);
    load(&environment, CONFIG_WEBHOOK);
    for (size_t i = 0; i < environment.count; i++) {
        const char *equals = strchr(environment.variables[i], '=');
        read_value(equals == NULL ? environment.variables[i] : equals + 1);
    }
    for (size_t i = 0; i <= environment.count; i++)
        free(environment.variables[i]);
    return 0;
}
