#include "base/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "base/xalloc.h"

static const char stands_for_it[] = "***";

static char **secrets;
static size_t secret_count;

static bool is_known(struct slice secret)
{
    for (size_t i = 0; i < secret_count; i++)
        if (slice_is(secret, secrets[i]))
            return true;
    return false;
}

void redact_add(struct slice secret)
{
    if (secret.length < REDACT_MIN || is_known(secret))
        return;
    secrets = xrealloc(secrets, secret_count + 1, sizeof(*secrets));
    secrets[secret_count++] = slice_copy(secret);
}

void redact_clear(void)
{
    for (size_t i = 0; i < secret_count; i++)
        wipe_free_text(secrets[i]);
    free(secrets);
    secrets = NULL;
    secret_count = 0;
}

static size_t common_length(struct slice text, const char *secret)
{
    size_t length = 0;

    while (length < text.length && secret[length] != '\0' && text.data[length] == secret[length])
        length++;
    return length;
}

/* The longest one: a secret may begin another. */
size_t redact_at(struct slice text)
{
    size_t longest = 0;

    for (size_t i = 0; i < secret_count; i++) {
        size_t length = common_length(text, secrets[i]);
        bool whole = secrets[i][length] == '\0';
        bool cut = length == text.length && length >= REDACT_MIN;
        if ((whole || cut) && length > longest)
            longest = length;
    }
    return longest;
}

size_t redact_text(char *text)
{
    struct slice rest = slice_text(text);
    char *out = text;

    while (rest.length > 0) {
        size_t secret = redact_at(rest);
        if (secret > 0) {
            memcpy(out, stands_for_it, sizeof(stands_for_it) - 1);
            out += sizeof(stands_for_it) - 1;
        } else {
            *out++ = rest.data[0];
        }
        rest = slice_skip(rest, secret > 0 ? secret : 1);
    }
    *out = '\0';
    return (size_t)(out - text);
}
