#include "worker/hint.h"

#include "base/xalloc.h"
#include "worker/videodb_medium.h"

char *hint_text(const struct videodb_answer *answer)
{
    if (answer->says == VIDEODB_SUCCESS)
        return xasprintf("+%s", answer->media_id != NULL ? answer->media_id : "");
    if (answer->says == VIDEODB_FAILURE)
        return xasprintf("-%s", answer->message);
    return xstrdup("?");
}

const char *hint_medium(const struct record *record)
{
    const char *hint = record_text(record, RECORD_hint);
    bool known = hint[0] == '+' && videodb_medium_of_id(hint + 1) != VIDEODB_MEDIA;

    return known ? hint + 1 : NULL;
}

const char *hint_failure(const struct record *record)
{
    const char *hint = record_text(record, RECORD_hint);
    return hint[0] == '-' ? hint + 1 : NULL;
}
