/* http_capacity - how many connections the process has file descriptors for. */
#ifndef REELQ_HTTP_CAPACITY_H
#define REELQ_HTTP_CAPACITY_H

/* Kept back from connections: for Redis, the spool, the log, the other listener, and clients that
 * are being told that there is no room. */
enum { HTTP_CAPACITY_RESERVE = 160 };

/* Raises the process's own limit of descriptors (RLIMIT_NOFILE, soft) as far as `wanted`
 * connections need it and the system allows it. How many there may be: `wanted`, or less, which is
 * then said in the log; never 0. */
unsigned http_capacity(const char *listener, unsigned wanted);

#endif
