/* dashboard_files - the files of dashboard/page, which the build puts into the program. */
#ifndef REELQ_DASHBOARD_FILES_H
#define REELQ_DASHBOARD_FILES_H

#include "base/slice.h"

struct dashboard_file {
    const char *name; /* "index.html" */
    const unsigned char *data;
    size_t length;
};

/* By name; the last one has a NULL name. */
extern const struct dashboard_file dashboard_files[];

/* The file of a request's path, "/" being index.html; NULL: there is none. */
const struct dashboard_file *dashboard_files_find(struct slice path);

/* For the header; by the end of the name. */
const char *dashboard_files_type(const struct dashboard_file *file);

#endif
