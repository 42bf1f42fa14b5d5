/* dead_list - the failed tasks with what they failed of, the last one first. */
#ifndef REELQ_CLI_DEAD_LIST_H
#define REELQ_CLI_DEAD_LIST_H

#include "cli/session.h"

struct dead {
    char *stage, *error, *action, *url;
    int64_t failed_at_ms;
};

struct dead_list {
    size_t count;
    char **ids;
    struct dead *dead; /* in the same order */
};

/* All whose error has `text` in it (NULL: all), and whose record is there and still failed. False:
 * client_error(). */
MUST_USE bool dead_list_read(struct dead_list *list, struct session *session, const char *text);
/* Those among the last `count`, at least 1; what it costs does not grow with the list. */
MUST_USE bool dead_list_read_last(struct dead_list *list, struct session *session, unsigned count);
void dead_list_clear(struct dead_list *list);

const char *const *dead_list_ids(const struct dead_list *list);

/* The first `count`; for people also how often each error is there. */
void dead_list_add_text(struct buffer *out, const struct screen *screen,
                        const struct dead_list *list, size_t count);
void dead_list_add_json(struct buffer *out, const struct dead_list *list, size_t count);

#endif
