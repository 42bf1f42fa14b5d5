/* bench - what every measurement is given, and the list of them. */
#ifndef REELQ_BENCH_BENCH_H
#define REELQ_BENCH_BENCH_H

#include "bench/board.h"

struct bench {
    struct board *board;
    const char *peers; /* folder; NULL: none are measured */
    bool quick; /* fewer of everything: to see that it works, and about where the figures lie */
};

/* `full` of something, or a part of it in a quick run. */
unsigned bench_count(const struct bench *bench, unsigned full);

/* One repetition of a measurement: starts what it needs, adds to the board, ends it all. */
void measure_webhook(struct bench *bench);
void measure_video(struct bench *bench);
void measure_video_aof(struct bench *bench);
void measure_video_far(struct bench *bench);
void measure_index(struct bench *bench);
void measure_latency(struct bench *bench);
void measure_memory(struct bench *bench);
void measure_depth(struct bench *bench);
void measure_dashboard(struct bench *bench);
void measure_scale(struct bench *bench);

#endif
