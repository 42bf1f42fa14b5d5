/* target - what the URL of a callback says: /webhooks/KIND?id=TASK&n=CALL&sig=SIGNATURE. */
#ifndef REELQ_TARGET_H
#define REELQ_TARGET_H

#include "base/buffer.h"
#include "base/signature.h"

struct target {
    const char *kind; /* "upload" or "index"; NULL: not a path of ours */
    struct buffer id; /* decoded */
    uint64_t call;    /* its number */
};

enum target_verdict {
    TARGET_WRONG,   /* path, id, call or signature */
    TARGET_UNKNOWN, /* reads well, but there are no keys yet to check it by */
    TARGET_GENUINE
};

/* Fills `target` as far as the URL can be read; to be cleared whatever the verdict is. `keys` with
 * a count of 0 stands for "not known yet". Other parameters than the three are ignored. */
enum target_verdict target_read(struct target *target, struct slice path, struct slice query,
                                const struct signature_keys *keys);
void target_clear(struct target *target);

#endif
