/* options - the command line. */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include "base/error.h"
#include "faults.h"

enum { OPTIONS_MAX_PAGE = 5000 };

/* How a finished async-response document looks. */
enum document_form {
    DOCUMENT_BOTH,  /* every other job nested */
    DOCUMENT_PLAIN, /* success, data, message at the top */
    DOCUMENT_NESTED /* the same inside `response` */
};

struct options {
    char *host; /* NUL-terminated, without brackets */
    char *port; /* digits */
    const char *ready_file;
    const char *output_base; /* of output_url; NULL: as the client called us */
    const char *key;         /* the only valid API key, or NULL: any */
    uint64_t seed;
    int64_t upload_ms;
    int64_t index_ms;
    int64_t list_delay_ms; /* how long after its end an upload is missing from lists */
    uint64_t page_size;    /* a list gives no more at once, whatever `count` asks for */
    bool async_data;       /* replies to calls with a callback_url carry `data` */
    enum document_form document_form;
    int business_status; /* 200 or 400 */
    struct faults faults;
};

enum options_result { OPTIONS_RUN, OPTIONS_EXIT, OPTIONS_BAD };

/* Reads the arguments. OPTIONS_EXIT: --help or --version was printed. OPTIONS_BAD: `error` says
 * what is wrong. Strings point into argv. Clear in every case. */
enum options_result options_parse(struct options *options, char **arguments, struct error *error);
void options_clear(struct options *options);

#endif
