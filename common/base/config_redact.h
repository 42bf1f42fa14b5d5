/* config_redact - what of a configuration is to be kept out of logs and errors. */
#ifndef REELQ_CONFIG_REDACT_H
#define REELQ_CONFIG_REDACT_H

#include "base/config.h"

/* Hands every secret to redact_add(): the key, each of the callback secrets, the password of the
 * URL of Redis as it is written and as it is sent. */
void config_redact(const struct config *config);

#endif
