/* breaker - when the API fails in a row, stop claiming and probe. Pure: time is an argument.
 * closed -(failures in a row of one kind, or blocked)-> open -(success)-> closed
 *                           open -(failure when the pause is over: a probe)-> open, twice as long.
 * An API that answers questions may refuse calls all the same: what calls have opened only a call
 * closes. */
#ifndef REELQ_BREAKER_H
#define REELQ_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN };
enum breaker_kind { BREAKER_CALL, BREAKER_QUESTION, BREAKER_KINDS };

struct breaker {
    enum breaker_state state;
    int64_t threshold;      /* failures in a row that open it */
    int64_t first_pause_ms; /* doubles with every failed probe, to a minute at most */
    int64_t failures[BREAKER_KINDS];
    enum breaker_kind opened_by;
    int64_t pause_ms;
    int64_t open_until_ms;
};

void breaker_init(struct breaker *breaker, int64_t threshold, int64_t first_pause_ms);

/* How many calls may be started now with `calls` under way and `room` free: `room` when closed, 0
 * when open, 1 for a probe when the pause is over and no call is under way. Asking changes nothing:
 * what is allowed and not used is allowed again. */
unsigned breaker_allows(const struct breaker *breaker, unsigned calls, unsigned room,
                        int64_t now_ms);

/* ms until breaker_allows() may say more than 0 for lack of time; 0 when only the number of calls
 * can stand in its way: what to wait for then is the end of a call. */
int64_t breaker_wait_ms(const struct breaker *breaker, int64_t now_ms);

/* The API answered as an API should (any outcome but those below). True: this closed it. */
bool breaker_success(struct breaker *breaker, enum breaker_kind kind);

/* The API failed: could not connect, 5xx, timeout. True: this opened it, and it was closed. */
bool breaker_failure(struct breaker *breaker, enum breaker_kind kind, int64_t now_ms);

/* Key or account at fault: opens at once. True: it was closed. */
bool breaker_block(struct breaker *breaker, enum breaker_kind kind, int64_t now_ms);

#endif
