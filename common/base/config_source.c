#include "base/config_source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

const char config_source_file_suffix[] = "_FILE";

/* The value in `entry` if it is the variable NAMESUFFIX, else NULL. */
static char *value_in(char *entry, const char *name, const char *suffix)
{
    struct slice all = slice_text(entry);
    size_t equals = slice_find(all, '=');
    struct slice given = slice_head(all, equals);

    if (equals < all.length && slice_starts_with(given, name) &&
        slice_is(slice_skip(given, strlen(name)), suffix))
        return entry + equals + 1;
    return NULL;
}

static const char *find(char *const environment[], const char *name, const char *suffix)
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        const char *value = value_in(environment[i], name, suffix);
        if (value != NULL)
            return value;
    }
    return NULL;
}

static bool is_given(const char *value)
{
    return value != NULL && value[0] != '\0';
}

/* A credential that is there and cannot be read is a mistake; reading it will say so. */
static void find_credential(struct config_source *source, const struct config_setting *setting,
                            char *const environment[])
{
    const char *directory = find(environment, "CREDENTIALS_DIRECTORY", "");

    if (!is_given(directory))
        return;
    source->path = xasprintf("%s/%s", directory, setting->name);
    source->credential = true;
    if (access(source->path, F_OK) == -1)
        config_source_clear(source);
}

bool config_source_find(struct config_source *source, const struct config_setting *setting,
                        char *const environment[], struct error *error)
{
    bool secret = (setting->traits & CONFIG_IS_SECRET) != 0;
    bool empty_counts = (setting->traits & CONFIG_EMPTY_COUNTS) != 0;
    const char *path = secret ? find(environment, setting->name, config_source_file_suffix) : NULL;
    const char *value = find(environment, setting->name, "");

    *source = (struct config_source){.value = NULL};
    if (is_given(value) || (value != NULL && empty_counts))
        source->value = value;
    if (source->value != NULL && is_given(path))
        return error_set(error, "%s and %s%s are both set", setting->name, setting->name,
                         config_source_file_suffix);
    if (is_given(path))
        source->path = xstrdup(path);
    else if (secret && source->value == NULL)
        find_credential(source, setting, environment);
    return true;
}

void config_source_clear(struct config_source *source)
{
    free(source->path);
    *source = (struct config_source){.value = NULL};
}

static bool hide(char *entry)
{
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        char *value = (s->traits & CONFIG_IS_SECRET) == 0 ? NULL : value_in(entry, s->name, "");
        if (value != NULL) {
            explicit_bzero(value, strlen(value));
            return true;
        }
    }
    return false;
}

void config_source_hide_secrets(char *environment[])
{
    size_t kept = 0;

    for (size_t i = 0; environment[i] != NULL; i++)
        if (!hide(environment[i]))
            environment[kept++] = environment[i];
    environment[kept] = NULL;
}
