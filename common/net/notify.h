/* notify - tells the service manager that started this process how it does, in the protocol of
 * sd_notify(3): READY=1, STOPPING=1, a STATUS= for people, and WATCHDOG=1 as long as the loop
 * turns. Where nobody asks for that, nothing is sent. */
#ifndef REELQ_NOTIFY_H
#define REELQ_NOTIFY_H

#include "net/loop.h"

struct notify;

/* READY=1 does not wait longer for Redis: what only Redis lacks is not cured by a restart. */
enum { NOTIFY_PATIENCE_MS = 5000 };

/* Asks the environment: NOTIFY_SOCKET ("/path" or "@abstract") says where to, WATCHDOG_USEC and
 * WATCHDOG_PID whether the loop is watched; then it says so at half of that time. Says READY=1 once
 * Redis is up, or NOTIFY_PATIENCE_MS from now; never from this call. A socket that cannot be had is
 * logged. */
struct notify *notify_new(struct loop *loop);

/* Redis is there, is away, as often as it comes and goes. */
void notify_up(struct notify *notify);
void notify_down(struct notify *notify);

/* The process drains; nothing but the watchdog is heard of it any more. */
void notify_stopping(struct notify *notify);

/* NULL is allowed. */
void notify_free(struct notify *notify);

#endif
