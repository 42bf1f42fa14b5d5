#include "fault/fault.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum { MAX_AT = 1000000 };

static const char *const victims[FAULT_VICTIMS] = {
    [FAULT_WORKER] = "worker", [FAULT_WEBHOOK] = "webhook"};

static const char *const modes[FAULT_MODES] = {
    [FAULT_CUT_BEFORE] = "cut-before",   [FAULT_CUT_AFTER] = "cut-after",
    [FAULT_KILL_BEFORE] = "kill-before", [FAULT_KILL_AFTER] = "kill-after",
    [FAULT_AWAY_BEFORE] = "away-before", [FAULT_AWAY_AFTER] = "away-after"};

/* Every script that the scenario needs but claim, of which there are so many that no run misses it;
 * and what is no script. */
static const char *const kinds[FAULT_KINDS] = {"",       "admit", "chain",   "due",     "expand",
                                               "finish", "move",  "promote", "HGETALL", "reject",
                                               "renew",  "rerun", "BLMOVE",  "ZREM"};

bool fault_is_kill(const struct fault *fault)
{
    return fault->mode == FAULT_KILL_BEFORE || fault->mode == FAULT_KILL_AFTER;
}

bool fault_is_away(const struct fault *fault)
{
    return fault->mode == FAULT_AWAY_BEFORE || fault->mode == FAULT_AWAY_AFTER;
}

bool fault_is_after(const struct fault *fault)
{
    return fault->mode == FAULT_CUT_AFTER || fault->mode == FAULT_KILL_AFTER ||
           fault->mode == FAULT_AWAY_AFTER;
}

const char *fault_kind_name(unsigned kind)
{
    assert(kind < FAULT_KINDS);
    /* cppcheck-suppress arrayIndexOutOfBoundsCond ; the line above says so */
    return kind > 0 ? kinds[kind] : NULL;
}

void fault_name(const struct fault *fault, char name[FAULT_NAME_SIZE])
{
    int used = snprintf(name, FAULT_NAME_SIZE, "%s:%s%s%s", victims[fault->victim],
                        modes[fault->mode], fault->kind > 0 ? ":" : "", kinds[fault->kind]);

    if (fault->at > 0)
        (void)snprintf(name + used, FAULT_NAME_SIZE - (size_t)used, ":%u", fault->at);
}

/* Sets those of `chosen` that the word names; the empty word names all. */
static bool choose(bool *chosen, const char *const *words, int count, struct slice word)
{
    bool any = false;

    for (int i = 0; i < count; i++) {
        chosen[i] = word.length == 0 || slice_is(word, words[i]);
        any = any || chosen[i];
    }
    return any;
}

static struct slice next_word(struct slice *rest)
{
    struct slice word = slice_head(*rest, slice_find(*rest, ':'));

    *rest = slice_skip(*rest, word.length + 1);
    return word;
}

/* A number alone counts all commands. */
static bool choose_commands(struct fault_filter *filter, struct slice rest)
{
    struct slice word = next_word(&rest);
    uint64_t at = 0;

    if (slice_to_u64(word, &at)) {
        filter->kinds[0] = true;
    } else {
        if (!choose(filter->kinds, kinds, FAULT_KINDS, word))
            return false;
        if (rest.length > 0 && !slice_to_u64(rest, &at))
            return false;
    }
    filter->at = (unsigned)at;
    return at <= MAX_AT;
}

bool fault_filter_parse(struct fault_filter *filter, const char *text)
{
    struct slice rest = slice_text(text);
    struct slice victim = next_word(&rest), mode = next_word(&rest);

    *filter = (struct fault_filter){.at = 0};
    return choose(filter->victims, victims, FAULT_VICTIMS, victim) &&
           choose(filter->modes, modes, FAULT_MODES, mode) && choose_commands(filter, rest);
}
