#include "cli/csv.h"

void csv_init(struct csv *csv, struct slice text)
{
    *csv = (struct csv){.rest = text, .next_line = 1};
    for (size_t i = 0; i < CSV_MAX_FIELDS; i++)
        buffer_init(&csv->fields[i], CSV_MAX_FIELD);
}

void csv_clear(struct csv *csv)
{
    for (size_t i = 0; i < CSV_MAX_FIELDS; i++)
        buffer_clear(&csv->fields[i]);
}

static char peek(const struct csv *csv)
{
    if (csv->rest.length == 0)
        return '\n';
    return csv->rest.data[0];
}

static char take(struct csv *csv)
{
    char c = peek(csv);

    if (c == '\n')
        csv->next_line++;
    csv->rest = slice_skip(csv->rest, 1);
    return c;
}

/* Behind the opening quote, up to and with the closing one. */
static bool read_quoted(struct csv *csv, struct buffer *field, struct error *error)
{
    while (csv->rest.length > 0) {
        char c = take(csv);
        if (c != '"') {
            buffer_add_char(field, c);
            continue;
        }
        if (csv->rest.length == 0 || peek(csv) != '"')
            return true;
        buffer_add_char(field, take(csv));
    }
    return error_set(error, "line %u: a quote is not closed", csv->line);
}

static bool ends_field(char c)
{
    return c == ',' || c == '\n' || c == '\r';
}

static bool read_field(struct csv *csv, struct error *error)
{
    struct buffer *field = &csv->fields[csv->count];

    if (csv->count == CSV_MAX_FIELDS)
        return error_set(error, "line %u: more than %d columns", csv->line, CSV_MAX_FIELDS);
    csv->count++;
    buffer_reset(field);
    if (peek(csv) == '"' && csv->rest.length > 0) {
        (void)take(csv);
        if (!read_quoted(csv, field, error))
            return false;
    }
    while (!ends_field(peek(csv)))
        buffer_add_char(field, take(csv));
    return !field->failed || error_set(error, "line %u: a field is too long", csv->line);
}

static void skip_empty_lines(struct csv *csv)
{
    while (csv->rest.length > 0 && (peek(csv) == '\n' || peek(csv) == '\r'))
        (void)take(csv);
}

bool csv_next(struct csv *csv, struct error *error)
{
    error->text[0] = '\0';
    skip_empty_lines(csv);
    if (csv->rest.length == 0)
        return false;
    csv->line = csv->next_line;
    csv->count = 0;
    do {
        if (csv->count > 0)
            (void)take(csv); /* the comma */
        if (!read_field(csv, error))
            return false;
    } while (peek(csv) == ',');
    if (peek(csv) == '\r')
        (void)take(csv);
    if (csv->rest.length > 0 && peek(csv) == '\n')
        (void)take(csv);
    return true;
}
