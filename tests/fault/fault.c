#include "fault/fault.h"

#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

static const char *const victims[FAULT_VICTIMS] = {
    [FAULT_WORKER] = "worker", [FAULT_WEBHOOK] = "webhook"};

static const char *const modes[FAULT_MODES] = {[FAULT_CUT_BEFORE] = "cut-before",
                                               [FAULT_CUT_AFTER] = "cut-after",
                                               [FAULT_KILL_BEFORE] = "kill-before",
                                               [FAULT_KILL_AFTER] = "kill-after"};

bool fault_is_kill(const struct fault *fault)
{
    return fault->mode == FAULT_KILL_BEFORE || fault->mode == FAULT_KILL_AFTER;
}

bool fault_is_after(const struct fault *fault)
{
    return fault->mode == FAULT_CUT_AFTER || fault->mode == FAULT_KILL_AFTER;
}

const char *fault_victim_name(enum fault_victim victim)
{
    return victims[victim];
}

const char *fault_mode_name(enum fault_mode mode)
{
    return modes[mode];
}

void fault_name(const struct fault *fault, char name[FAULT_NAME_SIZE])
{
    (void)snprintf(name, FAULT_NAME_SIZE, "%s:%s:%u", victims[fault->victim], modes[fault->mode],
                   fault->at);
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

bool fault_filter_parse(struct fault_filter *filter, const char *text)
{
    struct slice rest = slice_text(text);
    uint64_t at = 0;
    struct slice victim = next_word(&rest), mode = next_word(&rest);

    if (rest.length > 0 && (!slice_to_u64(rest, &at) || at == 0 || at > 1000000))
        return false;
    filter->at = (unsigned)at;
    return choose(filter->victims, victims, FAULT_VICTIMS, victim) &&
           choose(filter->modes, modes, FAULT_MODES, mode);
}
