/* config_table - the rows that config is made of: one per variable, or one per program where the
 * default differs. */
#ifndef REELQ_CONFIG_TABLE_H
#define REELQ_CONFIG_TABLE_H

#include "base/config.h"

/* The first ones are kept as strings, CONFIG_FLAG as bool, the others as int64_t. */
enum config_type {
    CONFIG_TEXT,
    CONFIG_SECRETS,   /* see signature_keys_parse() */
    CONFIG_REDIS_URL, /* checked by its scheme only: the rest is the business of net */
    CONFIG_HTTP_URL,  /* without user info, query and fragment; one '/' at its end is dropped */
    CONFIG_PREFIX,
    CONFIG_LISTEN,
    CONFIG_INTEGER,
    CONFIG_DURATION,
    CONFIG_SIZE,
    CONFIG_CHOICE,
    CONFIG_FLAG
};

enum config_trait {
    CONFIG_IS_SECRET = 1,   /* never printed; may be given as NAME_FILE */
    CONFIG_IS_REQUIRED = 2, /* by the programs of the row, but not by reelq doctor */
    CONFIG_EMPTY_COUNTS = 4 /* "" is a value, and not the same as unset */
};

struct config_setting {
    const char *name;
    const char *fallback; /* the default, as it would be written in the environment */
    const char *help;
    enum config_type type;
    unsigned programs; /* enum config_program, or-ed */
    unsigned traits;   /* enum config_trait, or-ed */
    size_t offset;     /* of the field in struct config */
    int64_t minimum, maximum;
    const char *choices[5]; /* of CONFIG_CHOICE: names in the order of the enum, NULL at the end;
                               of CONFIG_LISTEN: a word that may stand for an address */
};

/* All rows in the order of the documentation; the last one has a NULL name. */
extern const struct config_setting config_table[];

#endif
