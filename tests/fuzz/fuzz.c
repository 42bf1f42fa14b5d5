#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

/* FNV-1a over the input, then xorshift, which must not begin with 0. */
struct fuzz_dice fuzz_dice(struct slice input)
{
    struct fuzz_dice dice = {UINT64_C(0xcbf29ce484222325)};

    for (size_t i = 0; i < input.length; i++)
        dice.state = (dice.state ^ (unsigned char)input.data[i]) * UINT64_C(0x100000001b3);
    dice.state |= 1;
    return dice;
}

size_t fuzz_roll(struct fuzz_dice *dice, size_t below)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return (size_t)((dice->state >> 16) % below);
}

struct slice fuzz_cut(struct slice *rest, char mark)
{
    struct slice head = slice_head(*rest, slice_find(*rest, mark));

    *rest = slice_skip(*rest, head.length + 1);
    return head;
}

void fuzz_expect_json_line(struct slice text)
{
    struct json_limits limits = {.max_bytes = text.length, .max_depth = 64};

    assert(json_check(text, &limits, NULL, NULL));
    assert(slice_find(text, '\n') == text.length && slice_find(text, '\r') == text.length);
}

bool fuzz_is_line(const char *text)
{
    struct slice rest = slice_text(text);

    while (rest.length > 0) {
        size_t length = utf8_sequence(rest);
        if (length == 0 || (unsigned char)rest.data[0] < 0x20 || rest.data[0] == 0x7f)
            return false;
        rest = slice_skip(rest, length);
    }
    return true;
}

void fuzz_expect_error(const struct error *error)
{
    assert(memchr(error->text, '\0', sizeof(error->text)) != NULL);
    assert(error->text[0] != '\0');
    for (const char *c = error->text; *c != '\0'; c++)
        assert((unsigned char)*c >= 0x20 && *c != 0x7f);
}

bool fuzz_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}
