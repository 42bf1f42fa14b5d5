/* FUZZ-TARGET FILE|FOLDER... - gives the target every file named, and every file of the folders
 * named, once. A property that does not hold ends the program. So does an empty list: a replay of
 * nothing would prove nothing. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/xalloc.h"
#include "fuzz.h"

enum { MAX_FILE = 16 << 20 };

static unsigned replayed;

/* In memory of exactly its size, so that a sanitizer sees a byte read behind it. */
static void replay_bytes(struct slice input)
{
    uint8_t *exact = xcalloc(input.length, 1);

    if (input.length > 0)
        memcpy(exact, input.data, input.length);
    (void)LLVMFuzzerTestOneInput(exact, input.length);
    free(exact);
    replayed++;
}

static bool replay_file(const char *path)
{
    struct buffer content = BUFFER(MAX_FILE);
    char chunk[4096];
    size_t got;

    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buffer_add(&content, chunk, got);
    bool whole = ferror(file) == 0 && !content.failed;
    (void)fclose(file);
    if (whole)
        replay_bytes(buffer_slice(&content));
    buffer_clear(&content);
    return whole;
}

static bool replay_folder(const char *path)
{
    struct dirent **entries;
    bool whole = true;
    int count = scandir(path, &entries, NULL, alphasort);

    if (count < 0)
        return false;
    for (int i = 0; i < count; i++) {
        if (whole && entries[i]->d_name[0] != '.') {
            char *file = xasprintf("%s/%s", path, entries[i]->d_name);
            whole = replay_file(file);
            if (!whole)
                (void)fprintf(stderr, "%s: %s\n", file, strerror(errno));
            free(file);
        }
        free(entries[i]);
    }
    free(entries);
    return whole;
}

int main(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) != 0 ||
            !(S_ISDIR(status.st_mode) ? replay_folder(argv[i]) : replay_file(argv[i]))) {
            (void)fprintf(stderr, "cannot replay %s: %s\n", argv[i], strerror(errno));
            return EXIT_FAILURE;
        }
    }
    (void)printf("%u inputs replayed\n", replayed);
    return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
