#include "net/http_field.h"

#include "net/http_line.h"

unsigned http_field_find(struct slice fields, const char *name, struct slice *value)
{
    unsigned count = 0;

    while (fields.length > 0) {
        size_t end = slice_find(fields, '\n');
        struct slice line = slice_trim(slice_head(fields, end)), found, content;
        if (http_line_split(line, &found, &content) && slice_is_nocase(found, name)) {
            *value = content;
            count++;
        }
        fields = slice_skip(fields, end + 1);
    }
    return count;
}
