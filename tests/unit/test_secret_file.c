/* What is taken for a secret, and that nothing which is named as its file can hold a program up. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret_file.h"
#include "base/xalloc.h"
#include "support/temp_dir.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CANARY       "canary-5f2c"

enum { LARGEST = 64 * 1024 };

static char *dir;
static char *path;

static void set_up(void)
{
    dir = temp_dir_make("secret-file");
    path = xasprintf("%s/secret", dir);
}

static void tear_down(void)
{
    free(path);
    temp_dir_remove(dir);
}

TestSuite(secret_file, .init = set_up, .fini = tear_down);

static void write_secret(const char *content, size_t length)
{
    temp_dir_write(path, slice_make(content, length));
}

static const struct {
    const char *content;
    size_t length;
    const char *secret; /* NULL: refused */
    const char *why;
} files[] = {
    {CANARY, 11, CANARY, NULL},
    {CANARY "\n", 12, CANARY, NULL},
    {CANARY "\n\n", 13, CANARY "\n", NULL},
    {" " CANARY, 12, " " CANARY, NULL},
    {"", 0, NULL, "is empty"},
    {"\n", 1, NULL, "is empty"},
    {CANARY "\0x", 13, NULL, "holds a NUL byte"},
    {"\0", 1, NULL, "holds a NUL byte"},
    {CANARY "\0\n", 13, NULL, "holds a NUL byte"},
};

Test(secret_file, reads_what_a_file_holds)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        struct secret_file file;
        struct error error = {""};
        write_secret(files[i].content, files[i].length);
        bool taken = secret_file_read(&file, path, &error);
        cr_assert_eq(taken, files[i].secret != NULL, "case %zu: %s", i, error.text);
        if (taken) {
            cr_expect_str_eq(file.data, files[i].secret, "case %zu", i);
            cr_expect_eq(file.length, strlen(files[i].secret));
            secret_file_clear(&file);
            continue;
        }
        cr_assert_not_null(files[i].why);
        cr_expect_not_null(strstr(error.text, files[i].why), "case %zu: %s", i, error.text);
        cr_expect_not_null(strstr(error.text, path), "%s", error.text);
        cr_expect_null(strstr(error.text, CANARY), "%s", error.text);
    }
}

Test(secret_file, has_a_largest_size)
{
    struct secret_file file;
    struct error error;
    char *large = xcalloc(LARGEST + 2, 1);

    memset(large, 'x', LARGEST + 1);
    write_secret(large, LARGEST);
    cr_assert(secret_file_read(&file, path, &error), "%s", error.text);
    cr_expect_eq(file.length, LARGEST);
    secret_file_clear(&file);
    write_secret(large, LARGEST + 1);
    cr_expect(!secret_file_read(&file, path, &error));
    cr_expect_not_null(strstr(error.text, "holds more than 65536 bytes"), "%s", error.text);
    free(large);
}

Test(secret_file, takes_no_directory_or_device)
{
    const char *const paths[] = {dir, "/dev/null", "/dev/zero"};

    for (size_t i = 0; i < COUNT(paths); i++) {
        struct secret_file file;
        struct error error;
        cr_expect(!secret_file_read(&file, paths[i], &error), "%s", paths[i]);
        cr_expect_not_null(strstr(error.text, "is not a file or a pipe"), "%s", error.text);
    }
}

/* As a shell's <(command) gives it: /dev/fd/N. */
Test(secret_file, reads_a_pipe_to_its_end)
{
    struct secret_file file;
    struct error error;
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], CANARY "\n", 12), 12);
    (void)close(ends[1]);
    char *name = xasprintf("/dev/fd/%d", ends[0]);
    cr_assert(secret_file_read(&file, name, &error), "%s", error.text);
    cr_expect_str_eq(file.data, CANARY);
    secret_file_clear(&file);
    (void)close(ends[0]);
    free(name);
}

static void expect_no_end(void)
{
    struct secret_file file;
    struct error error;

    cr_expect(!secret_file_read(&file, path, &error));
    cr_expect_not_null(strstr(error.text, "gave no end within"), "%s", error.text);
    cr_expect_null(strstr(error.text, CANARY), "%s", error.text);
}

Test(secret_file, does_not_hang_on_a_pipe_that_nobody_writes)
{
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_no_end();
}

Test(secret_file, does_not_hang_on_a_pipe_that_does_not_end)
{
    cr_assert_eq(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_eq(write(fd, CANARY, strlen(CANARY)), (ssize_t)strlen(CANARY));
    expect_no_end();
    (void)close(fd);
}
