#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY          "VIDEO_DB_API_KEY=sk-secret"

/* Loads from the key and up to five variables more ("" for none of them). */
static bool load(struct config *config, enum config_program program, const char *const variables[5],
                 struct error *error)
{
    char *environment[8] = {strdup(KEY), strdup("PATH=/bin"), NULL};
    size_t count = 2;
    for (size_t i = 0; i < 5 && variables[i] != NULL; i++)
        environment[count++] = strdup(variables[i]);
    bool loaded = config_load(config, program, environment, error);
    for (size_t i = 0; i < count; i++)
        free(environment[i]);
    return loaded;
}

static struct config loaded(enum config_program program, const char *a, const char *b)
{
    struct config config;
    struct error error;
    const char *const variables[5] = {a, b};
    cr_assert(load(&config, program, variables, &error), "%s", error.text);
    return config;
}

Test(config, has_the_documented_defaults)
{
    struct config worker = loaded(CONFIG_WORKER, NULL, NULL);
    struct config webhook = loaded(CONFIG_WEBHOOK, NULL, NULL);

    cr_expect_str_eq(worker.redis_url, "redis://127.0.0.1:6379/0");
    cr_expect_str_eq(worker.prefix, "reelq:");
    cr_expect_str_eq(worker.api_key, "sk-secret");
    cr_expect_str_eq(worker.api_base_url, "https://api.videodb.io");
    cr_expect_str_eq(worker.public_url, "");
    cr_expect_str_eq(worker.admin_listen, "127.0.0.1:9091");
    cr_expect_str_eq(worker.callback_secret, "");
    cr_expect_str_eq(worker.default_index, "spoken_words");
    cr_expect_eq(worker.concurrency, 16);
    cr_expect_eq(worker.max_awaiting, 0);
    cr_expect_eq(worker.max_attempts, 3);
    cr_expect_eq(worker.retry_base_ms, 1000);
    cr_expect_eq(worker.retry_cap_ms, 300000);
    cr_expect_eq(worker.api_timeout_ms, 30000);
    cr_expect_eq(worker.callback_timeout_ms, 3600000);
    cr_expect_eq(worker.unknown_grace_ms, 600000);
    cr_expect_eq(worker.poll_interval_ms, 5000);
    cr_expect_eq(worker.job_timeout_ms, 86400000);
    cr_expect_eq(worker.breaker, 5);
    cr_expect_eq(worker.probe_interval_ms, 5000);
    cr_expect_eq(worker.lease_ms, 15000);
    cr_expect_eq(worker.drain_timeout_ms, 30000);
    cr_expect_eq(worker.retention_ms, 604800000);
    cr_expect_eq(worker.duplicates, DUPLICATES_REPORT);
    cr_expect_eq(worker.log_level, LOG_LEVEL_INFO);
    cr_expect(!worker.unique_names);

    cr_expect_str_eq(webhook.listen, "0.0.0.0:8080");
    cr_expect_str_eq(webhook.admin_listen, "127.0.0.1:9090");
    cr_expect_str_eq(webhook.spool_dir, "");
    cr_expect_str_eq(webhook.trusted_proxies, "");
    cr_expect_eq(webhook.max_body_bytes, 65536);
    cr_expect_eq(webhook.max_connections, 10000);
    cr_expect_eq(webhook.max_per_address, 64);
    /* What a program does not use has its default too, and is never NULL. */
    cr_expect_str_eq(webhook.api_key, "");
    cr_expect_eq(webhook.lease_ms, 15000);
    cr_expect_str_eq(worker.listen, "0.0.0.0:8080");
    config_clear(&worker);
    config_clear(&webhook);
    cr_expect(worker.redis_url == NULL);
}

Test(config, reads_values)
{
    const char *const variables[5] = {"VIDEO_DB_BASE_URL=http://127.0.0.1:5000/api/",
                                      "REELQ_LEASE=500ms", "REELQ_DUPLICATES=delete",
                                      "REELQ_UNIQUE_NAMES=1", "REELQ_LOG_LEVEL=error"};
    struct config config;
    struct error error;

    cr_assert(load(&config, CONFIG_WORKER, variables, &error), "%s", error.text);
    cr_expect_str_eq(config.api_base_url, "http://127.0.0.1:5000/api", "without the last slash");
    cr_expect_eq(config.lease_ms, 500);
    cr_expect_eq(config.duplicates, DUPLICATES_DELETE);
    cr_expect(config.unique_names);
    cr_expect_eq(config.log_level, LOG_LEVEL_ERROR);
    config_clear(&config);
}

Test(config, accepts)
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
        struct config config;
        struct error error = {.text = ""};
        const char *const variables[5] = {cases[i].variable};
        bool fits = load(&config, cases[i].program, variables, &error);
        cr_expect(fits, "%s: %s", cases[i].variable, error.text);
        if (fits)
            config_clear(&config);
    }
}

Test(config, refuses_and_says_what_would_be_right)
{
    static const struct {
        enum config_program program;
        const char *variable, *error;
    } cases[] = {
        {CONFIG_WORKER, "REELQ_LEASE=15",
         "REELQ_LEASE is \"15\": expected a duration such as 500ms, 30s, 5m, 7d"},
        {CONFIG_WORKER, "REELQ_LEASE=499ms", "REELQ_LEASE is \"499ms\": expected 500ms to 1h"},
        {CONFIG_WORKER, "REELQ_LEASE=2h", "REELQ_LEASE is \"2h\": expected 500ms to 1h"},
        {CONFIG_WORKER, "REELQ_CONCURRENCY=0", "REELQ_CONCURRENCY is \"0\": expected 1 to 1024"},
        {CONFIG_WORKER, "REELQ_CONCURRENCY=1025",
         "REELQ_CONCURRENCY is \"1025\": expected 1 to 1024"},
        {CONFIG_WORKER, "REELQ_CONCURRENCY=many",
         "REELQ_CONCURRENCY is \"many\": expected 1 to 1024"},
        {CONFIG_WORKER, "REELQ_CONCURRENCY=-1", "REELQ_CONCURRENCY is \"-1\": expected 1 to 1024"},
        {CONFIG_WORKER, "REELQ_CONCURRENCY=99999999999999999999",
         "REELQ_CONCURRENCY is \"99999999999999999999\": expected 1 to 1024"},
        {CONFIG_WORKER, "REELQ_MAX_AWAITING=-1",
         "REELQ_MAX_AWAITING is \"-1\": expected 0 to 1000000"},
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
         "REELQ_CALLBACK_SECRET_FILE: /dev/null is empty"},
        {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET_FILE=/tmp",
         "REELQ_CALLBACK_SECRET_FILE: cannot read /tmp"},
        {CONFIG_WEBHOOK, "REELQ_CALLBACK_SECRET_FILE=/dev/zero",
         "REELQ_CALLBACK_SECRET_FILE: /dev/zero holds more than 65536 bytes"},
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
         "REELQ_API_KEY is not a setting of reelq; did you mean REELQ_PREFIX?"},
        {CONFIG_WORKER, "REELQ_LEASE_FILE=/x",
         "REELQ_LEASE_FILE is not a setting of reelq; did you mean REELQ_LEASE?"},
        {CONFIG_WORKER, "REELQ_lease=1s",
         "REELQ_lease is not a setting of reelq; did you mean REELQ_LEASE?"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct config config;
        struct error error = {.text = ""};
        const char *const variables[5] = {cases[i].variable};
        bool fits = load(&config, cases[i].program, variables, &error);
        cr_expect(!fits, "%s", cases[i].variable);
        cr_expect_str_eq(error.text, cases[i].error, "%s: %s", cases[i].variable, error.text);
        cr_expect(strstr(error.text, "hunter2") == NULL, "quotes a secret: %s", error.text);
        if (fits)
            config_clear(&config);
    }
}

Test(config, bounds_prefixes)
{
    char variable[128];
    const char *const variables[5] = {variable};
    static const char bad[] = " \"'`\\*?[]\x01\x7f\xc3";

    for (size_t i = 0; i < sizeof(bad) - 1; i++) {
        struct config config;
        struct error error;
        (void)snprintf(variable, sizeof(variable), "REELQ_PREFIX=a%cb", bad[i]);
        cr_expect(!load(&config, CONFIG_WORKER, variables, &error), "byte %zu", i);
    }
    for (int length = 64; length <= 65; length++) {
        struct config config;
        struct error error = {.text = ""};
        (void)snprintf(variable, sizeof(variable), "REELQ_PREFIX=%0*d", length, 0);
        bool fits = load(&config, CONFIG_WORKER, variables, &error);
        cr_expect_eq(fits, length == 64, "%s", error.text);
        if (fits)
            config_clear(&config);
    }
}

Test(config, shortens_long_values_in_errors)
{
    char variable[4096];
    const char *const variables[5] = {variable};
    struct config config;
    struct error error;

    memset(variable, 'x', sizeof(variable));
    memcpy(variable, "REELQ_LEASE=", 12);
    variable[sizeof(variable) - 1] = '\0';
    cr_expect(!load(&config, CONFIG_WORKER, variables, &error));
    cr_expect(strstr(error.text, "xxx...\": expected a duration") != NULL, "%s", error.text);

    memset(variable, 'X', sizeof(variable));
    memcpy(variable, "REELQ_", 6);
    variable[sizeof(variable) - 2] = '=';
    variable[sizeof(variable) - 1] = '\0';
    cr_expect(!load(&config, CONFIG_WORKER, variables, &error));
    cr_expect(strstr(error.text, "is not a setting of reelq; did you mean ") != NULL, "%s",
              error.text);
}

Test(config, needs_the_key_in_the_worker_only)
{
    char *const nothing[] = {NULL};
    char empty_key[] = "VIDEO_DB_API_KEY=";
    char *const empty[] = {empty_key, NULL};
    struct config config;
    struct error error;

    cr_expect(!config_load(&config, CONFIG_WORKER, nothing, &error));
    cr_expect_str_eq(error.text, "VIDEO_DB_API_KEY is not set (nor VIDEO_DB_API_KEY_FILE): expected"
                                 " the API key of the VideoDB account");
    cr_expect(!config_load(&config, CONFIG_WORKER, empty, &error), "empty is unset");
    cr_assert(config_load(&config, CONFIG_WEBHOOK, nothing, &error), "%s", error.text);
    config_clear(&config);
}

Test(config, takes_empty_as_unset_but_for_the_default_index)
{
    struct config config = loaded(CONFIG_WORKER, "REELQ_LEASE=", "REELQ_DEFAULT_INDEX=");
    cr_expect_eq(config.lease_ms, 15000);
    cr_expect_str_eq(config.default_index, "");
    config_clear(&config);
    config = loaded(CONFIG_WORKER, "REELQ_REDIS_URL=", "REELQ_DUPLICATES=");
    cr_expect_str_eq(config.redis_url, "redis://127.0.0.1:6379/0");
    config_clear(&config);
    config = loaded(CONFIG_WORKER, "REELQ_CALLBACK_SECRET_FILE=", "REELQ_CALLBACK_SECRET=");
    cr_expect_str_eq(config.callback_secret, "");
    config_clear(&config);
    config = loaded(CONFIG_WORKER, "REELQ_LEASE=1s", "REELQ_LEASE=2s");
    cr_expect_eq(config.lease_ms, 1000, "the first one counts, as with getenv()");
    config_clear(&config);
}

/* Writes a file and gives the variable that points to it. */
static char *secret_file(const char *name, const char *content, size_t length)
{
    char path[] = "/tmp/reelq-test-config-XXXXXX";
    char *variable = NULL;
    int fd = mkstemp(path);
    cr_assert(fd != -1 && write(fd, content, length) == (ssize_t)length);
    close(fd);
    cr_assert(asprintf(&variable, "%s=%s", name, path) > 0);
    return variable;
}

static void remove_secret_file(char *variable)
{
    unlink(strchr(variable, '=') + 1);
    free(variable);
}

Test(config, reads_secrets_from_files)
{
    static const struct {
        const char *content, *secret;
    } cases[] = {
        {"0123456789abcdef", "0123456789abcdef"},
        {"0123456789abcdef\n", "0123456789abcdef"},
        {"0123456789abcdef\n\n", NULL}, // a second newline belongs to it, and is a control byte
        {"short\n", NULL},
        {"\n", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *variable =
            secret_file("REELQ_CALLBACK_SECRET_FILE", cases[i].content, strlen(cases[i].content));
        const char *const variables[5] = {variable};
        struct config config;
        struct error error;
        bool fits = load(&config, CONFIG_WEBHOOK, variables, &error);
        cr_expect_eq(fits, cases[i].secret != NULL, "case %zu", i);
        if (fits) {
            cr_expect_str_eq(config.callback_secret, cases[i].secret);
            config_clear(&config);
        }
        remove_secret_file(variable);
    }
    char *variable = secret_file("REELQ_CALLBACK_SECRET_FILE", "0123456789abcdef\0x", 18);
    const char *const variables[5] = {variable};
    struct config config;
    struct error error;
    cr_expect(!load(&config, CONFIG_WEBHOOK, variables, &error), "NUL is a control byte");
    remove_secret_file(variable);
}

static char *summary(enum config_program program, const char *a, const char *b)
{
    struct config config = loaded(program, a, b);
    struct buffer out = BUFFER(100000);
    config_add_summary(&out, &config, program);
    config_clear(&config);
    return buffer_take(&out);
}

Test(config, sums_up_what_differs_without_secrets)
{
    static const struct {
        enum config_program program;
        const char *a, *b, *summary;
    } cases[] = {
        {CONFIG_WEBHOOK, NULL, NULL, ""},
        {CONFIG_WORKER, NULL, NULL, "VIDEO_DB_API_KEY=(set)\n"},
        {CONFIG_WORKER, "REELQ_LEASE=15000ms", "REELQ_PREFIX=reelq:", "VIDEO_DB_API_KEY=(set)\n"},
        {CONFIG_WORKER, "REELQ_LEASE=90000ms", "REELQ_DUPLICATES=delete",
         "VIDEO_DB_API_KEY=(set)\nREELQ_LEASE=90s\nREELQ_DUPLICATES=delete\n"},
        {CONFIG_WEBHOOK, "REELQ_MAX_BODY=131072", "REELQ_ADMIN_LISTEN=127.0.0.1:9091",
         "REELQ_ADMIN_LISTEN=127.0.0.1:9091\nREELQ_MAX_BODY=128k\n"},
        {CONFIG_WEBHOOK, "REELQ_LEASE=1s", "REELQ_CALLBACK_SECRET=0123456789abcdef",
         "REELQ_CALLBACK_SECRET=(set)\n"},
        {CONFIG_WORKER, "REELQ_UNIQUE_NAMES=1", "REELQ_DEFAULT_INDEX=",
         "VIDEO_DB_API_KEY=(set)\nREELQ_DEFAULT_INDEX=\nREELQ_UNIQUE_NAMES=1\n"},
        {CONFIG_WEBHOOK, "REELQ_REDIS_URL=redis://h:1/2", NULL, "REELQ_REDIS_URL=redis://h:1/2\n"},
        {CONFIG_WEBHOOK, "REELQ_REDIS_URL=redis://u:hunter2@h", NULL,
         "REELQ_REDIS_URL=redis://u:***@h\n"},
        {CONFIG_WEBHOOK, "REELQ_REDIS_URL=redis://:hunter2@h", NULL,
         "REELQ_REDIS_URL=redis://:***@h\n"},
        {CONFIG_WEBHOOK, "REELQ_REDIS_URL=redis://hunter2@h", NULL,
         "REELQ_REDIS_URL=redis://***@h\n"},
        {CONFIG_WEBHOOK, "REELQ_REDIS_URL=redis://u:hunter2/@x:hunter2@h:1", NULL,
         "REELQ_REDIS_URL=redis://u:***@h:1\n"},
        {CONFIG_WEBHOOK, "REELQ_REDIS_URL=unix://u:hunter2@/run/r.sock", NULL,
         "REELQ_REDIS_URL=unix://u:***@/run/r.sock\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = summary(cases[i].program, cases[i].a, cases[i].b);
        cr_expect_str_eq(text, cases[i].summary, "case %zu: %s", i, text);
        free(text);
    }
}

Test(config, explains_itself)
{
    struct buffer worker = BUFFER(100000), webhook = BUFFER(100000), all = BUFFER(100000);

    config_add_help(&worker, CONFIG_WORKER);
    config_add_help(&webhook, CONFIG_WEBHOOK);
    config_add_markdown(&all);
    cr_expect(!worker.failed && !webhook.failed && !all.failed);
    cr_expect(strstr(buffer_text(&worker), "  REELQ_CONCURRENCY (default 16)\n      API calls in"
                                           " flight per worker [1 to 1024]\n") != NULL,
              "%s", buffer_text(&worker));
    cr_expect(strstr(buffer_text(&worker),
                     "  VIDEO_DB_API_KEY, VIDEO_DB_API_KEY_FILE (required)\n") != NULL);
    cr_expect(strstr(buffer_text(&worker), "REELQ_ADMIN_LISTEN (default 127.0.0.1:9091)") != NULL);
    cr_expect(strstr(buffer_text(&worker), "127.0.0.1:9090") == NULL);
    cr_expect(strstr(buffer_text(&worker), "REELQ_SPOOL_DIR\n") == NULL);
    cr_expect(strstr(buffer_text(&webhook), "  REELQ_SPOOL_DIR\n") != NULL);
    cr_expect(strstr(buffer_text(&webhook), "VIDEO_DB_API_KEY") == NULL);
    cr_expect(strstr(buffer_text(&all), "\n| `REELQ_DUPLICATES` | `report` | report or delete |"
                                        " worker | ") != NULL,
              "%s", buffer_text(&all));
    /* Five columns in every row. */
    const char *line = buffer_text(&all);
    for (const char *end = strchr(line, '\n'); end != NULL; end = strchr(line, '\n')) {
        int bars = 0;
        for (; line < end; line++)
            bars += *line == '|';
        cr_expect_eq(bars, 6);
        line = end + 1;
    }
    buffer_clear(&worker);
    buffer_clear(&webhook);
    buffer_clear(&all);
}
