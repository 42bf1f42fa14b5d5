#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Loads from the key and one variable more, and says whether that did it. */
static bool fits(enum config_program program, const char *variable, struct error *error)
{
    struct config config;
    char *environment[] = {strdup("VIDEO_DB_API_KEY=sk-secret"), strdup(variable), NULL};

    bool loaded = config_load(&config, program, environment, error);
    if (loaded)
        config_clear(&config);
    free(environment[0]);
    free(environment[1]);
    return loaded;
}

Test(config_value, accepts)
{
    static const struct {
        enum config_program program;
        const char *variable;
    } cases[] = {
        {CONFIG_WORKER, "REELQ_POLL_INTERVAL=100ms"},
        {CONFIG_WORKER, "REELQ_RETRY_BASE=200ms"},
        {CONFIG_WORKER, "REELQ_CALLBACK_TIMEOUT=1s"},
        {CONFIG_WORKER, "REELQ_CONCURRENCY=1024"},
        {CONFIG_WORKER, "REELQ_DRAIN_TIMEOUT=0"},
        {CONFIG_WORKER, "REELQ_PREFIX={reelq}:"},
        {CONFIG_WORKER, "REELQ_PREFIX=x"},
        {CONFIG_WORKER, "REELQ_REDIS_URL=unix:///run/redis.sock"},
        {CONFIG_WORKER, "REELQ_REDIS_URL=rediss://user:p%40ss@h:6380/1"},
        {CONFIG_WORKER, "REELQ_ADMIN_LISTEN=off"},
        {CONFIG_WORKER, "REELQ_ADMIN_LISTEN=127.0.0.1:0"},
        {CONFIG_WEBHOOK, "REELQ_LISTEN=[::1]:8080"},
        {CONFIG_WEBHOOK, "REELQ_LISTEN=localhost:65535"},
        {CONFIG_WEBHOOK, "REELQ_LISTEN=unix:/run/reelq.sock"},
        {CONFIG_WEBHOOK, "REELQ_MAX_BODY=1m"},
        {CONFIG_WEBHOOK, "REELQ_MAX_PER_ADDRESS=0"},
        {CONFIG_WEBHOOK, "REELQ_TRUSTED_PROXIES=10.0.0.0/8,::1"},
        {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET=0123456789abcdef,fedcba9876543210"},
        /* of the other program: known, and not looked at */
        {CONFIG_WEBHOOK, "REELQ_CONCURRENCY=0"},
        {CONFIG_WORKER, "REELQ_LISTEN=nowhere"},
        {CONFIG_WEBHOOK, "VIDEO_DB_API_KEY_FILE=/nonexistent"},
        /* not ours */
        {CONFIG_WORKER, "REELQ=1"},
        {CONFIG_WORKER, "MY_REELQ_LEASE=1"},
        {CONFIG_WORKER, "VIDEO_DB_SOMETHING=1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {.text = ""};
        cr_expect(fits(cases[i].program, cases[i].variable, &error), "%s: %s", cases[i].variable,
                  error.text);
    }
}

static const struct {
    enum config_program program;
    const char *variable, *error;
} refused[] = {
    {CONFIG_WORKER, "REELQ_LEASE=15",
     "REELQ_LEASE is \"15\": expected a duration such as 500ms, 30s, 5m, 7d"},
    {CONFIG_WORKER, "REELQ_LEASE=499ms", "REELQ_LEASE is \"499ms\": expected 500ms to 1h"},
    {CONFIG_WORKER, "REELQ_LEASE=2h", "REELQ_LEASE is \"2h\": expected 500ms to 1h"},
    {CONFIG_WORKER, "REELQ_CONCURRENCY=0", "REELQ_CONCURRENCY is \"0\": expected 1 to 1024"},
    {CONFIG_WORKER, "REELQ_CONCURRENCY=1025", "REELQ_CONCURRENCY is \"1025\": expected 1 to 1024"},
    {CONFIG_WORKER, "REELQ_CONCURRENCY=many", "REELQ_CONCURRENCY is \"many\": expected 1 to 1024"},
    {CONFIG_WORKER, "REELQ_CONCURRENCY=-1", "REELQ_CONCURRENCY is \"-1\": expected 1 to 1024"},
    {CONFIG_WORKER, "REELQ_CONCURRENCY=99999999999999999999",
     "REELQ_CONCURRENCY is \"99999999999999999999\": expected 1 to 1024"},
    {CONFIG_WORKER, "REELQ_MAX_AWAITING=-1", "REELQ_MAX_AWAITING is \"-1\": expected 0 to 1000000"},
    {CONFIG_WEBHOOK, "REELQ_MAX_BODY=lots",
     "REELQ_MAX_BODY is \"lots\": expected a size such as 64k, 1m, 1024"},
    {CONFIG_WEBHOOK, "REELQ_MAX_BODY=2m", "REELQ_MAX_BODY is \"2m\": expected 1k to 1m"},
    {CONFIG_WORKER, "REELQ_DUPLICATES=keep",
     "REELQ_DUPLICATES is \"keep\": expected report or delete"},
    {CONFIG_WORKER, "REELQ_LOG_LEVEL=INFO",
     "REELQ_LOG_LEVEL is \"INFO\": expected debug, info, warn or error"},
    {CONFIG_WORKER, "REELQ_UNIQUE_NAMES=yes", "REELQ_UNIQUE_NAMES is \"yes\": expected 0 or 1"},
    {CONFIG_WORKER, "VIDEO_DB_BASE_URL=api.videodb.io",
     "VIDEO_DB_BASE_URL is \"api.videodb.io\": must start with http:// or https://"},
    {CONFIG_WORKER, "VIDEO_DB_BASE_URL=https://h/?a=1",
     "VIDEO_DB_BASE_URL is \"https://h/?a=1\": must not have a query or fragment"},
    {CONFIG_WORKER, "VIDEO_DB_BASE_URL=https://h/#a",
     "VIDEO_DB_BASE_URL is \"https://h/#a\": must not have a query or fragment"},
    {CONFIG_WORKER, "REELQ_PUBLIC_URL=https://u:hunter2@h/",
     "REELQ_PUBLIC_URL: must not hold a user name or password"},
    {CONFIG_WORKER, "REELQ_PUBLIC_URL=ftp://u:hunter2@h/",
     "REELQ_PUBLIC_URL: must start with http:// or https://"},
    {CONFIG_WORKER, "REELQ_PREFIX=a b",
     "REELQ_PREFIX is \"a b\": expected 1 to 64 visible ASCII characters, none of them a quote"
     " or one of \\ * ? [ ]"},
    {CONFIG_WEBHOOK, "REELQ_LISTEN=8080",
     "REELQ_LISTEN is \"8080\": expected HOST:PORT, [IPV6]:PORT or unix:/path"},
    {CONFIG_WEBHOOK, "REELQ_LISTEN=off",
     "REELQ_LISTEN is \"off\": expected HOST:PORT, [IPV6]:PORT or unix:/path"},
    {CONFIG_WEBHOOK, "REELQ_ADMIN_LISTEN=::1:9090",
     "REELQ_ADMIN_LISTEN is \"::1:9090\": expected HOST:PORT, [IPV6]:PORT or unix:/path, or"
     " off"},
    {CONFIG_WEBHOOK, "REELQ_LISTEN=unix:relative",
     "REELQ_LISTEN is \"unix:relative\": expected unix: and an absolute path of at most 107"
     " bytes"},
    {CONFIG_WEBHOOK, "REELQ_SPOOL_DIR=/a\nb",
     "REELQ_SPOOL_DIR is \"/a?b\": must not hold control bytes"},
    {CONFIG_WORKER, "REELQ_REDIS_URL=http://u:hunter2@h",
     "REELQ_REDIS_URL: must start with redis://, rediss:// or unix://"},
    {CONFIG_WORKER, "REELQ_REDIS_URL=hunter2",
     "REELQ_REDIS_URL: must start with redis://, rediss:// or unix://"},
    {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET=hunter2",
     "REELQ_CALLBACK_SECRET: secret 1 is shorter than 16 bytes"},
    {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET_FILE=/nonexistent/secret",
     "REELQ_CALLBACK_SECRET_FILE: cannot open /nonexistent/secret: No such file or directory"},
    {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET_FILE=/dev/null",
     "REELQ_CALLBACK_SECRET_FILE: /dev/null is not a file or a pipe"},
    {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET_FILE=/tmp",
     "REELQ_CALLBACK_SECRET_FILE: /tmp is not a file or a pipe"},
    {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET_FILE=/dev/zero",
     "REELQ_CALLBACK_SECRET_FILE: /dev/zero is not a file or a pipe"},
    {CONFIG_WORKER, "VIDEO_DB_API_KEY_FILE=/dev/null",
     "VIDEO_DB_API_KEY and VIDEO_DB_API_KEY_FILE are both set"},
    /* unknown names */
    {CONFIG_WORKER, "REELQ_CONCURENCY=4",
     "REELQ_CONCURENCY is not a setting of reelq; did you mean REELQ_CONCURRENCY?"},
    {CONFIG_WEBHOOK, "REELQ_CONCURENCY=4",
     "REELQ_CONCURENCY is not a setting of reelq; did you mean REELQ_CONCURRENCY?"},
    {CONFIG_WORKER, "REELQ_MAX_ATTEMPT=4",
     "REELQ_MAX_ATTEMPT is not a setting of reelq; did you mean REELQ_MAX_ATTEMPTS?"},
    {CONFIG_WORKER, "REELQ_API_KEY=hunter2",
     "REELQ_API_KEY is not a setting of reelq; did you mean VIDEO_DB_API_KEY?"},
    {CONFIG_WORKER, "REELQ_LEASE_FILE=/x",
     "REELQ_LEASE_FILE is not a setting of reelq; did you mean REELQ_LEASE?"},
    {CONFIG_WORKER, "REELQ_lease=1s",
     "REELQ_lease is not a setting of reelq; did you mean REELQ_LEASE?"},
};

Test(config_value, refuses_and_says_what_would_be_right)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct error error = {.text = ""};
        cr_expect(!fits(refused[i].program, refused[i].variable, &error), "%s",
                  refused[i].variable);
        cr_expect_str_eq(error.text, refused[i].error, "%s: %s", refused[i].variable, error.text);
        cr_expect(strstr(error.text, "hunter2") == NULL, "quotes a secret: %s", error.text);
    }
}

Test(config_value, bounds_prefixes)
{
    char variable[128];
    static const char bad[] = " \"'`\\*?[]\x01\x7f\xc3";

    for (size_t i = 0; i < sizeof(bad) - 1; i++) {
        struct error error;
        (void)snprintf(variable, sizeof(variable), "REELQ_PREFIX=a%cb", bad[i]);
        cr_expect(!fits(CONFIG_WORKER, variable, &error), "byte %zu", i);
    }
    for (int length = 64; length <= 65; length++) {
        struct error error = {.text = ""};
        (void)snprintf(variable, sizeof(variable), "REELQ_PREFIX=%0*d", length, 0);
        cr_expect_eq(fits(CONFIG_WORKER, variable, &error), length == 64, "%s", error.text);
    }
}

Test(config_value, shortens_long_values_in_errors)
{
    char variable[4096];
    struct error error;

    memset(variable, 'x', sizeof(variable));
    memcpy(variable, "REELQ_LEASE=", 12);
    variable[sizeof(variable) - 1] = '\0';
    cr_expect(!fits(CONFIG_WORKER, variable, &error));
    cr_expect(strstr(error.text, "xxx...\": expected a duration") != NULL, "%s", error.text);

    memset(variable, 'X', sizeof(variable));
    memcpy(variable, "REELQ_", 6);
    variable[sizeof(variable) - 2] = '=';
    variable[sizeof(variable) - 1] = '\0';
    cr_expect(!fits(CONFIG_WORKER, variable, &error));
    cr_expect(strstr(error.text, "is not a setting of reelq; did you mean ") != NULL, "%s",
              error.text);
}
