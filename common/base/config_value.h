/* config_value - one setting: text to field and back, by the type in its row. */
#ifndef REELQ_CONFIG_VALUE_H
#define REELQ_CONFIG_VALUE_H

#include "base/config_table.h"

/* Checks `text` and stores it in the setting's field; a string that is there is freed. "" is taken
 * for every string. The error names variable and value (not of a secret, nor where a URL holds an
 * '@') and says what would be right. False leaves the field alone. */
MUST_USE bool config_value_set(struct config *config, const struct config_setting *setting,
                               struct slice text, struct error *error);

/* Frees the field, if it is a string, and sets it to NULL. */
void config_value_clear(struct config *config, const struct config_setting *setting);

bool config_value_equal(const struct config *a, const struct config *b,
                        const struct config_setting *setting);

/* Appends the value for people: a secret as "(set)", a Redis URL with "***" for its password. */
void config_value_add(struct buffer *out, const struct config *config,
                      const struct config_setting *setting);

/* The password in the URL of Redis, as it is written: all of the user info where that has no ':'.
 * The empty slice when there is no user info. */
struct slice config_value_password(const char *redis_url);

/* Appends what the setting takes, where the row says so: "1 to 1024", "report or delete". */
void config_value_add_range(struct buffer *out, const struct config_setting *setting);

#endif
