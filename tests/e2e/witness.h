/* witness - follows reelq:events and the channels like a user does, and remembers all of it.
 * Calls block; what cannot be done ends the test process with a line that says why. */
#ifndef REELQ_E2E_WITNESS_H
#define REELQ_E2E_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct witness;

/* Subscribes to ready, failed and batch on the Redis at the socket `path`; what is said from now on
 * is seen. `user` as in redis_users_dial(). */
struct witness *witness_new(const char *path, const char *user);
void witness_free(struct witness *witness);

/* Waits for the `nth` (from 1) entry of the stream with this event and task id; its JSON, valid
 * until witness_free(), or NULL when it is not there within `ms`. */
const char *witness_event(struct witness *witness, const char *event, const char *id, unsigned nth,
                          int64_t ms);

/* How often the stream, or the channel named like the event, has it so far; NULL: of any id, of any
 * event. */
unsigned witness_events(struct witness *witness, const char *event, const char *id);
unsigned witness_messages(struct witness *witness, const char *channel, const char *id);

/* So far: the events of one task, "accepted uploaded ready", and the ids that got an event, each in
 * their order. The caller frees it. */
char *witness_steps(struct witness *witness, const char *id);
char *witness_ids(struct witness *witness, const char *event);

/* True when every message on a channel is byte for byte also in the stream, and the other way
 * round. */
bool witness_agrees(struct witness *witness);

/* All entries of the stream so far, one a line, for a report. The caller frees it. */
char *witness_text(struct witness *witness);

#endif
