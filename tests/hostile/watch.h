/* watch - what a running webhook shows of itself. */
#ifndef REELQ_TESTS_WATCH_H
#define REELQ_TESTS_WATCH_H

#include "integration/webhook_site.h"

/* Open connections of the public listener. */
unsigned watch_connections(struct webhook_site *site);

/* Waits, 20 s at most, until there are no more than `count`. */
void watch_until_few(struct webhook_site *site, unsigned count);

/* Processor time that the webhook has used; the most memory that it has had. */
int64_t watch_cpu_ms(const struct webhook_site *site);
size_t watch_peak_kib(const struct webhook_site *site);

#endif
