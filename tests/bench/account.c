#include "bench/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hiredis/hiredis.h>

#include "support/redis_server.h"

enum { KIB = 1024, LINE_MAX_BYTES = 256 };

__attribute__((noreturn)) static void fail(const char *what, pid_t pid)
{
    (void)fprintf(stderr, "account: %s of process %d cannot be read\n", what, (int)pid);
    abort();
}

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

int64_t account_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec used;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        fail("the processor time", pid);
    return nanoseconds(&used);
}

int64_t account_now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return nanoseconds(&now);
}

/* Adds up the fields of smaps_rollup whose names begin with `prefix`. */
static int64_t sum_of(pid_t pid, const char *prefix)
{
    char path[64], line[LINE_MAX_BYTES];
    int64_t sum = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail("the memory", pid);
    while (fgets(line, sizeof(line), file) != NULL) {
        const char *colon = strchr(line, ':');
        if (colon != NULL && strncmp(line, prefix, strlen(prefix)) == 0)
            sum += strtoll(colon + 1, NULL, 10) * KIB;
    }
    (void)fclose(file);
    return sum;
}

int64_t account_private_bytes(pid_t pid)
{
    return sum_of(pid, "Private_");
}

double account_redis_bytes(struct redis_server *server)
{
    redisReply *reply = redis_server_command(server, "INFO memory");
    const char *at = strstr(reply->str, "used_memory:");
    double bytes = at == NULL ? 0 : strtod(at + strlen("used_memory:"), NULL);

    freeReplyObject(reply);
    return bytes;
}

int64_t account_resident_bytes(pid_t pid)
{
    return sum_of(pid, "Rss");
}
