#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/redact.h"
#include "base/utf8.h"

/* `line` may be cut already, in the middle of a sequence that utf8_head() then cannot see; so it is
 * formatted into more room than an error has. */
enum { SPARE = 8 };

static bool keep(struct error *error, char *line)
{
    (void)redact_text(line);
    struct slice text = utf8_head(slice_text(line), sizeof(error->text) - 1);

    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        error->text[i] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
    }
    error->text[text.length] = '\0';
    return false;
}

bool error_set(struct error *error, const char *format, ...)
{
    char line[sizeof(error->text) + SPARE];
    va_list args;

    if (error == NULL)
        return false;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    return keep(error, line);
}

bool error_prefix(struct error *error, const char *format, ...)
{
    char prefix[sizeof(error->text)];
    char line[sizeof(prefix) + sizeof(error->text) + SPARE];
    va_list args;

    if (error == NULL)
        return false;
    va_start(args, format);
    (void)vsnprintf(prefix, sizeof(prefix), format, args);
    va_end(args);
    (void)snprintf(line, sizeof(line), "%s: %s", prefix, error->text);
    return keep(error, line);
}
