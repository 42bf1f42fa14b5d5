/* target - what the URL of a callback says: /webhooks/KIND?id=TASK&n=CALL&exp=EXPIRY&sig=SIGNATURE.
 */
#ifndef REELQ_TARGET_H
#define REELQ_TARGET_H

#include "base/buffer.h"
#include "base/signature.h"

struct target {
    const char *kind;   /* "upload" or "index"; NULL: not a path of ours */
    struct buffer id;   /* decoded */
    uint64_t call;      /* its number */
    uint64_t expires_s; /* Unix time */
};

enum target_verdict {
    TARGET_WRONG,   /* path, id, call, expiry or signature */
    TARGET_UNKNOWN, /* reads well, but there are no keys yet to check it by */
    TARGET_EXPIRED, /* genuine, and too late: nobody outside learns that it was genuine */
    TARGET_GENUINE
};

/* What a URL is judged by. */
struct target_rules {
    const struct signature_keys *keys; /* a count of 0 stands for "not known yet" */
    int64_t now_s;                     /* Unix time */
};

/* Fills `target` as far as the URL can be read; to be cleared whatever the verdict is. Other
 * parameters than the four are ignored. */
enum target_verdict target_read(struct target *target, struct slice path, struct slice query,
                                const struct target_rules *rules);
void target_clear(struct target *target);

#endif
