#include "queue/next_item.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { PART = 160 }; /* all of what overview.lua gives of an item */

static char *sign_of(struct slice item)
{
    size_t tail = item.length > PART ? item.length - PART : 0;

    return xasprintf("%zu %.*s %.*s", item.length, SLICE_ARGS(slice_head(item, PART)),
                     SLICE_ARGS(slice_skip(item, tail)));
}

int64_t next_item_age_ms(struct next_item *next, struct slice item, int64_t now_ms)
{
    char *sign = sign_of(item);

    if (next->sign == NULL || strcmp(sign, next->sign) != 0)
        next->since_ms = now_ms;
    free(next->sign);
    next->sign = sign;
    return item.length == 0 || now_ms < next->since_ms ? 0 : now_ms - next->since_ms;
}

void next_item_clear(struct next_item *next)
{
    free(next->sign);
    next->sign = NULL;
}
