#include "base/utf8.h"

#include <assert.h>

/* The sequences that begin with one of first..last: how long, and what may come second. Every
 * later byte is 80..BF. This is the table of RFC 3629, section 4. */
static const struct form {
    unsigned char first, last;
    unsigned char length;
    unsigned char second_low, second_high;
} forms[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static const struct form *form_of(unsigned char first)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (first >= forms[i].first && first <= forms[i].last)
            return &forms[i];
    return NULL;
}

size_t utf8_sequence(struct slice s)
{
    if (s.length == 0)
        return 0;
    const unsigned char *bytes = (const unsigned char *)s.data;
    const struct form *form = form_of(bytes[0]);
    if (form == NULL || s.length < form->length)
        return 0;
    if (form->length > 1 && (bytes[1] < form->second_low || bytes[1] > form->second_high))
        return 0;
    for (size_t i = 2; i < form->length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return form->length;
}

struct slice utf8_head(struct slice s, size_t maximum)
{
    if (s.length <= maximum)
        return s;
    /* Only a sequence that begins in the last three bytes can be cut. */
    for (size_t back = 1; back <= 3 && back <= maximum; back++) {
        size_t length = utf8_sequence(slice_skip(s, maximum - back));
        if (length > back)
            return slice_head(s, maximum - back);
    }
    return slice_head(s, maximum);
}

size_t utf8_encode(uint32_t code, char out[4])
{
    static const unsigned char lead[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    assert(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(lead[length] | code);
    return length;
}
