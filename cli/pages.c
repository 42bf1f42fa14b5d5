/* reelq-pages FILE - prints one of the files that are made from the commands, their options and the
 * settings: completions and man pages. Those of the other programs read their --help from standard
 * input. Only the build runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/complete.h"
#include "cli/manual.h"

enum { MAX_PAGE = 256 << 10 };

static struct slice read_help(struct buffer *help)
{
    char part[4096];
    size_t length;

    while ((length = fread(part, 1, sizeof(part), stdin)) > 0)
        buffer_add(help, part, length);
    return buffer_slice(help);
}

static void add_program(struct buffer *out, const char *name, enum config_program program)
{
    struct buffer help = BUFFER(MAX_PAGE);

    manual_add_program(out, name, program, read_help(&help));
    buffer_clear(&help);
}

static void add_worker(struct buffer *out)
{
    add_program(out, "reelq-worker", CONFIG_WORKER);
}

static void add_webhook(struct buffer *out)
{
    add_program(out, "reelq-webhook", CONFIG_WEBHOOK);
}

static const struct {
    const char *file;
    void (*add)(struct buffer *out);
} pages[] = {
    {"reelq.bash", complete_add_bash}, {"_reelq", complete_add_zsh},
    {"reelq.fish", complete_add_fish}, {"reelq.1", manual_add_reelq},
    {"reelq-worker.8", add_worker},    {"reelq-webhook.8", add_webhook},
};

int main(int argc, char *argv[])
{
    for (size_t i = 0; argc == 2 && i < sizeof(pages) / sizeof(pages[0]); i++) {
        struct buffer page = BUFFER(MAX_PAGE);
        if (strcmp(pages[i].file, argv[1]) != 0)
            continue;
        pages[i].add(&page);
        bool printed =
            !page.failed && fputs(buffer_text(&page), stdout) >= 0 && fflush(stdout) == 0;
        buffer_clear(&page);
        return printed ? 0 : 1;
    }
    (void)fprintf(stderr, "reelq-pages: which file?\n");
    return 2;
}
