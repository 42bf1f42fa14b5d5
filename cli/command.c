#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

enum { MAX_HELP = 64 << 10 };

const struct command *const command_table[] = {
    &command_status, &command_top,   &command_submit, &command_wait,   &command_show, &command_dead,
    &command_events, &command_pause, &command_resume, &command_doctor, NULL,
};

const char command_purpose[] = "Submits videos to reelq, and looks after them.";

const char command_exits[] =
    "Exits with 0 when all is done, 1 when it cannot be done (Redis is away, a right is missing),\n"
    "2 when an argument or an input is wrong, 3 when tasks have failed, 4 when there is no such\n"
    "task, 5 when --timeout is over, 6 when doctor warns, 130 after Ctrl-C.";

static int print(struct buffer *text)
{
    bool done = fputs(buffer_text(text), stdout) >= 0 && fflush(stdout) == 0;

    buffer_clear(text);
    return done ? EXIT_DONE : EXIT_FAILED;
}

static int help(void)
{
    struct buffer text = BUFFER(MAX_HELP);

    buffer_add_format(&text, "usage: reelq COMMAND [OPTION...] [ARGUMENT...]\n\n%s Commands:\n\n",
                      command_purpose);
    for (const struct command *const *c = command_table; *c != NULL; c++)
        buffer_add_format(&text, "  %-8s  %s\n", (*c)->name, (*c)->summary);
    buffer_add_text(&text, "\n`reelq COMMAND --help` says more of one.\n\n");
    buffer_add_text(&text, command_exits);
    buffer_add_text(&text, "\n\nIt is configured by the environment, as the programs are:\n\n");
    config_add_help(&text, CONFIG_CLI);
    return print(&text);
}

static int help_of(const struct command *command)
{
    struct buffer text = BUFFER(MAX_HELP);

    buffer_add_format(&text, "usage: reelq %s [OPTION...]%s%s\n\n%s.\n", command->name,
                      command->words[0] != '\0' ? " " : "", command->words, command->summary);
    if (command->details[0] != '\0')
        buffer_add_format(&text, "\n%s\n", command->details);
    buffer_add_text(&text, "\n");
    arguments_add_help(&text, command->options);
    if (command->examines) {
        buffer_add_text(&text, "\nIt looks at what these say:\n\n");
        config_add_help(&text, CONFIG_DOCTOR);
    }
    return print(&text);
}

static int version(void)
{
    struct buffer text = BUFFER(MAX_HELP);

    buffer_add_format(&text, "reelq %s\n", REELQ_VERSION);
    return print(&text);
}

static const struct command *find(const char *name)
{
    for (const struct command *const *c = command_table; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int check_words(const struct command *command, const struct arguments *arguments)
{
    size_t count = arguments->word_count;
    bool any = command->words[0] != '\0' && command->most_words == 0;

    if (count < command->least_words)
        return session_usage("%s: %s is missing, see reelq %s --help", command->name,
                             command->words, command->name);
    if (!any && count > command->most_words)
        return session_usage("%s: %.64s is too much, see reelq %s --help", command->name,
                             arguments->words[command->most_words], command->name);
    return EXIT_DONE;
}

static int run(const struct command *command, const struct arguments *arguments)
{
    struct session session;
    int status = check_words(command, arguments);

    if (status != EXIT_DONE)
        return status;
    status = EXIT_FAILED;
    if (session_open(&session, arguments, command->examines ? CONFIG_DOCTOR : CONFIG_CLI)) {
        status = command->run(&session);
        if (!session_print(&session) && status == EXIT_DONE)
            status = EXIT_FAILED;
    }
    session_close(&session);
    return status;
}

static int read_and_run(const struct command *command, char *const argv[])
{
    struct arguments arguments;
    struct error error;
    int status;

    if (!arguments_read(&arguments, command->options, argv + 2, &error))
        status =
            session_usage("%s: %s, see reelq %s --help", command->name, error.text, command->name);
    else if (arguments.help)
        status = help_of(command);
    else
        status = run(command, &arguments);
    arguments_clear(&arguments);
    return status;
}

int command_main(int argc, char *const argv[])
{
    const char *name = argc > 1 ? argv[1] : "--help";
    const struct command *command = find(name);

    if (command != NULL)
        return read_and_run(command, argv);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return help();
    if (strcmp(name, "--version") == 0)
        return version();
    return session_usage("unknown command %.64s, see reelq --help", name);
}
