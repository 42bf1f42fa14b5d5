/* steps - the calls of the queue layer, each run until its callback came; what it brought is in the
 * fixture. */
#ifndef REELQ_TESTS_STEPS_H
#define REELQ_TESTS_STEPS_H

#include "queue/presence.h"
#include "queue/submission.h"
#include "support/queue_fixture.h"

/* A field of the message that contains what no double can hold. */
#define STEPS_META "\"meta\":{\"n\":12345678901234567890.10}"

/* LPUSH q:tasks ITEM. */
void steps_push(struct queue_fixture *f, const char *item);

/* Claims tasks: how many. */
size_t steps_claim(struct queue_fixture *f, unsigned n);
size_t steps_claim_of(struct queue_fixture *f, const struct queue_claim_request *request);

/* A new upload of that member, id and batch ("" for none); texts of the member borrowed. */
struct admission steps_upload(const char *member, const char *id, const char *batch);

/* A member "SEQ:ID@TOKEN" or "SEQ:ID?TOKEN" as the admission that it asks for; freed with it. */
struct steps_queued {
    char id[256], token[32];
    struct admission admission;
};
void steps_queued(struct steps_queued *queued, const char *member);

/* Admits; results in f->admitted, whose records the fixture frees. */
void steps_admit(struct queue_fixture *f, const struct admission *items, size_t count);

/* Pushes, claims and admits one upload: its record. */
struct record *steps_start(struct queue_fixture *f, const char *id, const char *batch,
                           int64_t batch_size);

/* Claims one queued item and admits it: its record, or NULL when the item was outdated. */
struct record *steps_resume(struct queue_fixture *f);

struct record *steps_read(struct queue_fixture *f, const char *id);

enum transition_result steps_move(struct queue_fixture *f, const struct record *record,
                                  const struct transition_move *move);
enum transition_result steps_finish(struct queue_fixture *f, const struct record *record,
                                    const struct transition_finish *finish);
/* The first child's record, where that starts at once, is in f->first, which the fixture frees. */
enum transition_result steps_chain(struct queue_fixture *f, const struct record *record,
                                   const struct transition_chain *chain);

/* Ends a task with what a worker gives: ready with a video, or failed with a reason. */
enum transition_result steps_end(struct queue_fixture *f, const struct record *record, bool ready);

/* Chains the children ID/words and ID/scenes to an upload, whose video is VIDEO. */
enum transition_result steps_index(struct queue_fixture *f, const struct record *record,
                                   const char *video);

bool steps_reject(struct queue_fixture *f, const struct submission_reject *reject);
bool steps_rerun(struct queue_fixture *f, const struct submission_rerun *rerun);
int64_t steps_expand(struct queue_fixture *f, const struct submission_expand *expand);

/* What is due: "lapsed a b awaiting c delayed d", valid until the next call. */
const char *steps_due(struct queue_fixture *f);

/* The ids that are lost, each with a space before it; valid until the next call. */
const char *steps_renew(struct queue_fixture *f, const struct presence *presence);

/* Makes a lease, deadline or time of a member of that set end now. */
void steps_lapse(struct queue_fixture *f, const char *set, const char *member);

#endif
