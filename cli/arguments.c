#include "cli/arguments.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/xalloc.h"
#include "queue/keys.h"

const struct option arguments_common[] = {
    {.name = "--json", .help = "print JSON"},
    {.name = "--help", .help = "print this"},
    {.name = NULL},
};

/* The options being read: where we are, and what goes where. */
struct reading {
    struct arguments *arguments;
    const struct option *options;
    char *const *at;
    struct error *error;
};

static bool read_number(struct reading *reading, const struct option *option, const char *text,
                        int64_t *number)
{
    uint64_t value;

    if (!slice_to_u64(slice_text(text), &value) || value > INT64_MAX ||
        (int64_t)value < option->least)
        return error_set(reading->error, "%s %.64s: expected a number, at least %lld", option->name,
                         text, (long long)option->least);
    *number = (int64_t)value;
    return true;
}

static bool take_value(struct reading *reading, size_t row, const char *text)
{
    const struct option *option = &reading->options[row];
    int64_t *number = &reading->arguments->number[row];

    assert(row < ARGUMENTS_MAX_OPTIONS);
    reading->arguments->text[row] = text;
    if (option->type == OPTION_NUMBER)
        return read_number(reading, option, text, number);
    if (option->type == OPTION_DURATION && !units_parse_duration(slice_text(text), number))
        return error_set(reading->error, "%s %.64s: expected a duration such as 30s, 5m or 2h",
                         option->name, text);
    if (option->type == OPTION_ID && !keys_valid_id(slice_text(text)))
        return error_set(reading->error,
                         "%s %.64s: expected 1 to %d letters, digits and _ - . :", option->name,
                         text, KEYS_MAX_ID);
    return true;
}

/* `text` is "--name" or "--name=VALUE". */
static bool is_named(const char *text, const struct option *option)
{
    size_t length = strlen(option->name);

    return strncmp(text, option->name, length) == 0 &&
           (text[length] == '\0' || text[length] == '=');
}

static bool take_row(struct reading *reading, size_t row)
{
    const struct option *option = &reading->options[row];
    const char *equals = strchr(*reading->at, '=');

    if (option->type == OPTION_FLAG) {
        reading->arguments->text[row] = "";
        return equals == NULL || error_set(reading->error, "%s takes no value", option->name);
    }
    if (equals != NULL)
        return take_value(reading, row, equals + 1);
    if (reading->at[1] == NULL)
        return error_set(reading->error, "%s: its %s is missing", option->name, option->value);
    reading->at++;
    return take_value(reading, row, *reading->at);
}

static bool take_option(struct reading *reading)
{
    const char *text = *reading->at;

    if (strcmp(text, "--json") == 0) {
        reading->arguments->json = true;
        return true;
    }
    if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
        reading->arguments->help = true;
        return true;
    }
    for (size_t row = 0; reading->options[row].name != NULL; row++)
        if (is_named(text, &reading->options[row]))
            return take_row(reading, row);
    return error_set(reading->error, "unknown option %.64s", text);
}

/* "-" alone is a word: standard input. */
static bool is_option(const char *text)
{
    return text[0] == '-' && text[1] != '\0';
}

bool arguments_read(struct arguments *arguments, const struct option *options, char *const argv[],
                    struct error *error)
{
    struct reading reading = {arguments, options, argv, error};
    size_t count = 0;
    bool only_words = false;

    while (argv[count] != NULL)
        count++;
    *arguments = (struct arguments){.words = xcalloc(count + 1, sizeof(*arguments->words))};
    for (; *reading.at != NULL; reading.at++) {
        if (!only_words && strcmp(*reading.at, "--") == 0)
            only_words = true;
        else if (only_words || !is_option(*reading.at))
            arguments->words[arguments->word_count++] = *reading.at;
        else if (!take_option(&reading))
            return false;
    }
    return true;
}

void arguments_clear(struct arguments *arguments)
{
    free(arguments->words);
    *arguments = (struct arguments){0};
}

static void add_rows(struct buffer *out, const struct option *options)
{
    for (const struct option *o = options; o->name != NULL; o++) {
        size_t start = out->length;
        buffer_add_format(out, "  %s%s%s", o->name, o->value != NULL ? " " : "",
                          o->value != NULL ? o->value : "");
        buffer_add_format(out, "%*s  %s\n", (int)(20 - (out->length - start)), "", o->help);
    }
}

void arguments_add_help(struct buffer *out, const struct option *options)
{
    add_rows(out, options);
    add_rows(out, arguments_common);
}
