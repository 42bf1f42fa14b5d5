#include "cli/manual.h"

#include <string.h>

#include "cli/command.h"

enum { MAX_SETTINGS = 64 << 10 };

/* --- roff ------------------------------------------------------------------------------------- */

/* Text in which nothing is a request or an escape; what stands in `backquotes` is bold. */
static void add_text(struct buffer *out, struct slice text)
{
    bool bold = false, starts = out->length == 0 || out->data[out->length - 1] == '\n';

    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '`') {
            bold = !bold;
            buffer_add_text(out, bold ? "\\fB" : "\\fR");
        } else if (c == '\\') {
            buffer_add_text(out, "\\e");
        } else if (c == '-') {
            buffer_add_text(out, "\\-");
        } else {
            buffer_add_text(out, starts && (c == '.' || c == '\'') ? "\\&" : "");
            buffer_add_char(out, c);
        }
        starts = c == '\n';
    }
}

static void add_words(struct buffer *out, const char *text)
{
    add_text(out, slice_text(text));
}

static void add_section(struct buffer *out, const char *title)
{
    buffer_add_format(out, ".SH %s\n", title);
}

static void add_paragraph(struct buffer *out, const char *text)
{
    add_words(out, text);
    buffer_add_char(out, '\n');
}

static void add_head(struct buffer *out, const char *name, int section, const char *summary)
{
    buffer_add_format(out, ".TH %s %d \"\" \"reelq %s\" reelq\n", name, section, REELQ_VERSION);
    add_section(out, "NAME");
    add_words(out, name);
    buffer_add_format(out, " \\- %s\n", summary);
    add_section(out, "SYNOPSIS");
}

/* --- settings --------------------------------------------------------------------------------- */

/* config_add_help() has the name two columns from the left, and its text behind six. */
static void add_settings(struct buffer *out, enum config_program program)
{
    struct buffer help = BUFFER(MAX_SETTINGS);

    config_add_help(&help, program);
    for (struct slice rest = buffer_slice(&help); rest.length > 0;) {
        size_t end = slice_find(rest, '\n');
        struct slice line = slice_head(rest, end);
        if (!slice_starts_with(line, "      "))
            buffer_add_text(out, ".TP\n");
        add_text(out, slice_trim(line));
        buffer_add_char(out, '\n');
        rest = slice_skip(rest, end + 1);
    }
    buffer_clear(&help);
}

static void add_also(struct buffer *out, const char *pages)
{
    add_section(out, "SEE ALSO");
    buffer_add_format(out, "%s\n.PP\nThe documents in /usr/share/doc/reelq.\n", pages);
}

/* --- reelq ------------------------------------------------------------------------------------ */

static void add_option(struct buffer *out, const struct option *option)
{
    buffer_add_text(out, ".TP\n\\fB");
    add_words(out, option->name);
    buffer_add_text(out, "\\fR");
    if (option->value != NULL)
        buffer_add_format(out, " \\fI%s\\fR", option->value);
    buffer_add_char(out, '\n');
    add_paragraph(out, option->help);
}

static void add_command(struct buffer *out, const struct command *command)
{
    buffer_add_format(out, ".SS \"reelq %s [OPTION...]", command->name);
    if (command->words[0] != '\0') {
        buffer_add_char(out, ' ');
        add_words(out, command->words);
    }
    buffer_add_text(out, "\"\n");
    add_words(out, command->summary);
    buffer_add_text(out, ".\n");
    if (command->details[0] != '\0') {
        buffer_add_text(out, ".PP\n");
        add_paragraph(out, command->details);
    }
    for (const struct option *o = command->options; o->name != NULL; o++)
        add_option(out, o);
}

void manual_add_reelq(struct buffer *out)
{
    add_head(out, "reelq", 1, "submits videos to VideoDB by reelq, and looks after them");
    buffer_add_text(out,
                    "\\fBreelq\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n");
    add_section(out, "DESCRIPTION");
    add_paragraph(out, command_purpose);
    add_section(out, "COMMANDS");
    for (const struct command *const *c = command_table; *c != NULL; c++)
        add_command(out, *c);
    buffer_add_text(out, ".SS \"Options of each command\"\n");
    for (const struct option *o = arguments_common; o->name != NULL; o++)
        add_option(out, o);
    add_section(out, "EXIT STATUS");
    add_paragraph(out, command_exits);
    add_section(out, "ENVIRONMENT");
    add_settings(out, CONFIG_CLI);
    buffer_add_text(out, ".PP\n");
    add_paragraph(out, "`reelq doctor` looks at settings of the other programs as well: see its "
                       "`--help`.");
    add_also(out, "\\fBreelq\\-worker\\fR(8), \\fBreelq\\-webhook\\fR(8)");
}

/* --- the other programs ----------------------------------------------------------------------- */

/* The nth paragraph, from 0. */
static struct slice paragraph(struct slice text, unsigned n)
{
    size_t end;

    for (end = 0; end + 1 < text.length; end++) {
        if (text.data[end] != '\n' || text.data[end + 1] != '\n')
            continue;
        if (n-- == 0)
            return slice_head(text, end);
        text = slice_skip(text, end + 2);
        end = (size_t)-1;
    }
    return slice_head(text, n == 0 ? text.length : 0);
}

void manual_add_program(struct buffer *out, const char *name, enum config_program program,
                        struct slice help)
{
    add_head(out, name, 8,
             program == CONFIG_WORKER ? "uploads and indexes videos with VideoDB"
                                      : "takes the callbacks of VideoDB");
    add_text(out, slice_skip(paragraph(help, 0), strlen("usage: ")));
    buffer_add_char(out, '\n');
    add_section(out, "DESCRIPTION");
    add_text(out, paragraph(help, 1));
    buffer_add_text(out, "\n.PP\n");
    add_text(out, paragraph(help, 2));
    buffer_add_char(out, '\n');
    add_section(out, "ENVIRONMENT");
    add_settings(out, program);
    add_also(out, program == CONFIG_WORKER ? "\\fBreelq\\fR(1), \\fBreelq\\-webhook\\fR(8)"
                                           : "\\fBreelq\\fR(1), \\fBreelq\\-worker\\fR(8)");
}
