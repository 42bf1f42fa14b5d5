#include "worker/breaker.h"

enum { LONGEST_PAUSE_MS = 60 * 1000 };

void breaker_init(struct breaker *breaker, int64_t threshold, int64_t first_pause_ms)
{
    *breaker = (struct breaker){
        .state = BREAKER_CLOSED,
        .threshold = threshold,
        .first_pause_ms = first_pause_ms,
        .pause_ms = first_pause_ms,
    };
}

unsigned breaker_allows(const struct breaker *breaker, unsigned calls, unsigned room,
                        int64_t now_ms)
{
    if (breaker->state == BREAKER_CLOSED)
        return room;
    return now_ms >= breaker->open_until_ms && calls == 0 && room > 0;
}

int64_t breaker_wait_ms(const struct breaker *breaker, int64_t now_ms)
{
    if (breaker->state != BREAKER_OPEN || now_ms >= breaker->open_until_ms)
        return 0;
    return breaker->open_until_ms - now_ms;
}

bool breaker_success(struct breaker *breaker, enum breaker_kind kind)
{
    breaker->failures[kind] = 0;
    if (breaker->state == BREAKER_CLOSED)
        return false;
    if (breaker->opened_by == BREAKER_CALL && kind != BREAKER_CALL)
        return false;
    breaker_init(breaker, breaker->threshold, breaker->first_pause_ms);
    return true;
}

/* A minute, but for a first pause that is longer by itself. */
static int64_t doubled(const struct breaker *breaker)
{
    int64_t longest = LONGEST_PAUSE_MS;

    if (breaker->first_pause_ms > longest)
        longest = breaker->first_pause_ms;
    return breaker->pause_ms > longest / 2 ? longest : breaker->pause_ms * 2;
}

/* During the pause, what fails are calls that were started before: they say nothing new. */
static bool open_now(struct breaker *breaker, enum breaker_kind kind, int64_t now_ms)
{
    enum breaker_state before = breaker->state;

    if (before == BREAKER_CLOSED || kind == BREAKER_CALL)
        breaker->opened_by = kind;
    if (before == BREAKER_OPEN && now_ms < breaker->open_until_ms)
        return false;
    if (before == BREAKER_OPEN)
        breaker->pause_ms = doubled(breaker);
    breaker->state = BREAKER_OPEN;
    breaker->open_until_ms = now_ms + breaker->pause_ms;
    return before == BREAKER_CLOSED;
}

bool breaker_failure(struct breaker *breaker, enum breaker_kind kind, int64_t now_ms)
{
    if (breaker->state == BREAKER_CLOSED) {
        breaker->failures[kind]++;
        if (breaker->failures[kind] < breaker->threshold)
            return false;
    }
    return open_now(breaker, kind, now_ms);
}

bool breaker_block(struct breaker *breaker, enum breaker_kind kind, int64_t now_ms)
{
    return open_now(breaker, kind, now_ms);
}
