/* command - how a Redis command reads in a report: "move task:one ...", not "EVALSHA 3fecdc...". */
#ifndef REELQ_FAULT_COMMAND_H
#define REELQ_FAULT_COMMAND_H

#include "base/buffer.h"

struct redisReply;

/* Appends the name (of the script, where it is one) and the first arguments, each cut. */
void command_describe(struct buffer *out, const struct redisReply *command);

#endif
