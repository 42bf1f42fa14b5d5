/* complete - what a shell completes behind `reelq`, as a file for that shell, made from the table
 * of commands. */
#ifndef REELQ_CLI_COMPLETE_H
#define REELQ_CLI_COMPLETE_H

#include "base/buffer.h"

void complete_add_bash(struct buffer *out);
void complete_add_zsh(struct buffer *out);
void complete_add_fish(struct buffer *out);

#endif
