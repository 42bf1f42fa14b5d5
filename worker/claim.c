#include "worker/claim.h"

#include "base/xalloc.h"
#include "worker/videodb_medium.h"

char *claim_text(const struct videodb_answer *answer)
{
    if (answer->says == VIDEODB_SUCCESS)
        return xasprintf("+%s", answer->media_id != NULL ? answer->media_id : "");
    if (answer->says == VIDEODB_FAILURE)
        return xasprintf("-%s", answer->message);
    return xstrdup("?");
}

const char *claim_medium(const struct record *record)
{
    const char *claim = record_text(record, RECORD_claim);
    bool known = claim[0] == '+' && videodb_medium_of_id(claim + 1) != VIDEODB_MEDIA;

    return known ? claim + 1 : NULL;
}

const char *claim_failure(const struct record *record)
{
    const char *claim = record_text(record, RECORD_claim);
    return claim[0] == '-' ? claim + 1 : NULL;
}
