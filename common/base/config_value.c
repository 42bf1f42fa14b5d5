#include "base/config_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/signature.h"
#include "base/units.h"
#include "base/url.h"
#include "base/utf8.h"
#include "base/wipe.h"

enum { SHOWN_MAX = 60, URL_MAX = 2048, SOCKET_PATH_MAX = 107, RANGE_TEXT_MAX = 128 };

/* A parser of strings may shorten *text to what is to be kept; one of numbers fills *value. The
 * error says what would be right, without name and value. */
struct config_input {
    const struct config_setting *setting;
    struct slice text;
    int64_t value;
    struct error *error;
};

/* --- strings ---------------------------------------------------------------------------------- */

static bool parse_text(struct config_input *in)
{
    for (size_t i = 0; i < in->text.length; i++) {
        unsigned char c = (unsigned char)in->text.data[i];
        if (c < 0x20 || c == 0x7f)
            return error_set(in->error, "must not hold control bytes");
    }
    return true;
}

static bool parse_secrets(struct config_input *in)
{
    struct signature_keys keys;

    if (!parse_text(in) || !signature_keys_parse(&keys, in->text, in->error))
        return false;
    signature_keys_clear(&keys);
    return true;
}

static bool parse_redis_url(struct config_input *in)
{
    static const char *const schemes[] = {"redis://", "rediss://", "unix://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (slice_is_nocase(slice_head(in->text, strlen(schemes[i])), schemes[i]))
            return parse_text(in);
    return error_set(in->error, "must start with redis://, rediss:// or unix://");
}

static bool parse_http_url(struct config_input *in)
{
    struct url url;

    if (!url_parse(in->text, URL_MAX, &url, in->error))
        return false;
    if (url.origin.length == 0)
        return error_set(in->error, "must not hold a user name or password");
    if (slice_find(in->text, '?') < in->text.length || slice_find(in->text, '#') < in->text.length)
        return error_set(in->error, "must not have a query or fragment");
    if (in->text.data[in->text.length - 1] == '/')
        in->text.length--;
    return true;
}

/* Glob characters would make SCAN patterns of it, quotes and spaces trouble in a shell. */
static bool parse_prefix(struct config_input *in)
{
    bool fits = in->text.length <= (size_t)in->setting->maximum;

    for (size_t i = 0; i < in->text.length && fits; i++) {
        char c = in->text.data[i];
        fits = c > 0x20 && c < 0x7f && strchr("\"'`\\*?[]", c) == NULL;
    }
    if (!fits)
        return error_set(in->error,
                         "expected 1 to %d visible ASCII characters, none of them a"
                         " quote or one of \\ * ? [ ]",
                         (int)in->setting->maximum);
    return true;
}

static bool is_host_port(struct slice text)
{
    size_t colon = text.length;
    uint64_t port;

    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    if (colon < 2 || !slice_to_u64(slice_skip(text, colon), &port) || port > 65535)
        return false;
    struct slice host = slice_head(text, colon - 1);
    if (slice_find(host, ' ') < host.length || slice_find(host, '/') < host.length)
        return false;
    bool ipv6 = slice_find(host, ':') < host.length;
    bool bracket = host.data[0] == '[' && host.data[host.length - 1] == ']';
    return ipv6 == bracket;
}

static bool parse_listen(struct config_input *in)
{
    const char *word = in->setting->choices[0];

    if (!parse_text(in))
        return false;
    if (word != NULL && slice_is(in->text, word))
        return true;
    if (slice_starts_with(in->text, "unix:")) {
        struct slice path = slice_skip(in->text, strlen("unix:"));
        if (!slice_starts_with(path, "/") || path.length > SOCKET_PATH_MAX)
            return error_set(in->error, "expected unix: and an absolute path of at most %d bytes",
                             SOCKET_PATH_MAX);
        return true;
    }
    if (!is_host_port(in->text))
        return error_set(in->error, "expected HOST:PORT, [IPV6]:PORT or unix:/path%s%s",
                         word == NULL ? "" : ", or ", word == NULL ? "" : word);
    return true;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static bool expected_range(const struct config_input *in)
{
    struct buffer range = BUFFER(RANGE_TEXT_MAX);

    config_value_add_range(&range, in->setting);
    (void)error_set(in->error, "expected %s", buffer_text(&range));
    buffer_clear(&range);
    return false;
}

static bool in_range(const struct config_input *in)
{
    if (in->value >= in->setting->minimum && in->value <= in->setting->maximum)
        return true;
    return expected_range(in);
}

static bool parse_integer(struct config_input *in)
{
    uint64_t number = 0;

    bool fits = slice_to_u64(in->text, &number) && number <= INT64_MAX;
    in->value = fits ? (int64_t)number : -1; // below every range
    return in_range(in);
}

static bool parse_duration(struct config_input *in)
{
    if (!units_parse_duration(in->text, &in->value))
        return error_set(in->error, "expected a duration such as 500ms, 30s, 5m, 7d");
    return in_range(in);
}

static bool parse_size(struct config_input *in)
{
    if (!units_parse_size(in->text, &in->value))
        return error_set(in->error, "expected a size such as 64k, 1m, 1024");
    return in_range(in);
}

static bool parse_choice(struct config_input *in)
{
    const char *const *choices = in->setting->choices;

    for (in->value = 0; choices[in->value] != NULL; in->value++)
        if (slice_is(in->text, choices[in->value]))
            return true;
    return expected_range(in);
}

static bool parse_flag(struct config_input *in)
{
    in->value = slice_is(in->text, "1");
    if (in->value == 0 && !slice_is(in->text, "0"))
        return error_set(in->error, "expected 0 or 1");
    return true;
}

static bool (*const parsers[])(struct config_input *) = {
    [CONFIG_TEXT] = parse_text,           [CONFIG_SECRETS] = parse_secrets,
    [CONFIG_REDIS_URL] = parse_redis_url, [CONFIG_HTTP_URL] = parse_http_url,
    [CONFIG_PREFIX] = parse_prefix,       [CONFIG_LISTEN] = parse_listen,
    [CONFIG_INTEGER] = parse_integer,     [CONFIG_DURATION] = parse_duration,
    [CONFIG_SIZE] = parse_size,           [CONFIG_CHOICE] = parse_choice,
    [CONFIG_FLAG] = parse_flag,
};

/* --- fields ----------------------------------------------------------------------------------- */

static bool is_string(const struct config_setting *setting)
{
    return setting->type < CONFIG_INTEGER;
}

static void *field_of(struct config *config, const struct config_setting *setting)
{
    return (char *)config + setting->offset;
}

static const void *field_in(const struct config *config, const struct config_setting *setting)
{
    return (const char *)config + setting->offset;
}

static const char *string_in(const struct config *config, const struct config_setting *setting)
{
    return *(char *const *)field_in(config, setting);
}

static int64_t number_in(const struct config *config, const struct config_setting *setting)
{
    const void *field = field_in(config, setting);
    return setting->type == CONFIG_FLAG ? *(const bool *)field : *(const int64_t *)field;
}

static bool refuse(const struct config_input *in)
{
    const struct config_setting *setting = in->setting;
    struct slice shown = utf8_head(in->text, SHOWN_MAX);
    bool hide = (setting->traits & CONFIG_IS_SECRET) != 0 ||
                (setting->type == CONFIG_HTTP_URL && slice_find(in->text, '@') < in->text.length);

    if (hide)
        return error_prefix(in->error, "%s", setting->name);
    return error_prefix(in->error, "%s is \"%.*s%s\"", setting->name, SLICE_ARGS(shown),
                        shown.length < in->text.length ? "..." : "");
}

bool config_value_set(struct config *config, const struct config_setting *setting,
                      struct slice text, struct error *error)
{
    struct config_input in = {.setting = setting, .text = text, .error = error};
    void *field = field_of(config, setting);
    bool empty_string = is_string(setting) && text.length == 0;

    if (!empty_string && !parsers[setting->type](&in))
        return refuse(&in);
    if (is_string(setting)) {
        config_value_clear(config, setting);
        *(char **)field = slice_copy(in.text);
    } else if (setting->type == CONFIG_FLAG) {
        *(bool *)field = in.value == 1;
    } else {
        *(int64_t *)field = in.value;
    }
    return true;
}

void config_value_clear(struct config *config, const struct config_setting *setting)
{
    if (!is_string(setting))
        return;
    char **string = field_of(config, setting);
    if ((setting->traits & CONFIG_IS_SECRET) != 0)
        wipe_free_text(*string);
    else
        free(*string);
    *string = NULL;
}

bool config_value_equal(const struct config *a, const struct config *b,
                        const struct config_setting *setting)
{
    if (is_string(setting))
        return strcmp(string_in(a, setting), string_in(b, setting)) == 0;
    return number_in(a, setting) == number_in(b, setting);
}

/* --- for people ------------------------------------------------------------------------------- */

/* The last '@' ends the user info, even where a password was not percent-coded. */
struct slice config_value_password(const char *redis_url)
{
    const char *authority = strstr(redis_url, "://") + 3;
    const char *at = strrchr(authority, '@');
    struct slice user_info = slice_make(authority, at == NULL ? 0 : (size_t)(at - authority));
    size_t colon = slice_find(user_info, ':');

    return colon == user_info.length ? user_info : slice_skip(user_info, colon + 1);
}

static void add_redis_url(struct buffer *out, const char *url)
{
    struct slice password = config_value_password(url);

    if (password.data[password.length] != '@') {
        buffer_add_text(out, url);
        return;
    }
    buffer_add(out, url, (size_t)(password.data - url));
    buffer_add_format(out, "***%s", password.data + password.length);
}

static void add_number(struct buffer *out, const struct config_setting *setting, int64_t number)
{
    if (setting->type == CONFIG_DURATION)
        units_add_duration(out, number);
    else if (setting->type == CONFIG_SIZE)
        units_add_size(out, number);
    else if (setting->type == CONFIG_CHOICE)
        buffer_add_text(out, setting->choices[number]);
    else
        buffer_add_format(out, "%" PRId64, number);
}

void config_value_add(struct buffer *out, const struct config *config,
                      const struct config_setting *setting)
{
    if (!is_string(setting)) {
        add_number(out, setting, number_in(config, setting));
        return;
    }
    const char *string = string_in(config, setting);
    if (setting->type == CONFIG_REDIS_URL && string[0] != '\0')
        add_redis_url(out, string);
    else if ((setting->traits & CONFIG_IS_SECRET) != 0 && string[0] != '\0')
        buffer_add_text(out, "(set)");
    else
        buffer_add_text(out, string);
}

void config_value_add_range(struct buffer *out, const struct config_setting *setting)
{
    if (setting->type == CONFIG_FLAG)
        buffer_add_text(out, "0 or 1");
    if (setting->type == CONFIG_CHOICE)
        for (size_t i = 0; setting->choices[i] != NULL; i++) {
            const char *between = setting->choices[i + 1] == NULL ? " or " : ", ";
            buffer_add_format(out, "%s%s", i == 0 ? "" : between, setting->choices[i]);
        }
    if (setting->type == CONFIG_INTEGER || setting->type == CONFIG_DURATION ||
        setting->type == CONFIG_SIZE) {
        add_number(out, setting, setting->minimum);
        buffer_add_text(out, " to ");
        add_number(out, setting, setting->maximum);
    }
}
