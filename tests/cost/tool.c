#include "cost/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "support/temp_dir.h"

enum { TEXT_MAX = 64 << 20, NAME_MAX = FIGURE_NAME_MAX };

/* libc and libcrypto choose their routines by the processor; by these they choose as on the oldest,
 * so that the instructions are the same on all. */
#define OLDEST_LIBC   "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-ERMS,-FSRM,-BMI2,-SSE4_2,-SSSE3"
#define OLDEST_CRYPTO "OPENSSL_ia32cap=0x0:0x0"

__attribute__((noreturn)) static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "tool: %s: %s\n", what, detail);
    abort();
}

/* --- start ------------------------------------------------------------------------------------ */

/* strace, beside the program and not before it (-D), so that the program keeps its id. */
static const char *const strace_words[] = {"strace",  "-D", "-f",          "-q", "-e",
                                           "raw=all", "-e", "signal=none", "-o"};

static const char *const callgrind_words[] = {
    OLDEST_LIBC, OLDEST_CRYPTO, "valgrind", "-q", "--tool=callgrind", "--compress-strings=no"};

static void add(struct tool_run *run, const char *const *words, size_t count)
{
    size_t at = 0;

    while (run->words[at] != NULL)
        at++;
    for (size_t i = 0; i < count; i++) {
        if (at + 1 == TOOL_MAX_WORDS)
            fail("words", "too many");
        run->words[at++] = words[i];
    }
}

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

void tool_init(struct tool_run *run, enum tool tool, const char *file, const char *plant)
{
    static const char *const env[] = {"/usr/bin/env"};

    *run = (struct tool_run){.tool = tool, .file = xstrdup(file)};
    add(run, env, COUNT(env));
    if (plant != NULL) {
        run->preload = xasprintf("LD_PRELOAD=%s", plant);
        add(run, (const char *[]){run->preload}, 1);
    }
    if (tool == TOOL_STRACE) {
        add(run, strace_words, COUNT(strace_words));
        run->output = xstrdup(file);
    } else {
        add(run, callgrind_words, COUNT(callgrind_words));
        run->output = xasprintf("--callgrind-out-file=%s", file);
    }
    add(run, (const char *[]){run->output}, 1);
}

void tool_clear(struct tool_run *run)
{
    free(run->file);
    free(run->output);
    free(run->preload);
}

/* --- read ------------------------------------------------------------------------------------- */

/* Takes the first line off the text. */
static struct slice next_line(struct slice *text)
{
    size_t length = slice_find(*text, '\n');
    struct slice line = slice_head(*text, length);

    *text = slice_skip(*text, length + 1);
    return line;
}

static void add_figure(struct figures *figures, const char *owner, const char *what, double value)
{
    char name[NAME_MAX];

    (void)snprintf(name, sizeof(name), "%s %s", owner, what);
    figures_add(figures, name, value);
}

/* "PID  epoll_wait(0x4, ..."; lines of other kinds have no name there. */
void tool_read_strace(struct figures *figures, struct slice text, const char *name)
{
    while (text.length > 0) {
        char *line = slice_copy(next_line(&text)), what[NAME_MAX] = "syscall ", after;
        if (sscanf(line, "%*d %40[a-z0-9_]%c", what + strlen(what), &after) == 2 && after == '(')
            add_figure(figures, name, what, 1);
        free(line);
    }
}

static bool allocates(struct slice function)
{
    static const char *const names[] = {"malloc",         "calloc",        "realloc",
                                        "posix_memalign", "aligned_alloc", "reallocarray"};

    for (size_t i = 0; i < COUNT(names); i++)
        if (slice_is(function, names[i]))
            return true;
    return false;
}

/* "summary: INSTRUCTIONS"; and of calls "cfn=FUNCTION", some lines later "calls=COUNT ...". */
void tool_read_callgrind(struct figures *figures, struct slice text, const char *name)
{
    bool counts = false;

    while (text.length > 0) {
        struct slice line = next_line(&text);
        if (slice_starts_with(line, "cfn="))
            counts = allocates(slice_skip(line, strlen("cfn=")));
        else if (slice_starts_with(line, "calls=") && counts)
            add_figure(figures, name, "allocations", strtod(line.data + strlen("calls="), NULL));
        else if (slice_starts_with(line, "summary: "))
            add_figure(figures, name, "instructions",
                       strtod(line.data + strlen("summary: "), NULL));
    }
}

void tool_count(struct figures *figures, const struct tool_run *run, const char *name)
{
    struct buffer text = BUFFER(TEXT_MAX);

    if (access(run->file, R_OK) != 0)
        fail("nothing counted; is it installed?", run->tool == TOOL_STRACE ? "strace" : "valgrind");
    temp_dir_read(run->file, &text);
    if (run->tool == TOOL_STRACE)
        tool_read_strace(figures, buffer_slice(&text), name);
    else
        tool_read_callgrind(figures, buffer_slice(&text), name);
    buffer_clear(&text);
}
