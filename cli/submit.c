/* submit - read and check everything -> listen -> push -> wait. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json_write.h"
#include "cli/input.h"
#include "cli/push.h"
#include "cli/repeats.h"
#include "cli/waiting.h"

enum {
    OPTION_BATCH,
    OPTION_SIZE,
    OPTION_INDEX,
    OPTION_COLLECTION,
    OPTION_WAIT,
    OPTION_TIMEOUT,
    OPTION_INTERVAL,
    OPTION_DRY
};

static const struct option options[] = {
    [OPTION_BATCH] = {"--batch", "ID", "name of the batch of these tasks", OPTION_ID, 0},
    [OPTION_SIZE] = {"--batch-size", "N", "how many members it has (default: these)", OPTION_NUMBER,
                     1},
    [OPTION_INDEX] = {"--index", "LIST", "spoken_words,scenes or none, or JSON", OPTION_TEXT, 0},
    [OPTION_COLLECTION] = {"--collection", "ID", "collection of VideoDB", OPTION_TEXT, 0},
    [OPTION_WAIT] = {"--wait", NULL, "wait until each task is ready or failed", OPTION_FLAG, 0},
    [OPTION_TIMEOUT] = {"--timeout", "TIME", "with --wait: give up after this time",
                        OPTION_DURATION, 0},
    [OPTION_INTERVAL] = {"--interval", "TIME",
                         "with --wait: between two lines without a terminal (10s)", OPTION_DURATION,
                         0},
    [OPTION_DRY] = {"--dry-run", NULL, "print the items, and submit nothing", OPTION_FLAG, 0},
    {.name = NULL},
};

enum { INTERVAL_MS = 10000, SHOWN = 10 };

static bool given(const struct session *session, size_t option)
{
    return session->arguments->text[option] != NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_words(const struct arguments *arguments, struct input *input, struct error *error)
{
    if (arguments->word_count == 0 && isatty(STDIN_FILENO) == 1)
        return error_set(error, "nothing to submit: name URLs or files, or - for standard input");
    if (arguments->word_count == 0)
        return input_add(input, "-", error);
    for (size_t i = 0; i < arguments->word_count; i++)
        if (!input_add(input, arguments->words[i], error))
            return false;
    return true;
}

static bool read_defaults(const struct session *session, struct draft_defaults *defaults,
                          char **index, struct error *error)
{
    const struct arguments *arguments = session->arguments;

    *defaults = (struct draft_defaults){.batch = arguments->text[OPTION_BATCH],
                                        .collection = arguments->text[OPTION_COLLECTION],
                                        .batch_size = arguments->number[OPTION_SIZE]};
    if (given(session, OPTION_SIZE) && defaults->batch == NULL)
        return error_set(error, "--batch-size needs --batch");
    if (!given(session, OPTION_WAIT) &&
        (given(session, OPTION_TIMEOUT) || given(session, OPTION_INTERVAL)))
        return error_set(error, "--timeout and --interval need --wait");
    if (!given(session, OPTION_INDEX))
        return true;
    *index = draft_index(arguments->text[OPTION_INDEX], error);
    defaults->index = *index;
    return *index != NULL;
}

/* --- saying what was done --------------------------------------------------------------------- */

static void add_json(struct buffer *out, const struct input *input)
{
    struct json_writer w = json_writer(out);

    json_open(&w, '{');
    json_key_string(&w, "event", "submitted");
    json_key_int(&w, "count", (int64_t)input->count);
    json_key_string(&w, "batch", input->batch);
    json_add_key(&w, "ids");
    json_open(&w, '[');
    for (size_t i = 0; i < input->count; i++)
        json_add_string(&w, slice_text(ids_name(input->ids, i)));
    json_close(&w, ']');
    json_close(&w, '}');
    buffer_add_char(out, '\n');
}

static void add_text(struct buffer *out, const struct input *input)
{
    buffer_add_format(out, "Submitted %zu task%s%s%s\n", input->count, input->count == 1 ? "" : "s",
                      input->batch != NULL ? " of batch " : "",
                      input->batch != NULL ? input->batch : "");
    for (size_t i = 0; i < input->count && i < SHOWN; i++)
        buffer_add_format(out, "  %s\n", ids_name(input->ids, i));
    if (input->count > SHOWN)
        buffer_add_format(out, "  ... and %zu more\n", input->count - SHOWN);
}

/* --- doing it --------------------------------------------------------------------------------- */

static int print_items(struct session *session, const struct input *input,
                       const struct draft_defaults *defaults)
{
    for (size_t i = 0; i < input->count; i++) {
        draft_add_item(&session->out, &input->drafts[i], ids_name(input->ids, i), defaults);
        buffer_add_char(&session->out, '\n');
        if (!session_print(session))
            return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static int push(struct session *session, const struct input *input,
                const struct draft_defaults *defaults)
{
    size_t pushed = 0;

    if (!push_all(session, input, defaults, &pushed)) {
        if (pushed > 0)
            (void)fprintf(stderr,
                          "reelq: %zu of %zu were pushed, the rest was not; tasks with ids of your"
                          " own, or of a batch, may be submitted again as they are\n",
                          pushed, input->count);
        return session_failed(session, session->client);
    }
    (session->arguments->json ? add_json : add_text)(&session->out, input);
    return session_print(session) ? EXIT_DONE : EXIT_FAILED;
}

static int push_and_wait(struct session *session, const struct input *input,
                         const struct draft_defaults *defaults)
{
    const struct arguments *arguments = session->arguments;
    struct waiting_options how = {.ids = input->ids,
                                  .timeout_ms = arguments->number[OPTION_TIMEOUT],
                                  .interval_ms = given(session, OPTION_INTERVAL)
                                                     ? arguments->number[OPTION_INTERVAL]
                                                     : INTERVAL_MS};
    struct waiting *waiting = waiting_new(session);
    int status = waiting != NULL ? push(session, input, defaults) : EXIT_FAILED;

    if (status == EXIT_DONE)
        status = waiting_run(waiting, &how);
    waiting_free(waiting);
    return status;
}

static int submit(struct session *session, const struct input *input,
                  struct draft_defaults *defaults)
{
    struct error error;

    if (!given(session, OPTION_SIZE))
        defaults->batch_size = (int64_t)input->count;
    if (input->count == 0)
        return session_usage("submit: there is no task in what was given");
    if (given(session, OPTION_DRY))
        return print_items(session, input, defaults);
    if (!repeats_check(session, input, &error))
        return session_usage("submit: %s; nothing was submitted", error.text);
    return (given(session, OPTION_WAIT) ? push_and_wait : push)(session, input, defaults);
}

static int run(struct session *session)
{
    struct draft_defaults defaults;
    struct input input;
    struct error error;
    char *index = NULL;
    int status;

    input_init(&input, session->arguments->text[OPTION_BATCH]);
    if (read_defaults(session, &defaults, &index, &error) &&
        read_words(session->arguments, &input, &error))
        status = submit(session, &input, &defaults);
    else
        status = session_usage("submit: %s; nothing was submitted", error.text);
    free(index);
    input_clear(&input);
    return status;
}

const struct command command_submit = {
    .name = "submit",
    .words = "[URL|FILE|-]...",
    .summary = "Submits videos: URLs, or files that list them",
    .details =
        "A file, or standard input (-), has a URL on each line; or a task as a JSON object on "
        "each\n"
        "line; or is CSV with a header that names the columns: url, id, name, description,\n"
        "media_type, collection_id, max_attempts, index, and meta.NAME for what is to come back "
        "in\n"
        "the messages. Empty lines and those that begin with # are left out. All of it is checked\n"
        "before anything is pushed.\n\n"
        "A task without an id gets one: BATCH.1, BATCH.2 ... with --batch, so that the same "
        "command\n"
        "again submits nothing twice; a random one without. To add to a batch later, give ids of\n"
        "your own, in JSON or CSV. --wait listens before it pushes.",
    .options = options,
    .run = run,
};
