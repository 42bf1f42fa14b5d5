/* temp_dir - a directory of a test's own below $TMPDIR or /tmp. What cannot be done ends the test
 * process with a line that says why. */
#ifndef REELQ_TESTS_TEMP_DIR_H
#define REELQ_TESTS_TEMP_DIR_H

#include "base/buffer.h"

/* Makes "…/reelq-NAME-XXXXXX"; for temp_dir_remove(). */
char *temp_dir_make(const char *name);

/* Removes it with everything in it, and frees the path. NULL is allowed. */
void temp_dir_remove(char *path);

/* How many of its entries end in `suffix`; and the path of the first of them by name, for the
 * caller to free. */
unsigned temp_dir_count(const char *path, const char *suffix);
char *temp_dir_find(const char *path, const char *suffix);

/* The content of a file, appended; and a file of this content, mode 0600. */
void temp_dir_read(const char *file, struct buffer *out);
void temp_dir_write(const char *file, struct slice content);

#endif
