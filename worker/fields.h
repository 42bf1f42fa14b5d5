/* fields - the members of a JSON object, checked against a table of those that it may have. Pure.
 */
#ifndef REELQ_FIELDS_H
#define REELQ_FIELDS_H

#include "base/json_read.h"

struct field {
    const char *name;
    enum json_type type; /* JSON_MISSING: any */
    bool required;
    int64_t min, max;  /* of a number; of the bytes of a string when it is unescaped, or of a value
                          of any type as it is; of the entries of an array. max 0: no bounds */
    const char *words; /* strings: the allowed ones, with ", " between; NULL: any */
    bool (*valid)(struct slice text); /* strings: NULL: any */
    const char *rule;                 /* what to say when `valid` says no */
};

struct fields {
    const struct field *list;
    size_t count;
    bool nested; /* names in errors begin with a dot: the caller puts the object's name before them
                  */
};

/* Is every member of the object `node` in the table, of its type, within its bounds and there only
 * once, and every required one there? Strings with a NUL are refused. The error says which member
 * is at fault: `unknown field "ulr" (did you mean "url"?)`, "url: must be a string, is a number",
 * "url: is missing". When nested it goes right behind the name of the object: ".promt: unknown
 * option (did you mean "prompt"?)", `: "prompt" is given twice`. */
MUST_USE bool fields_check(const struct json *doc, int node, const struct fields *fields,
                           struct error *error);

/* The unescaped string `key` of the object `node`, which the caller frees; NULL when there is no
 * such string, or it contains a NUL. */
char *fields_text(const struct json *doc, int node, const char *key);

/* Is `word` one of `words` ("a, b, c")? */
bool fields_among(struct slice word, const char *words);

#endif
