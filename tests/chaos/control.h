/* control - controls of the audit: a small ledger in which all is well, and flaws planted in it. */
#ifndef REELQ_CHAOS_CONTROL_H
#define REELQ_CHAOS_CONTROL_H

#include "chaos/audit.h"

/* A line as a test writes it: the id, where it was seen, what it says. */
struct fact {
    const char *id;
    enum ledger_source source;
    const char *word, *text;
    int64_t at_ms;
    unsigned attempt;
};

#define ID(n)       "task-00000" #n
#define VIDEO(n)    "{\"video_id\":\"m-" #n "\"}"
#define DONE        "\"indexes\":{\"spoken_words\":{\"state\":\"done\"},\"scenes\":{\"state\":\"done\"}}"
#define READY(n)    "{\"event\":\"ready\",\"id\":\"" ID(n) "\",\"video_id\":\"m-" #n "\"," DONE "}"
#define FAILED(why) "{\"event\":\"failed\",\"stage\":\"upload\",\"error\":\"" why "\"}"
#define BATCH(ready, failed)                                                                       \
    "{\"event\":\"batch\",\"total\":2,\"ready\":" #ready ",\"failed\":" #failed "}"
#define BAD "{\"event\":\"failed\",\"id\":\"bad-1\"}"

#define PUSHED(n)                                                                                  \
    {                                                                                              \
        ID(n), LEDGER_PUSHED, "acknowledged", NULL, 0, 0                                           \
    }
#define PAID(n)                                                                                    \
    {                                                                                              \
        ID(n), LEDGER_PAID, "upload", VIDEO(n), 10, 1                                              \
    }
#define BOTH(id, word, text, at)                                                                   \
    {id, LEDGER_STREAM, word, text, at, 0},                                                        \
    {                                                                                              \
        id, LEDGER_HEARD, word, text, at, 0                                                        \
    }

enum { CONTROL_PLANTED = 8, CONTROL_TASKS = 8 };

/* One flaw: what is left out of the good facts, and what is put in. */
struct flaw {
    const char *name;
    int finding;           /* -1: none */
    const char *id, *word; /* of the facts to leave out; NULL: none */
    unsigned sources;      /* of which sources, a mask; 0: all */
    struct fact facts[CONTROL_PLANTED];
};

enum { HEARD = 1 << LEDGER_HEARD, NONE = -1 };

/* Audits the good ledger with the flaw in it; `gap` is the time without a subscription, or NULL. */
void control_judge(struct verdict *verdict, const struct flaw *flaw, const struct ledger_gap *gap);

/* Expects that each flaw is found, and nothing else. */
void control_expect(const struct flaw *flaws, size_t count);

#define EXPECT_ALL(flaws) control_expect((flaws), sizeof(flaws) / sizeof((flaws)[0]))

#endif
