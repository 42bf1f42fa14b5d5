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

static struct form {
    char *text;
    char digest[2 * SHA_DIGEST_LENGTH + 1];
} forms[SCRIPT_COUNT][2]; /* with that line, and without */

static void fill(struct form *form, const char *line, const char *text)
{
    unsigned char digest[SHA_DIGEST_LENGTH];

    form->text = xasprintf("%s%s", line, text);
    (void)SHA1((const unsigned char *)form->text, strlen(form->text), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        (void)snprintf(form->digest + 2 * i, 3, "%02x", digest[i]);
}

void command_init(void)
{
    for (int i = 0; i < SCRIPT_COUNT; i++) {
        fill(&forms[i][0], flags_line, scripts_text[i]);
        fill(&forms[i][1], "", scripts_text[i]);
    }
}

/* `word` is the text of a script or its digest. */
static const char *script_of(const char *word)
{
    for (int i = 0; i < SCRIPT_COUNT; i++)
        for (int k = 0; k < 2; k++)
            if (strcmp(word, forms[i][k].digest) == 0 || strcmp(word, forms[i][k].text) == 0)
                return script_name((enum script)i);
    return word;
}

static const char *word_at(const struct redisReply *command, size_t at)
{
    return at < command->elements ? command->element[at]->str : "";
}

static bool is_script(const struct redisReply *command)
{
    return strncasecmp(word_at(command, 0), "EVAL", 4) == 0;
}

const char *command_name(const struct redisReply *command)
{
    return is_script(command) ? script_of(word_at(command, 1)) : word_at(command, 0);
}

static void add_words(struct buffer *out, const struct redisReply *command, size_t from)
{
    for (size_t i = from; i < command->elements && i < from + MAX_WORDS; i++) {
        const struct redisReply *word = command->element[i];
        struct slice text = slice_head(slice_make(word->str, word->len), MAX_WORD);
        buffer_add_format(out, " %.*s%s", SLICE_ARGS(text), text.length < word->len ? "..." : "");
    }
}

void command_describe(struct buffer *out, const struct redisReply *command)
{
    uint64_t keys = 0;

    buffer_add_text(out, command_name(command));
    if (is_script(command)) {
        (void)slice_to_u64(slice_text(word_at(command, 2)), &keys);
        add_words(out, command, 3 + (size_t)keys);
    } else if (strcasecmp(word_at(command, 0), "SCRIPT") == 0) {
        buffer_add_format(out, " LOAD %s", script_of(word_at(command, 2)));
    } else {
        add_words(out, command, 1);
    }
}
