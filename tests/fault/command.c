#include "fault/command.h"

#include <hiredis/hiredis.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "queue/scripts.h"

enum { MAX_WORDS = 6, MAX_WORD = 40 };

/* Scripts are sent with this line before them, where the server knows it. */
static const char flags_line[] = "#!lua flags=allow-oom\n";

static bool has_digest(const char *text, const char *hex)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    char own[2 * SHA_DIGEST_LENGTH + 1];

    (void)SHA1((const unsigned char *)text, strlen(text), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        (void)snprintf(own + 2 * i, 3, "%02x", digest[i]);
    return strcmp(own, hex) == 0;
}

/* `word` is the text of the script or its digest. */
static bool is_script(enum script script, const char *word)
{
    const char *text = scripts_text[script];
    char *flagged = xasprintf("%s%s", flags_line, text);
    bool is = strcmp(word, text) == 0 || strcmp(word, flagged) == 0 || has_digest(text, word) ||
              has_digest(flagged, word);

    free(flagged);
    return is;
}

static const char *script_of(const char *word)
{
    for (int i = 0; i < SCRIPT_COUNT; i++)
        if (is_script((enum script)i, word))
            return script_name((enum script)i);
    return word;
}

static void add_words(struct buffer *out, const struct redisReply *command, size_t from)
{
    for (size_t i = from; i < command->elements && i < from + MAX_WORDS; i++) {
        const struct redisReply *word = command->element[i];
        struct slice text = slice_head(slice_make(word->str, word->len), MAX_WORD);
        buffer_add_format(out, " %.*s%s", SLICE_ARGS(text), text.length < word->len ? "..." : "");
    }
}

static const char *word_at(const struct redisReply *command, size_t at)
{
    return at < command->elements ? command->element[at]->str : "";
}

void command_describe(struct buffer *out, const struct redisReply *command)
{
    const char *name = word_at(command, 0);
    uint64_t keys = 0;

    if (strncasecmp(name, "EVAL", 4) == 0) {
        (void)slice_to_u64(slice_text(word_at(command, 2)), &keys);
        buffer_add_text(out, script_of(word_at(command, 1)));
        add_words(out, command, 3 + (size_t)keys);
    } else if (strcasecmp(name, "SCRIPT") == 0) {
        buffer_add_format(out, "SCRIPT LOAD %s", script_of(word_at(command, 2)));
    } else {
        buffer_add_text(out, name);
        add_words(out, command, 1);
    }
}
