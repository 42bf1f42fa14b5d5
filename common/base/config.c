#include "base/config.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/config_source.h"
#include "base/config_value.h"
#include "base/secret_file.h"
#include "base/units.h"

enum { NAME_SHOWN_MAX = 64, RANGE_MAX = 128 };

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
           (has_trait(setting, CONFIG_IS_SECRET) && slice_is(rest, config_source_file_suffix));
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
    size_t suffix = strlen(config_source_file_suffix);

    if (name.length > suffix &&
        slice_is(slice_skip(name, name.length - suffix), config_source_file_suffix))
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

/* The error of a value says where it was read. */
static bool load_file(struct config *config, const struct config_setting *setting,
                      const struct config_source *source, struct error *error)
{
    struct secret_file file;

    if (!secret_file_read(&file, source->path, error))
        return source->credential
                   ? error_prefix(error, "credential %s", setting->name)
                   : error_prefix(error, "%s%s", setting->name, config_source_file_suffix);
    struct slice secret = slice_make(file.data, file.length);
    bool fits = config_value_set(config, setting, secret, error);
    if (!fits)
        (void)error_prefix(error, "%s", source->path);
    secret_file_clear(&file);
    return fits;
}

static void set_default(struct config *config, const struct config_setting *setting)
{
    bool fits = config_value_set(config, setting, slice_text(setting->fallback), NULL);
    assert(fits);
}

static bool is_required(const struct config_setting *setting, enum config_program program)
{
    return has_trait(setting, CONFIG_IS_REQUIRED) && program != CONFIG_DOCTOR;
}

struct loading {
    struct config *config;
    enum config_program program;
    char *const *environment;
};

static bool load_setting(const struct loading *loading, const struct config_setting *setting,
                         struct error *error)
{
    struct config_source source;
    bool loaded = true;

    if (!config_source_find(&source, setting, loading->environment, error))
        return false;
    if (source.value != NULL)
        loaded = config_value_set(loading->config, setting, slice_text(source.value), error);
    else if (source.path != NULL)
        loaded = load_file(loading->config, setting, &source, error);
    else if (is_required(setting, loading->program))
        loaded = error_set(error, "%s is not set (nor %s%s): expected the %s", setting->name,
                           setting->name, config_source_file_suffix, setting->help);
    config_source_clear(&source);
    return loaded;
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
    struct loading loading = {config, program, environment};

    if (!check_names(environment, error))
        return false;
    load_defaults(config, program);
    for (const struct config_setting *s = config_table; s->name != NULL; s++)
        if (belongs_to(s, program) && !load_setting(&loading, s, error)) {
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
            buffer_add_format(out, ", %s%s", s->name, config_source_file_suffix);
        if (is_required(s, program))
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
        [CONFIG_WORKER | CONFIG_WEBHOOK] = "worker, webhook",
        [CONFIG_WORKER | CONFIG_DOCTOR] = "worker, doctor",
        [CONFIG_WEBHOOK | CONFIG_DOCTOR] = "webhook, doctor",
        [CONFIG_WORKER | CONFIG_WEBHOOK | CONFIG_DOCTOR] = "worker, webhook, doctor",
        [CONFIG_WORKER | CONFIG_WEBHOOK | CONFIG_CLI | CONFIG_DOCTOR] = "all",
    };

    buffer_add_text(out, "| variable | default | range | used by | meaning |\n"
                         "|---|---|---|---|---|\n");
    for (const struct config_setting *s = config_table; s->name != NULL; s++) {
        buffer_add_format(out, "| `%s`", s->name);
        if (has_trait(s, CONFIG_IS_SECRET))
            buffer_add_format(out, ", `%s%s`", s->name, config_source_file_suffix);
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
