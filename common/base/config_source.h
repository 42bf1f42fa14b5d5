/* config_source - where the text of a setting comes from: the variable NAME; of a secret also the
 * file that NAME_FILE names, and the file NAME in $CREDENTIALS_DIRECTORY, where systemd puts what
 * LoadCredential= and its kind name. */
#ifndef REELQ_CONFIG_SOURCE_H
#define REELQ_CONFIG_SOURCE_H

#include "base/config_table.h"

/* What is behind NAME for the path of a file. */
extern const char config_source_file_suffix[];

struct config_source {
    const char *value; /* of the variable; NULL: it is not set, or the file counts */
    char *path;        /* of the file; NULL: there is none */
    bool credential;   /* the file is one of systemd's */
};

/* A variable beats a credential; NAME and NAME_FILE at once are an error. An empty variable counts
 * as unset, except where its row says that empty has a meaning. After true, and only then,
 * config_source_clear() is due. */
MUST_USE bool config_source_find(struct config_source *source, const struct config_setting *setting,
                                 char *const environment[], struct error *error);
void config_source_clear(struct config_source *source);

/* Overwrites the value of every variable that the table calls a secret, of either program, and
 * takes the variable out. */
void config_source_hide_secrets(char *environment[]);

#endif
