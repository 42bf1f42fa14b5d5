#include "fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FOR_REQUESTS = 1, FOR_CALLBACKS = 2 };
enum { ARGUMENT_NO, ARGUMENT_MAY, ARGUMENT_MUST };

struct kind {
    const char *name;
    unsigned scope;
    int argument;
    int64_t default_argument;
};

static const struct kind KINDS[] = {
    [FAULT_NONE] = {NULL, 0, ARGUMENT_NO, 0},
    [FAULT_LATENCY] = {"latency", FOR_REQUESTS, ARGUMENT_MUST, 0},
    [FAULT_STATUS] = {NULL, FOR_REQUESTS, ARGUMENT_MAY, FAULT_NO_ARGUMENT},
    [FAULT_LIMIT] = {"limit", FOR_REQUESTS, ARGUMENT_MUST, 0},
    [FAULT_LIMIT_MUTE] = {"limit-mute", FOR_REQUESTS, ARGUMENT_MUST, 0},
    [FAULT_HANG] = {"hang", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_HANG_AFTER] = {"hang-after", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_LATE_REPLY] = {"late-reply", FOR_REQUESTS, ARGUMENT_MUST, 0},
    [FAULT_RESET_BEFORE] = {"reset-before", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_RESET_AFTER] = {"reset-after", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_CUT] = {"cut", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_OVERSIZED] = {"oversized", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_BROKEN_JSON] = {"broken-json", FOR_REQUESTS | FOR_CALLBACKS, ARGUMENT_NO, 0},
    [FAULT_NOT_JSON] = {"not-json", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_NO_REQUEST_TYPE] = {"no-request-type", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_SYNC_DONE] = {"sync-done", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_NO_DATA] = {"no-data", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_EXISTS] = {"exists", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_FAILS] = {"fails", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_NO_PAGING] = {"no-paging", FOR_REQUESTS, ARGUMENT_NO, 0},
    [FAULT_LOST] = {"lost", FOR_CALLBACKS, ARGUMENT_NO, 0},
    [FAULT_DOUBLED] = {"doubled", FOR_CALLBACKS, ARGUMENT_NO, 0},
    [FAULT_LATE] = {"late", FOR_CALLBACKS, ARGUMENT_MUST, 0},
    [FAULT_EARLY] = {"early", FOR_CALLBACKS, ARGUMENT_NO, 0},
    [FAULT_OUT_OF_ORDER] = {"out-of-order", FOR_CALLBACKS, ARGUMENT_MAY, 5000},
    [FAULT_EMPTY] = {"empty", FOR_CALLBACKS, ARGUMENT_NO, 0},
    [FAULT_SLOW] = {"slow", FOR_CALLBACKS, ARGUMENT_MAY, 2000},
};

static const char *const ROUTES[] = {
    [FAULT_ROUTE_UPLOAD] = "upload", [FAULT_ROUTE_INDEX] = "index",
    [FAULT_ROUTE_SCENE] = "scene",   [FAULT_ROUTE_VIDEO] = "video",
    [FAULT_ROUTE_LIST] = "list",     [FAULT_ROUTE_STATUS] = "status",
    [FAULT_ROUTE_ASYNC] = "async",   [FAULT_ROUTE_CALLBACK] = "callback",
    [FAULT_ROUTE_ANY] = "any",
};

static bool parse_route(struct fault *fault, struct slice name, struct error *error)
{
    for (size_t i = FAULT_ROUTE_UPLOAD; i < COUNT(ROUTES); i++) {
        if (slice_is(name, ROUTES[i])) {
            fault->route = (enum fault_route)i;
            return true;
        }
    }
    return error_set(error, "no such route '%.*s'", SLICE_ARGS(slice_head(name, 40)));
}

static bool parse_kind_name(struct fault *fault, struct slice name, struct error *error)
{
    uint64_t status;
    if (slice_to_u64(name, &status)) {
        if (status < 200 || status > 599) {
            return error_set(error, "status '%.*s' is not within 200..599",
                             SLICE_ARGS(slice_head(name, 40)));
        }
        fault->kind = FAULT_STATUS;
        fault->status = (int)status;
        return true;
    }
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if (KINDS[i].name != NULL && slice_is(name, KINDS[i].name)) {
            fault->kind = (enum fault_kind)i;
            return true;
        }
    }
    return error_set(error, "no such kind '%.*s'", SLICE_ARGS(slice_head(name, 40)));
}

static bool parse_argument(struct fault *fault, struct slice text, struct error *error)
{
    const struct kind *kind = &KINDS[fault->kind];
    uint64_t value;
    if (kind->argument == ARGUMENT_NO) {
        return error_set(error, "'%s' takes no argument", kind->name);
    }
    if (!slice_to_u64(text, &value) || value > 86400000) {
        return error_set(error, "argument '%.*s' is not a number within 0..86400000",
                         SLICE_ARGS(slice_head(text, 40)));
    }
    fault->argument = (int64_t)value;
    return true;
}

static bool check_scope(const struct fault *fault, struct error *error)
{
    bool callback = fault->route == FAULT_ROUTE_CALLBACK;
    if ((KINDS[fault->kind].scope & (callback ? FOR_CALLBACKS : FOR_REQUESTS)) != 0) {
        return true;
    }
    return callback ? error_set(error, "that kind is not for callbacks")
                    : error_set(error, "that kind is for the route callback only");
}

/* KIND or KIND(ARGUMENT). */
static bool parse_kind(struct fault *fault, struct slice text, struct error *error)
{
    size_t bracket = slice_find(text, '(');
    if (!parse_kind_name(fault, slice_head(text, bracket), error)) {
        return false;
    }
    fault->argument = KINDS[fault->kind].default_argument;
    if (bracket < text.length) {
        if (text.data[text.length - 1] != ')') {
            return error_set(error, "no ')' after the argument");
        }
        struct slice argument = slice_skip(text, bracket + 1);
        if (!parse_argument(fault, slice_head(argument, argument.length - 1), error)) {
            return false;
        }
    } else if (KINDS[fault->kind].argument == ARGUMENT_MUST) {
        return error_set(error, "'%s' needs an argument, as in %s(500)", KINDS[fault->kind].name,
                         KINDS[fault->kind].name);
    }
    return check_scope(fault, error);
}

/* RATE within 0..1, or xN. */
static bool parse_rate(struct fault *fault, struct slice text, struct error *error)
{
    uint64_t times;
    if (slice_starts_with(text, "x") && slice_to_u64(slice_skip(text, 1), &times) &&
        times <= INT32_MAX) {
        fault->remaining = (int64_t)times;
        return true;
    }
    char number[32] = "";
    if (text.length > 0 && text.length < sizeof(number)) {
        memcpy(number, text.data, text.length);
    }
    char *end;
    fault->remaining = -1;
    fault->rate = strtod(number, &end);
    if (end == number || *end != '\0' || !(fault->rate >= 0 && fault->rate <= 1)) {
        return error_set(error, "rate '%.*s' is neither within 0..1 nor xN",
                         SLICE_ARGS(slice_head(text, 40)));
    }
    return true;
}

bool fault_parse(struct fault *fault, struct slice text, struct error *error)
{
    *fault = (struct fault){0};
    size_t colon = slice_find(text, ':');
    struct slice rest = slice_skip(text, colon + 1);
    size_t equals = slice_find(rest, '=');
    if (colon == text.length || equals == rest.length) {
        return error_set(error, "fault '%.*s' is not ROUTE:KIND=RATE",
                         SLICE_ARGS(slice_head(text, 80)));
    }
    if (!parse_route(fault, slice_head(text, colon), error) ||
        !parse_kind(fault, slice_head(rest, equals), error) ||
        !parse_rate(fault, slice_skip(rest, equals + 1), error)) {
        return error_prefix(error, "fault '%.*s'", SLICE_ARGS(slice_head(text, 80)));
    }
    return true;
}

void fault_add_text(struct buffer *out, const struct fault *fault)
{
    const struct kind *kind = &KINDS[fault->kind];
    buffer_add_format(out, "%s:", ROUTES[fault->route]);
    if (fault->kind == FAULT_STATUS) {
        buffer_add_format(out, "%d", fault->status);
    } else {
        buffer_add_text(out, kind->name);
    }
    if (kind->argument != ARGUMENT_NO && fault->argument != FAULT_NO_ARGUMENT) {
        buffer_add_format(out, "(%lld)", (long long)fault->argument);
    }
    if (fault->remaining >= 0) {
        buffer_add_format(out, "=x%lld", (long long)fault->remaining);
    } else {
        buffer_add_format(out, "=%.10g", fault->rate);
    }
}
