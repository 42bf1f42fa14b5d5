/* faults - the set of misbehaviours in force, and the decision for each request. */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include "base/buffer.h"
#include "fault.h"

struct faults {
    struct fault *items;
    size_t count;
    uint64_t seed;
};

/* What one request or callback shall suffer. */
struct fault_decision {
    enum fault_kind kind; /* FAULT_NONE: nothing, apart from the latency */
    int status;
    int64_t argument;
    int64_t latency_ms; /* sum of the latencies that hit; 0 for none */
};

/* An empty set. `seed` feeds the generator of each fault that is added. */
void faults_init(struct faults *faults, uint64_t seed);
void faults_clear(struct faults *faults);

/* Parses and appends one fault. The error names what is wrong. */
MUST_USE bool faults_add(struct faults *faults, struct slice text, struct error *error);

/* Frees the set and takes over the content of `other`, which is empty after. */
void faults_replace(struct faults *faults, struct faults *other);

/* Draws for one request on `route`. Latencies add up; of the other kinds the first that hits wins.
 * Every fault has a generator of its own, so a decision depends on the seed and on how many
 * requests the fault has seen, and on nothing else. */
struct fault_decision faults_decide(struct faults *faults, enum fault_route route);

/* Appends a JSON array of the faults in their grammar. */
void faults_add_json(struct buffer *out, const struct faults *faults);

#endif
