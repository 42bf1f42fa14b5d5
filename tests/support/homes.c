#include "support/homes.h"

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
