/* memory - how much of the machine's memory this process takes up. */
#ifndef REELQ_MEMORY_H
#define REELQ_MEMORY_H

#include <stdint.h>

/* Bytes that are resident; 0 where the kernel does not say. */
int64_t memory_resident(void);

#endif
