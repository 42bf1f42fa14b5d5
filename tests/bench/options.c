#include "bench/options.h"

#include <string.h>

#include "base/slice.h"
#include "bench/board.h"

static bool set_repeats(struct options *options, const char *value, struct error *error)
{
    uint64_t number;

    if (!slice_to_u64(slice_text(value), &number) || number < 1 || number > BOARD_MAX_REPEATS)
        return error_set(error, "--repeat: '%s' is not a number within 1..%d", value,
                         BOARD_MAX_REPEATS);
    options->repeats = (unsigned)number;
    return true;
}

static bool add_only(struct options *options, const char *name, struct error *error)
{
    if (name[0] == '-')
        return error_set(error, "unknown option '%s' (try --help)", name);
    if (options->only_count == OPTIONS_MAX_ONLY)
        return error_set(error, "too many names");
    options->only[options->only_count++] = name;
    return true;
}

/* One option at *at, which is moved to its last word. */
static bool take(struct options *options, char ***at, struct error *error)
{
    const char *word = **at;
    bool json = strcmp(word, "--json") == 0, peers = strcmp(word, "--peers") == 0;
    bool repeat = strcmp(word, "--repeat") == 0;

    if (strcmp(word, "--quick") == 0) {
        options->quick = true;
        return true;
    }
    if (!json && !peers && !repeat)
        return add_only(options, word, error);
    const char *value = *++*at;
    if (value == NULL)
        return error_set(error, "%s has no value", word);
    if (repeat)
        return set_repeats(options, value, error);
    *(json ? &options->json : &options->peers) = value;
    return true;
}

enum options_result options_parse(struct options *options, char **arguments, struct error *error)
{
    *options = (struct options){.repeats = 0};
    for (char **at = arguments; *at != NULL; at++) {
        if (strcmp(*at, "--help") == 0 || strcmp(*at, "-h") == 0)
            return OPTIONS_EXIT;
        if (!take(options, &at, error))
            return OPTIONS_BAD;
    }
    if (options->repeats == 0)
        options->repeats = options->quick ? 1 : 5;
    return OPTIONS_RUN;
}
