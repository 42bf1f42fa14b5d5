/* commands - the rows of command_table, each from the file of its name. */
#ifndef REELQ_CLI_COMMANDS_H
#define REELQ_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command command_status;
extern const struct command command_submit;
extern const struct command command_wait;
extern const struct command command_show;
extern const struct command command_dead;
extern const struct command command_top;
extern const struct command command_events;
extern const struct command command_pause;
extern const struct command command_resume;
extern const struct command command_doctor;

#endif
