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
    cr_expect_eq(worker.callback_expiry_ms, 0);
    cr_expect(!worker.verify_callbacks);
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
    cr_expect_eq(webhook.max_spool_bytes, 268435456);
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

/* At least as long as a callback is waited for. */
Test(config, keeps_callback_urls_valid_long_enough)
{
    static const struct {
        const char *expiry, *timeout;
        bool good;
    } cases[] = {
        {"REELQ_CALLBACK_EXPIRY=59m", NULL, false},
        {"REELQ_CALLBACK_EXPIRY=1h", NULL, true},
        {"REELQ_CALLBACK_EXPIRY=1h", "REELQ_CALLBACK_TIMEOUT=2h", false},
        {"REELQ_CALLBACK_EXPIRY=0", "REELQ_CALLBACK_TIMEOUT=30d", true},
        {"REELQ_CALLBACK_EXPIRY=10ms", "REELQ_CALLBACK_TIMEOUT=10ms", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const variables[5] = {cases[i].expiry, cases[i].timeout};
        struct config config;
        struct error error = {.text = ""};
        bool good = load(&config, CONFIG_WORKER, variables, &error);
        cr_expect_eq(good, cases[i].good, "case %zu: %s", i, error.text);
        if (good)
            config_clear(&config);
        else
            cr_expect_not_null(strstr(error.text, "shorter than REELQ_CALLBACK_TIMEOUT ("));
    }
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
