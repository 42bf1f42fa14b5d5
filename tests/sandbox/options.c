#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "base/xalloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct option {
    const char *name;
    const char *argument;
    const char *help;
    bool (*set)(struct options *options, const char *value, struct error *error);
};

/* HOST:PORT, [IPV6]:PORT or :PORT. */
static bool set_listen(struct options *options, const char *value, struct error *error)
{
    struct slice text = slice_text(value);
    const char *colon = strrchr(value, ':');
    uint64_t port;
    if (colon == NULL || !slice_to_u64(slice_text(colon + 1), &port) || port > 65535) {
        return error_set(error, "'%s' is not HOST:PORT", value);
    }
    struct slice host = slice_head(text, (size_t)(colon - value));
    if (slice_starts_with(host, "[") && host.data[host.length - 1] == ']') {
        host = slice_head(slice_skip(host, 1), host.length - 2);
    }
    free(options->host);
    free(options->port);
    options->host = slice_copy(host);
    options->port = xstrdup(colon + 1);
    return true;
}

static bool set_ready_file(struct options *options, const char *value, struct error *error)
{
    options->ready_file = value;
    return value[0] != '\0' || error_set(error, "the file name is empty");
}

static bool set_key(struct options *options, const char *value, struct error *error)
{
    options->key = value;
    return value[0] != '\0' || error_set(error, "the key is empty");
}

static bool set_output_base(struct options *options, const char *value, struct error *error)
{
    options->output_base = value;
    return value[0] != '\0' || error_set(error, "the URL is empty");
}

static bool set_seed(struct options *options, const char *value, struct error *error)
{
    return slice_to_u64(slice_text(value), &options->seed) ||
           error_set(error, "'%s' is not a whole number", value);
}

/* Plain digits are milliseconds; 2s and the like work too. */
static bool parse_ms(int64_t *ms, const char *value, struct error *error)
{
    uint64_t number;
    if (slice_to_u64(slice_text(value), &number) && number <= 86400000) {
        *ms = (int64_t)number;
        return true;
    }
    return (units_parse_duration(slice_text(value), ms) && *ms <= 86400000) ||
           error_set(error, "'%s' is not a time within 0..86400000 milliseconds", value);
}

static bool set_upload_time(struct options *options, const char *value, struct error *error)
{
    return parse_ms(&options->upload_ms, value, error);
}

static bool set_index_time(struct options *options, const char *value, struct error *error)
{
    return parse_ms(&options->index_ms, value, error);
}

static bool set_page_size(struct options *options, const char *value, struct error *error)
{
    return (slice_to_u64(slice_text(value), &options->page_size) && options->page_size > 0 &&
            options->page_size <= OPTIONS_MAX_PAGE) ||
           error_set(error, "'%s' is not a number within 1..%d", value, OPTIONS_MAX_PAGE);
}

static bool set_list_delay(struct options *options, const char *value, struct error *error)
{
    return parse_ms(&options->list_delay_ms, value, error);
}

/* Looks `value` up in `words`, which end with NULL. */
static bool parse_word(int *chosen, const char *value, const char *const *words,
                       struct error *error)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(value, words[i]) == 0) {
            *chosen = i;
            return true;
        }
    }
    return error_set(error, "'%s' is not a choice", value);
}

static bool set_async_data(struct options *options, const char *value, struct error *error)
{
    int chosen = 0;
    if (!parse_word(&chosen, value, (const char *const[]){"off", "on", NULL}, error)) {
        return false;
    }
    options->async_data = chosen == 1;
    return true;
}

static bool set_document_form(struct options *options, const char *value, struct error *error)
{
    int chosen = 0;
    const char *const words[] = {"both", "plain", "nested", NULL};
    if (!parse_word(&chosen, value, words, error)) {
        return false;
    }
    options->document_form = (enum document_form)chosen;
    return true;
}

static bool set_business_errors(struct options *options, const char *value, struct error *error)
{
    int chosen = 0;
    if (!parse_word(&chosen, value, (const char *const[]){"200", "400", NULL}, error)) {
        return false;
    }
    options->business_status = chosen == 0 ? 200 : 400;
    return true;
}

static bool set_fault(struct options *options, const char *value, struct error *error)
{
    return faults_add(&options->faults, slice_text(value), error);
}

static bool set_log_level(struct options *options, const char *value, struct error *error)
{
    (void)options;
    enum log_level level;
    if (!log_level_parse(slice_text(value), &level)) {
        return error_set(error, "'%s' is not debug, info, warn or error", value);
    }
    log_set_level(level);
    return true;
}

static const struct option OPTIONS[] = {
    {"--listen", "HOST:PORT", "where to listen (127.0.0.1:0: a free port)", set_listen},
    {"--ready-file", "FILE", "write the address there once listening", set_ready_file},
    {"--seed", "N", "seed of jitter, ids and faults (1)", set_seed},
    {"--key", "KEY", "the only valid API key (any but an empty one)", set_key},
    {"--upload-time", "MS", "how long an upload takes, +-50% (300)", set_upload_time},
    {"--index-time", "MS", "how long an index takes, +-50% (300)", set_index_time},
    {"--list-delay", "MS", "a new upload is missing from lists so long (0)", set_list_delay},
    {"--page-size", "N", "a list gives at most so many entries at once (5000)", set_page_size},
    {"--async-data", "on|off", "`data` in replies to calls with a callback_url (on)",
     set_async_data},
    {"--document-form", "both|plain|nested", "form of async-response documents (both)",
     set_document_form},
    {"--output-base", "URL", "where output_url points to (the address that was called)",
     set_output_base},
    {"--business-errors", "200|400", "HTTP status of VideoDB's own errors (400)",
     set_business_errors},
    {"--fault", "ROUTE:KIND=RATE", "misbehave, see below; may be repeated", set_fault},
    {"--log-level", "LEVEL", "debug, info, warn or error (info)", set_log_level},
};

static const char FAULT_HELP[] =
    "\n"
    "ROUTE: upload index scene video list status async any, callback\n"
    "KIND for requests: latency(MS), a status number as 500, 429 or 503(1) with Retry-After,\n"
    "  hang hang-after late-reply(MS) reset-before reset-after cut oversized broken-json not-json\n"
    "  no-request-type sync-done no-data\n"
    "  no-paging (list: page_index is not looked at),\n"
    "  exists (scene: refused when one of that name is there), fails (scene: in the end),\n"
    "  limit(N): at most N requests a second, the others get 429 with Retry-After: 1;\n"
    "  limit-mute(N): without Retry-After\n"
    "KIND for callbacks: lost doubled late(MS) early out-of-order(MS) broken-json empty slow(MS)\n"
    "RATE: a probability 0..1, or xN: exactly the next N times\n"
    "\n"
    "A URL provokes what its path contains: missing, download-failed, download-flaky-N,\n"
    "invalid-media, corrupt, silent, too-long, stuck, stuck-index, forbidden (403 at once).\n"
    "GET /_sandbox/journal, /_sandbox/state, /_sandbox/requests, /_sandbox/callbacks,\n"
    "/_sandbox/faults tell what happened; POST /_sandbox/faults {\"faults\":[...]} replaces the\n"
    "faults; DELETE /_sandbox/journal forgets journal, requests and callbacks.\n";

static void print_help(void)
{
    printf("usage: reelq-sandbox [OPTION]...\nA stand-in for the VideoDB HTTP API.\n\n");
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        char left[48];
        (void)snprintf(left, sizeof(left), "%s %s", OPTIONS[i].name, OPTIONS[i].argument);
        printf("  %-36s %s\n", left, OPTIONS[i].help);
    }
    printf("  %-36s %s\n  %-36s %s\n", "--help", "this text", "--version", "the version");
    (void)fputs(FAULT_HELP, stdout);
}

static const struct option *find_option(struct slice name)
{
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        if (slice_is(name, OPTIONS[i].name)) {
            return &OPTIONS[i];
        }
    }
    return NULL;
}

/* Handles one option at *arguments, `--name value` or `--name=value`, and moves past it. */
static bool take_option(struct options *options, char ***arguments, struct error *error)
{
    struct slice text = slice_text(**arguments);
    size_t equals = slice_find(text, '=');
    const struct option *option = find_option(slice_head(text, equals));
    if (option == NULL) {
        return error_set(error, "unknown argument '%s', see --help", **arguments);
    }
    const char *value = text.data + equals + 1;
    if (equals == text.length) {
        (*arguments)++;
        value = **arguments;
    }
    if (value == NULL) {
        return error_set(error, "%s needs a value: %s", option->name, option->argument);
    }
    (*arguments)++;
    return option->set(options, value, error) || error_prefix(error, "%s", option->name);
}

/* The seed comes first, wherever it stands: the faults are made with it. */
static bool take_seed(struct options *options, char **arguments, struct error *error)
{
    for (char **at = arguments; *at != NULL; at++) {
        if (strcmp(*at, "--seed") == 0 || slice_starts_with(slice_text(*at), "--seed=")) {
            char **argument = at;
            if (!take_option(options, &argument, error)) {
                return false;
            }
        }
    }
    faults_init(&options->faults, options->seed);
    return true;
}

enum options_result options_parse(struct options *options, char **arguments, struct error *error)
{
    *options = (struct options){
        .host = xstrdup("127.0.0.1"),
        .port = xstrdup("0"),
        .seed = 1,
        .upload_ms = 300,
        .index_ms = 300,
        .page_size = OPTIONS_MAX_PAGE,
        .async_data = true,
        .business_status = 400,
    };
    if (!take_seed(options, arguments, error)) {
        return OPTIONS_BAD;
    }
    while (*arguments != NULL) {
        if (strcmp(*arguments, "--help") == 0) {
            print_help();
            return OPTIONS_EXIT;
        }
        if (strcmp(*arguments, "--version") == 0) {
            puts("reelq-sandbox " REELQ_VERSION);
            return OPTIONS_EXIT;
        }
        if (!take_option(options, &arguments, error)) {
            return OPTIONS_BAD;
        }
    }
    return OPTIONS_RUN;
}

void options_clear(struct options *options)
{
    free(options->host);
    free(options->port);
    faults_clear(&options->faults);
}
