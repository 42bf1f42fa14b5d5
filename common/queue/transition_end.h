/* transition_end - what became of a transition, and who is told. */
#ifndef REELQ_TRANSITION_END_H
#define REELQ_TRANSITION_END_H

#include <stdint.h>

enum transition_result {
    TRANSITION_DONE,
    TRANSITION_STALE,   /* the task has moved since the record was read */
    TRANSITION_CLAIMED, /* the video found by its name is another task's: nothing was done */
    TRANSITION_CHANGED, /* the batches have changed: `batches`; call again with these */
    TRANSITION_ENDED    /* the process ends, or the script failed: nobody knows */
};

/* What a script says beside its result; texts are valid during the callback. */
struct transition_news {
    const char *batches; /* NULL but for TRANSITION_CHANGED */
    const char *ended; /* "ready", "failed": so ended a task that somebody submitted, NULL: none */
    int64_t took_ms;   /* since that task was submitted */
};
typedef void (*transition_fn)(enum transition_result result, const struct transition_news *news,
                              void *arg);

/* Who is told, once, from the loop; fn may be NULL. */
struct transition_end {
    transition_fn fn;
    void *arg;
};

#endif
