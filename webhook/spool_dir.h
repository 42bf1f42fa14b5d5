/* spool_dir - the directory of the spool: made, checked, looked through. All calls block. */
#ifndef REELQ_SPOOL_DIR_H
#define REELQ_SPOOL_DIR_H

#include <stddef.h>

#include "base/error.h"

/* A descriptor for the directory, which is made (mode 0700) when it is missing; -1 and an error
 * when it cannot be used. */
int spool_dir_open(const char *path, struct error *error);

/* Makes names that came and went last: after a power cut they are as they are now. */
MUST_USE bool spool_dir_sync(int directory, struct error *error);

/* Whether something can be written there now: it is tried, and leaves nothing behind. */
MUST_USE bool spool_dir_try(int directory, struct error *error);

/* The names that end in `suffix`, in their order; *names is for spool_dir_free_names(). 0 also when
 * the directory cannot be read. */
size_t spool_dir_list(int directory, const char *suffix, char ***names);
void spool_dir_free_names(char **names, size_t count);

#endif
