#include "base/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/config_redact.h"
#include "base/config_source.h"
#include "base/redact.h"

enum { TEXT_MAX = 64 * 1024 };

int program_fail(const struct program_spec *spec, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", spec->name, text);
    return EXIT_FAILURE;
}

/* A full disk or a closed pipe is a failure too: nobody has read the answer. */
static int print(const struct program_spec *spec, struct buffer *text)
{
    bool done = fputs(buffer_text(text), stdout) >= 0 && fflush(stdout) == 0;

    buffer_clear(text);
    return done ? EXIT_SUCCESS : program_fail(spec, "cannot write to standard output");
}

/* Memory that holds secrets goes into no core file, and to no process of the same user: not even
 * where the limit or /proc/sys/kernel/core_pattern would make one. */
static void forbid_dumps(void)
{
    static const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

/* What was read from the environment is not left there, for /proc and for children. */
static bool load(const struct program_spec *spec, struct error *error)
{
    bool loaded = config_load(spec->config, spec->program, environ, error);

    config_source_hide_secrets(environ);
    if (!loaded)
        return false;
    config_redact(spec->config);
    if (spec->check == NULL || spec->check(spec->config, error))
        return true;
    config_clear(spec->config);
    return false;
}

/* --- options ---------------------------------------------------------------------------------- */

static int help(const struct program_spec *spec)
{
    struct buffer text = BUFFER(TEXT_MAX);

    buffer_add_format(
        &text,
        "usage: %s [--help | --version | --check-config | --healthcheck]\n\n%s\n\n"
        "--check-config says whether it would start. --healthcheck asks the process that runs"
        " with the\nsame settings, by its admin listener, whether it works: one line, status 0"
        " or 1.\n\n"
        "It is configured by the environment. Durations are written as 500ms, 30s, 5m,"
        " 2h, 7d, sizes\nas 64k, 1m; a secret NAME may be given as NAME_FILE, the path"
        " of a file that holds it,\nor as the systemd credential NAME.\n\n",
        spec->name, spec->purpose);
    config_add_help(&text, spec->program);
    return print(spec, &text);
}

static int version(const struct program_spec *spec)
{
    struct buffer text = BUFFER(TEXT_MAX);

    buffer_add_format(&text, "%s %s\n", spec->name, REELQ_VERSION);
    return print(spec, &text);
}

static int check_config(const struct program_spec *spec)
{
    struct buffer text = BUFFER(TEXT_MAX);
    struct error error;

    if (!load(spec, &error))
        return program_fail(spec, error.text);
    buffer_add_text(&text, "configuration ok\n");
    config_add_summary(&text, spec->config, spec->program);
    config_clear(spec->config);
    return print(spec, &text);
}

static int healthcheck(const struct program_spec *spec)
{
    struct buffer text = BUFFER(TEXT_MAX);
    struct error error;

    if (!load(spec, &error))
        return program_fail(spec, error.text);
    bool works = spec->healthcheck(spec->config, &error);
    config_clear(spec->config);
    if (!works)
        return program_fail(spec, error.text);
    buffer_add_text(&text, "ok\n");
    return print(spec, &text);
}

static const struct {
    const char *name;
    int (*run)(const struct program_spec *spec);
} options[] = {{"--help", help},
               {"--version", version},
               {"--check-config", check_config},
               {"--healthcheck", healthcheck}};

/* What is behind a '=' may be a secret that was meant for the environment. */
static int unknown(const struct program_spec *spec, const char *argument)
{
    struct error error;
    int shown = (int)strcspn(argument, "=");

    (void)error_set(&error, "unknown argument %.*s, see --help", shown, argument);
    return program_fail(spec, error.text);
}

/* No status to exit with: no option was given, and the configuration is loaded. */
enum { PROGRAM_RUN = -1 };

static int read_options(int argc, char *const argv[], const struct program_spec *spec)
{
    struct error error;

    for (size_t i = 0; argc == 2 && i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(argv[1], options[i].name) == 0)
            return options[i].run(spec);
    if (argc > 1)
        return unknown(spec, argc > 2 ? argv[2] : argv[1]);
    if (!load(spec, &error))
        return program_fail(spec, error.text);
    log_set_level((enum log_level)spec->config->log_level);
    return PROGRAM_RUN;
}

static void log_start(const struct program_spec *spec)
{
    struct buffer text = BUFFER(TEXT_MAX);

    config_add_summary(&text, spec->config, spec->program);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '\n')
            text.data[i] = ' ';
    log_info("starting", "program=%s version=%s %s", spec->name, REELQ_VERSION, buffer_text(&text));
    buffer_clear(&text);
}

int program_main(int argc, char *const argv[], const struct program_spec *spec,
                 int (*run)(const struct program_spec *spec))
{
    forbid_dumps();
    int status = read_options(argc, argv, spec);

    if (status == PROGRAM_RUN) {
        log_start(spec);
        status = run(spec);
        config_clear(spec->config);
    }
    redact_clear();
    return status;
}
