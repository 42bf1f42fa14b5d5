#include "base/config.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/config_value.h"
#include "base/units.h"

enum { NAME_SHOWN_MAX = 64, SECRET_FILE_MAX = 64 * 1024, RANGE_MAX = 128 };

static const char secret_file_suffix[] = "_FILE";

static bool has_trait(const struct config_setting *setting, enum config_trait trait)
{
    return (setting->traits & (unsigned)trait) != 0;
}

static bool belongs_to(const struct config_setting *setting, enum config_program program)
{
    return (setting->programs & (unsigned)program) != 0;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_name_of(const struct config_setting *setting, struct slice name)
{
    if (!slice_starts_with(name, setting->name))
        return false;
    struct slice rest = slice_skip(name, strlen(setting->name));
    return rest.length == 0 ||
           (has_trait(setting, CONFIG_IS_SECRET) && slice_is(rest, secret_file_suffix));
}

static bool is_known(struct slice name)
{
    for (const struct config_setting *s = config_table; s->name != NULL; s++)
        if (is_name_of(s, name))
            return true;
    return false;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Letters to insert, drop or replace to make one of the other (Levenshtein), row by row. */
static unsigned distance(struct slice a, struct slice b)
{
    unsigned row[NAME_SHOWN_MAX + 1];

    a = slice_head(a, NAME_SHOWN_MAX);
    for (unsigned i = 0; i <= a.length; i++)
        row[i] = i;
    for (size_t j = 0; j < b.length; j++) {
        unsigned diagonal = row[0]++;
        for (size_t i = 0; i < a.length; i++) {
            unsigned replaced = diagonal + (a.data[i] != b.data[j]);
            diagonal = row[i + 1];
            row[i + 1] = least(row[i] + 1, diagonal + 1, replaced);
        }
    }
    return row[a.length];
}

/* Without what is common to many names: REELQ_API_KEY is near to VIDEO_DB_API_KEY, and
 * REELQ_LEASE_FILE to REELQ_LEASE. */
static struct slice own_part(struct slice name)
{
    static const char *const prefixes[] = {"REELQ_", "VIDEO_DB_"};
    size_t suffix = strlen(secret_file_suffix);

    if (name.length > suffix &&
        slice_is(slice_skip(name, name.length - suffix), secret_file_suffix))
        name.length -= suffix;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (slice_starts_with(name, prefixes[i]))
            return slice_skip(name, strlen(prefixes[i]));
    return name;
}

static const char *nearest_name(struct slice name)
{
    const char *best = "";
    unsigned best_distance = UINT_MAX;

    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        unsigned d = distance(own_part(name), own_part(slice_text(s->name)));
        if (d < best_distance) {
            best_distance = d;
            best = s->name;
        }
    }
    return best;
}

static bool check_names(char *const environment[], struct error *error)
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        struct slice entry = slice_text(environment[i]);
        struct slice name = slice_head(entry, slice_find(entry, '='));
        if (!slice_starts_with(name, "REELQ_") || is_known(name))
            continue;
        struct slice shown = slice_head(name, NAME_SHOWN_MAX);
        return error_set(error, "%.*s is not a setting of reelq; did you mean %s?",
                         SLICE_ARGS(shown), nearest_name(name));
    }
    return true;
}

/* --- loading ---------------------------------------------------------------------------------- */

/* Where a value comes from: the variable NAMESUFFIX, NULL when it is not set. */
static const char *find(char *const environment[], const char *name, const char *suffix)
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        struct slice entry = slice_text(environment[i]);
        size_t equals = slice_find(entry, '=');
        struct slice given = slice_head(entry, equals);
        if (equals < entry.length && slice_starts_with(given, name) &&
            slice_is(slice_skip(given, strlen(name)), suffix))
            return environment[i] + equals + 1;
    }
    return NULL;
}

/* At most SECRET_FILE_MAX bytes, even of a file without an end. */
static bool read_secret(const char *path, struct buffer *content, struct error *error)
{
    char chunk[4096];
    size_t got;

    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(error, "cannot open %s: %s", path, strerror(errno));
    do {
        got = fread(chunk, 1, sizeof(chunk), file);
        buffer_add(content, chunk, got);
    } while (got > 0 && !content->failed);
    bool broken = ferror(file) != 0;
    (void)fclose(file);
    if (broken)
        return error_set(error, "cannot read %s", path);
    if (content->failed)
        return error_set(error, "%s holds more than %d bytes", path, SECRET_FILE_MAX);
    return true;
}

static bool load_file(struct config *config, const struct config_setting *setting, const char *path,
                      struct error *error)
{
    struct buffer content = BUFFER(SECRET_FILE_MAX);

    bool loaded = read_secret(path, &content, error);
    struct slice secret = buffer_slice(&content);
    if (secret.length > 0 && secret.data[secret.length - 1] == '\n')
        secret.length--;
    if (loaded && secret.length == 0)
        loaded = error_set(error, "%s is empty", path);
    if (!loaded)
        (void)error_prefix(error, "%s%s", setting->name, secret_file_suffix);
    loaded = loaded && config_value_set(config, setting, secret, error);
    buffer_clear(&content);
    return loaded;
}

static void set_default(struct config *config, const struct config_setting *setting)
{
    bool fits = config_value_set(config, setting, slice_text(setting->fallback), NULL);
    assert(fits);
}

static bool load_setting(struct config *config, const struct config_setting *setting,
                         char *const environment[], struct error *error)
{
    bool secret = has_trait(setting, CONFIG_IS_SECRET);
    const char *value = find(environment, setting->name, "");
    const char *path = secret ? find(environment, setting->name, secret_file_suffix) : NULL;
    bool given = value != NULL && (value[0] != '\0' || has_trait(setting, CONFIG_EMPTY_COUNTS));
    bool file_given = path != NULL && path[0] != '\0';

    if (given && file_given)
        return error_set(error, "%s and %s%s are both set", setting->name, setting->name,
                         secret_file_suffix);
    if (given)
        return config_value_set(config, setting, slice_text(value), error);
    if (file_given)
        return load_file(config, setting, path, error);
    if (has_trait(setting, CONFIG_IS_REQUIRED))
        return error_set(error, "%s is not set (nor %s%s): expected the %s", setting->name,
                         setting->name, secret_file_suffix, setting->help);
    return true;
}

static void load_defaults(struct config *config, enum config_program program)
{
    *config = (struct config){.redis_url = NULL};
    for (const struct config_setting *s = config_table; s->name != NULL; s++)
        if (!belongs_to(s, program))
            set_default(config, s);
    /* The program's own rows last: of two rows with one field, its own counts. */
    for (const struct config_setting *s = config_table; s->name != NULL; s++)
        if (belongs_to(s, program))
            set_default(config, s);
}

/* What is right by itself and wrong together. */
static bool check_together(const struct config *config, struct error *error)
{
    struct buffer least = BUFFER(RANGE_MAX);

    if (config->callback_expiry_ms == 0 ||
        config->callback_expiry_ms >= config->callback_timeout_ms)
        return true;
    units_add_duration(&least, config->callback_timeout_ms);
    (void)error_set(error,
                    "REELQ_CALLBACK_EXPIRY is shorter than REELQ_CALLBACK_TIMEOUT (%s): callbacks "
                    "that are waited for would be refused",
                    buffer_text(&least));
    buffer_clear(&least);
    return false;
}

bool config_load(struct config *config, enum config_program program, char *const environment[],
                 struct error *error)
{
    if (!check_names(environment, error))
        return false;
    load_defaults(config, program);
    for (const struct config_setting *s = config_table; s->name != NULL; s++)
        if (belongs_to(s, program) && !load_setting(config, s, environment, error)) {
            config_clear(config);
            return false;
        }
    if (!check_together(config, error)) {
        config_clear(config);
        return false;
    }
    return true;
}

void config_clear(struct config *config)
{
    for (const struct config_setting *s = config_table; s->name != NULL; s++)
        config_value_clear(config, s);
}

/* --- for people ------------------------------------------------------------------------------- */

void config_add_summary(struct buffer *out, const struct config *config,
                        enum config_program program)
{
    struct config defaults;

    load_defaults(&defaults, program);
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        if (!belongs_to(s, program) || config_value_equal(config, &defaults, s))
            continue;
        buffer_add_format(out, "%s=", s->name);
        config_value_add(out, config, s);
        buffer_add_char(out, '\n');
    }
    config_clear(&defaults);
}

static void add_range_in_brackets(struct buffer *out, const struct config_setting *setting)
{
    struct buffer range = BUFFER(RANGE_MAX);

    config_value_add_range(&range, setting);
    if (range.length > 0)
        buffer_add_format(out, " [%s]", buffer_text(&range));
    buffer_clear(&range);
}

void config_add_help(struct buffer *out, enum config_program program)
{
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        if (!belongs_to(s, program))
            continue;
        buffer_add_format(out, "  %s", s->name);
        if (has_trait(s, CONFIG_IS_SECRET))
            buffer_add_format(out, ", %s%s", s->name, secret_file_suffix);
        if (has_trait(s, CONFIG_IS_REQUIRED))
            buffer_add_text(out, " (required)");
        else if (s->fallback[0] != '\0')
            buffer_add_format(out, " (default %s)", s->fallback);
        buffer_add_format(out, "\n      %s", s->help);
        add_range_in_brackets(out, s);
        buffer_add_char(out, '\n');
    }
}

void config_add_markdown(struct buffer *out)
{
    static const char *const programs[] = {
        [CONFIG_WORKER] = "worker",
        [CONFIG_WEBHOOK] = "webhook",
        [CONFIG_WORKER | CONFIG_WEBHOOK] = "both",
    };

    buffer_add_text(out, "| variable | default | range | used by | meaning |\n"
                         "|---|---|---|---|---|\n");
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        buffer_add_format(out, "| `%s`", s->name);
        if (has_trait(s, CONFIG_IS_SECRET))
            buffer_add_format(out, ", `%s%s`", s->name, secret_file_suffix);
        if (has_trait(s, CONFIG_IS_REQUIRED))
            buffer_add_text(out, " | required | ");
        else if (s->fallback[0] == '\0')
            buffer_add_text(out, " | – | ");
        else
            buffer_add_format(out, " | `%s` | ", s->fallback);
        config_value_add_range(out, s);
        buffer_add_format(out, " | %s | %s |\n", programs[s->programs], s->help);
    }
}
