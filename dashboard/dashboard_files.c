#include "dashboard/dashboard_files.h"

const struct dashboard_file *dashboard_files_find(struct slice path)
{
    struct slice name = slice_skip(path, 1);

    if (!slice_starts_with(path, "/"))
        return NULL;
    if (name.length == 0)
        name = slice_text("index.html");
    for (const struct dashboard_file *file = dashboard_files; file->name != NULL; file++)
        if (slice_is(name, file->name))
            return file;
    return NULL;
}

const char *dashboard_files_type(const struct dashboard_file *file)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
    };
    struct slice name = slice_text(file->name);

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        size_t length = slice_text(types[i].end).length;
        if (name.length > length && slice_is(slice_skip(name, name.length - length), types[i].end))
            return types[i].type;
    }
    return "application/octet-stream";
}
