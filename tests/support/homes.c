#include "support/homes.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

long long homes_left(struct redis_server *server, struct buffer *out)
{
    static const struct {
        const char *command, *key;
    } homes[] = {
        {"LLEN", "reelq:tasks"},
        {"LLEN", "reelq:tasks:landing"},
        {"LLEN", "reelq:questions"},
        {"ZCARD", "reelq:taken"},
        {"ZCARD", "reelq:running"},
        {"ZCARD", "reelq:awaiting"},
        {"ZCARD", "reelq:delayed"},
        {"LLEN", "reelq:callbacks"},
        {"LLEN", "reelq:callbacks:landing"},
        {"ZCARD", "reelq:callbacks:taken"},
    };
    long long all = 0;

    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
        long long left = redis_server_integer(server, "%s %s", homes[i].command, homes[i].key);
        if (left > 0)
            buffer_add_format(out, "%s: %lld\n", homes[i].key, left);
        all += left;
    }
    return all;
}

static bool is_open(struct redis_server *server, const char *key, struct buffer *out)
{
    redisReply *state = redis_server_command(server, "HGET %s state", key);
    const char *text = state->str != NULL ? state->str : "";
    bool open = strcmp(text, "ready") != 0 && strcmp(text, "failed") != 0;

    if (open)
        buffer_add_format(out, "%s: %s\n", key, text);
    freeReplyObject(state);
    return open;
}

long long homes_open_records(struct redis_server *server, struct buffer *out)
{
    char *cursor = xstrdup("0");
    long long open = 0;

    do {
        redisReply *page =
            redis_server_command(server, "SCAN %s MATCH %s COUNT 1000", cursor, "reelq:task:*");
        const redisReply *keys = page->element[1];
        for (size_t i = 0; i < keys->elements; i++)
            open += is_open(server, keys->element[i]->str, out);
        free(cursor);
        cursor = xstrdup(page->element[0]->str);
        freeReplyObject(page);
    } while (strcmp(cursor, "0") != 0);
    free(cursor);
    return open;
}
