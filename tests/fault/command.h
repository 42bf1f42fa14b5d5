/* command - how a Redis command reads in a report: "move task:one ...", not "EVALSHA 3fecdc...". */
#ifndef REELQ_FAULT_COMMAND_H
#define REELQ_FAULT_COMMAND_H

#include "base/buffer.h"

struct redisReply;

/* Before anything else here: what follows may then be called by any thread. */
void command_init(void);

/* "finish", "ZREM": the name of the script, else the first word. Valid as long as the command. */
const char *command_name(const struct redisReply *command);

/* Appends the name (of the script, where it is one) and the first arguments, each cut. */
void command_describe(struct buffer *out, const struct redisReply *command);

#endif
