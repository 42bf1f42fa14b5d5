#include "cli/complete.h"

#include <string.h>

#include "cli/command.h"

/* --- what may stand behind a command ---------------------------------------------------------- */

static bool takes_files(const struct command *command)
{
    return strstr(command->words, "FILE") != NULL;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The next word that is to be typed as it stands in command->words, where a value is in capitals;
 * an empty one at the end. *at goes behind it. */
static struct slice next_word(const char **at)
{
    while (**at != '\0') {
        const char *start = *at;
        while (is_lower(**at))
            ++*at;
        if (*at > start)
            return slice_make(start, (size_t)(*at - start));
        ++*at;
    }
    return slice_text(NULL);
}

static void add_words(struct buffer *out, const char *words)
{
    const char *at = words;

    for (struct slice word = next_word(&at); word.length > 0; word = next_word(&at)) {
        buffer_add_slice(out, word);
        if (strpbrk(at, "abcdefghijklmnopqrstuvwxyz") != NULL)
            buffer_add_char(out, ' ');
    }
}

/* For each option, those of all commands at the end. */
typedef void (*option_fn)(struct buffer *out, const struct option *option);

static void add_options(struct buffer *out, const struct command *command, option_fn add)
{
    const struct option *const lists[] = {command->options, arguments_common};

    for (size_t i = 0; i < 2; i++)
        for (const struct option *o = lists[i]; o->name != NULL; o++)
            add(out, o);
}

/* --- bash ------------------------------------------------------------------------------------- */

static void add_name(struct buffer *out, const struct option *option)
{
    buffer_add_format(out, "%s ", option->name);
}

static void add_name_with_value(struct buffer *out, const struct option *option)
{
    if (option->value != NULL)
        add_name(out, option);
}

static void add_bash_case(struct buffer *out, const struct command *command)
{
    buffer_add_format(out, "    %s)\n        options=' ", command->name);
    add_options(out, command, add_name);
    buffer_add_text(out, "' valued=' ");
    add_options(out, command, add_name_with_value);
    buffer_add_text(out, "' words='");
    add_words(out, command->words);
    buffer_add_format(out, "' files=%s ;;\n", takes_files(command) ? "1" : "");
}

void complete_add_bash(struct buffer *out)
{
    buffer_add_text(out, "# Completion of reelq for bash.\n"
                         "_reelq() {\n"
                         "    local word=${COMP_WORDS[COMP_CWORD]} options valued words files\n"
                         "    case $COMP_CWORD in\n"
                         "    1) options=' --help --version ' words='");
    for (const struct command *const *c = command_table; *c != NULL; c++)
        buffer_add_format(out, "%s ", (*c)->name);
    buffer_add_text(out, "' ;;\n"
                         "    *) case ${COMP_WORDS[1]} in\n");
    for (const struct command *const *c = command_table; *c != NULL; c++)
        add_bash_case(out, *c);
    buffer_add_text(out, "    esac ;;\n"
                         "    esac\n"
                         "    COMPREPLY=()\n"
                         "    [[ $valued != *\" ${COMP_WORDS[COMP_CWORD - 1]} \"* ]] || return 0\n"
                         "    [[ $word != -* ]] || words=$options files=\n"
                         "    if [ -n \"$files\" ]; then\n"
                         "        compopt -o filenames 2>/dev/null\n"
                         "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                         "    else\n"
                         "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                         "    fi\n"
                         "}\n"
                         "complete -F _reelq reelq\n");
}

/* --- zsh -------------------------------------------------------------------------------------- */

/* In single quotes, where `special` has a meaning of its own: behind a backslash. */
static void add_quoted(struct buffer *out, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (strchr(special, *text) != NULL)
            buffer_add_char(out, '\\');
        buffer_add_text(out, *text == '\'' ? "'\\'" : "");
        buffer_add_char(out, *text);
    }
}

static void add_zsh_option(struct buffer *out, const struct option *option)
{
    buffer_add_format(out, " \\\n            '%s[", option->name);
    add_quoted(out, option->help, "[]:\\");
    buffer_add_char(out, ']');
    if (option->value != NULL)
        buffer_add_format(out, ":%s: ", option->value);
    buffer_add_char(out, '\'');
}

static void add_zsh_case(struct buffer *out, const struct command *command)
{
    struct buffer words = BUFFER(1024);

    add_words(&words, command->words);
    buffer_add_format(out, "    %s)\n        _arguments", command->name);
    add_options(out, command, add_zsh_option);
    if (takes_files(command))
        buffer_add_text(out, " \\\n            '*:file:_files'");
    else if (words.length > 0)
        buffer_add_format(out, " \\\n            '1:word:(%s)'", buffer_text(&words));
    buffer_add_text(out, " ;;\n");
    buffer_clear(&words);
}

void complete_add_zsh(struct buffer *out)
{
    buffer_add_text(out, "#compdef reelq\n"
                         "# Completion of reelq for zsh.\n"
                         "local -a commands=(\n");
    for (const struct command *const *c = command_table; *c != NULL; c++) {
        buffer_add_format(out, "    '%s:", (*c)->name);
        add_quoted(out, (*c)->summary, "\\");
        buffer_add_text(out, "'\n");
    }
    buffer_add_text(out, ")\n"
                         "if ((CURRENT == 2)); then\n"
                         "    if [[ $PREFIX == -* ]]; then\n"
                         "        compadd -- --help --version\n"
                         "    else\n"
                         "        _describe command commands\n"
                         "    fi\n"
                         "    return\n"
                         "fi\n"
                         "shift words\n"
                         "((CURRENT--))\n"
                         "case $words[1] in\n");
    for (const struct command *const *c = command_table; *c != NULL; c++)
        add_zsh_case(out, *c);
    buffer_add_text(out, "esac\n");
}

/* --- fish ------------------------------------------------------------------------------------- */

static void add_fish_line(struct buffer *out, const struct command *command)
{
    buffer_add_format(out, "complete -c reelq -n '__fish_seen_subcommand_from %s'", command->name);
}

static void add_fish_help(struct buffer *out, const char *help)
{
    buffer_add_text(out, " -d '");
    for (; *help != '\0'; help++) {
        if (*help == '\'' || *help == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *help);
    }
    buffer_add_text(out, "'\n");
}

static void add_fish_option(struct buffer *out, const struct option *option)
{
    buffer_add_format(out, " -l %s%s", option->name + 2, option->value != NULL ? " -x" : "");
    add_fish_help(out, option->help);
}

static void add_fish_command(struct buffer *out, const struct command *command)
{
    const struct option *const lists[] = {command->options, arguments_common};

    buffer_add_format(out, "complete -c reelq -n __fish_use_subcommand -a %s", command->name);
    add_fish_help(out, command->summary);
    for (size_t i = 0; i < 2; i++)
        for (const struct option *o = lists[i]; o->name != NULL; o++) {
            add_fish_line(out, command);
            add_fish_option(out, o);
        }
    if (takes_files(command)) {
        add_fish_line(out, command);
        buffer_add_text(out, " -F\n");
    } else if (strpbrk(command->words, "abcdefghijklmnopqrstuvwxyz") != NULL) {
        add_fish_line(out, command);
        buffer_add_text(out, " -a '");
        add_words(out, command->words);
        buffer_add_text(out, "'\n");
    }
}

void complete_add_fish(struct buffer *out)
{
    buffer_add_text(out, "# Completion of reelq for fish.\n"
                         "complete -c reelq -f\n"
                         "complete -c reelq -n __fish_use_subcommand -l help -d 'print this'\n"
                         "complete -c reelq -n __fish_use_subcommand -l version -d 'print it'\n");
    for (const struct command *const *c = command_table; *c != NULL; c++)
        add_fish_command(out, *c);
}
