/* clock - the only reader of clocks and of randomness. Pure code gets both as arguments. */
#ifndef REELQ_CLOCK_H
#define REELQ_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since the epoch; for people and log lines. What counts uses the time of Redis. */
int64_t clock_wall_ms(void);

/* Milliseconds that never go back and go on while the machine is suspended (CLOCK_BOOTTIME). */
int64_t clock_monotonic_ms(void);

/* The same clock in microseconds, for what is measured. */
int64_t clock_monotonic_us(void);

/* `length` bytes from the kernel's generator; aborts when it has none. */
void clock_random(void *bytes, size_t length);

/* A random number in [0, 1), for jitter. */
double clock_random_unit(void);

#endif
