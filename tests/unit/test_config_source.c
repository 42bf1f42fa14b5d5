/* Which of the places where a secret may stand counts, and what is left of it in the environment.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config_source.h"
#include "base/xalloc.h"
#include "support/temp_dir.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAME         "REELQ_CALLBACK_SECRET"
#define FROM_VALUE   "canary-of-the-variable"
#define FROM_FILE    "canary-of-the-file-----"
#define FROM_SYSTEMD "canary-of-the-credential"

static char *dir;
static char *file, *credential, *directory;

static void write_file(const char *path, const char *content)
{
    temp_dir_write(path, slice_text(content));
}

static void set_up(void)
{
    dir = temp_dir_make("config-source");
    file = xasprintf("%s/file", dir);
    credential = xasprintf("%s/" NAME, dir);
    directory = xasprintf("CREDENTIALS_DIRECTORY=%s", dir);
    write_file(file, FROM_FILE);
    write_file(credential, FROM_SYSTEMD "\n");
}

static void tear_down(void)
{
    free(file);
    free(credential);
    free(directory);
    temp_dir_remove(dir);
}

TestSuite(config_source, .init = set_up, .fini = tear_down);

/* Loads from at most three variables; what was read of the callback secret, or the error. */
static bool load(const char *const variables[3], struct config *config, struct error *error)
{
    char *environment[4] = {NULL};
    size_t count = 0;

    for (size_t i = 0; i < 3 && variables[i] != NULL; i++)
        environment[count++] = xstrdup(variables[i]);
    bool loaded = config_load(config, CONFIG_WEBHOOK, environment, error);
    for (size_t i = 0; i < count; i++)
        free(environment[i]);
    return loaded;
}

static void expect_secret(const char *const variables[3], const char *secret)
{
    struct config config;
    struct error error;

    cr_assert(load(variables, &config, &error), "%s", error.text);
    cr_expect_str_eq(config.callback_secret, secret);
    config_clear(&config);
}

static void expect_error(const char *const variables[3], const char *first, const char *second)
{
    struct config config;
    struct error error;

    cr_assert(!load(variables, &config, &error), "taken: %s", first);
    cr_expect_not_null(strstr(error.text, first), "%s", error.text);
    cr_expect_not_null(strstr(error.text, second), "%s", error.text);
    cr_expect_null(strstr(error.text, "canary"), "%s", error.text);
}

Test(config_source, takes_a_variable_then_a_credential)
{
    char *named = xasprintf(NAME "_FILE=%s", file);

    expect_secret((const char *const[3]){directory}, FROM_SYSTEMD);
    expect_secret((const char *const[3]){directory, NAME "=" FROM_VALUE}, FROM_VALUE);
    expect_secret((const char *const[3]){directory, named}, FROM_FILE);
    expect_secret((const char *const[3]){directory, NAME "=", NAME "_FILE="}, FROM_SYSTEMD);
    expect_secret((const char *const[3]){"CREDENTIALS_DIRECTORY=", NAME "=" FROM_VALUE},
                  FROM_VALUE);
    expect_secret((const char *const[3]){"CREDENTIALS_DIRECTORY=/nonexistent"}, "");
    expect_error((const char *const[3]){directory, named, NAME "=" FROM_VALUE}, NAME "_FILE",
                 "both set");
    free(named);
}

Test(config_source, a_credential_that_cannot_be_used_is_named)
{
    write_file(credential, "");
    expect_error((const char *const[3]){directory}, "credential " NAME ": ", credential);
    write_file(credential, "canary");
    expect_error((const char *const[3]){directory}, NAME ": secret 1 is shorter", credential);
    write_file(credential, "canary-with-a-\x01-control-byte");
    expect_error((const char *const[3]){directory}, NAME ": must not hold", credential);
    cr_assert(unlink(credential) == 0 && mkdir(credential, 0700) == 0);
    expect_error((const char *const[3]){directory}, "credential " NAME ": ", "not a file");
    cr_assert_eq(rmdir(credential), 0);
    expect_secret((const char *const[3]){directory}, "");
}

/* The table's default does not hide a credential, and what is no secret is read from none. */
Test(config_source, is_for_secrets_with_a_default_too)
{
    char *url = xasprintf("%s/REELQ_REDIS_URL", dir);
    char *prefix = xasprintf("%s/REELQ_PREFIX", dir);
    struct config config;
    struct error error;

    write_file(url, "redis://user:canary@example.com:1\n");
    write_file(prefix, "other:");
    cr_assert(load((const char *const[3]){directory}, &config, &error), "%s", error.text);
    cr_expect_str_eq(config.redis_url, "redis://user:canary@example.com:1");
    cr_expect_str_eq(config.prefix, "reelq:");
    config_clear(&config);
    free(url);
    free(prefix);
}

Test(config_source, hides_the_secrets_of_both_programs)
{
    char entries[][48] = {"VIDEO_DB_API_KEY=canary-1",
                          "PATH=/bin",
                          "REELQ_REDIS_URL=redis://:canary-2@h",
                          "REELQ_CALLBACK_SECRET=canary-3",
                          "REELQ_CALLBACK_SECRET=canary-4",
                          "REELQ_CALLBACK_SECRET_FILE=/a",
                          "REELQ_PREFIX=x:",
                          "VIDEO_DB_API_KEYS=y",
                          "VIDEO_DB_API_KEY"};
    static const char *const kept[] = {"PATH=/bin", "REELQ_CALLBACK_SECRET_FILE=/a",
                                       "REELQ_PREFIX=x:", "VIDEO_DB_API_KEYS=y",
                                       "VIDEO_DB_API_KEY"};
    char *environment[COUNT(entries) + 1] = {NULL};

    for (size_t i = 0; i < COUNT(entries); i++)
        environment[i] = entries[i];
    config_source_hide_secrets(environment);
    for (size_t i = 0; i < COUNT(kept); i++)
        cr_expect_str_eq(environment[i], kept[i]);
    cr_expect_null(environment[COUNT(kept)]);
    for (size_t i = 0; i < COUNT(entries); i++)
        cr_expect_null(memmem(entries[i], sizeof(entries[i]), "canary", 6), "entry %zu", i);
}
