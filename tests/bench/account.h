/* account - what a process has used so far, by the kernel's own accounting. A process that is gone
 * ends the run with a line that says why. */
#ifndef REELQ_BENCH_ACCOUNT_H
#define REELQ_BENCH_ACCOUNT_H

#include <stdint.h>
#include <sys/types.h>

/* Time on a processor, of all its threads, those that have ended too; in nanoseconds. */
int64_t account_cpu_ns(pid_t pid);

/* Memory that is in use and not shared with other processes, in bytes: what one more of it costs.
 */
int64_t account_private_bytes(pid_t pid);

/* All memory that is in use (RSS), in bytes. */
int64_t account_resident_bytes(pid_t pid);

/* What Redis has allocated, by its own accounting, in bytes. */
struct redis_server;
double account_redis_bytes(struct redis_server *server);

/* Nanoseconds that never go back. */
int64_t account_now_ns(void);

#endif
