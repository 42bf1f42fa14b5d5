/* redis_resp - an array of bulk strings, written without printf: this is the hot path. */
#include "net/redis_resp.h"

#include <assert.h>
#include <string.h>

/* What stands between two strings: CRLF to end the one, $, the length of the other, CRLF. */
static void add_length(struct buffer *buffer, size_t length)
{
    char text[BUFFER_MAX_DIGITS + 5], *end = text + sizeof(text), *first = end;

    *--first = '\n';
    *--first = '\r';
    first = buffer_digits(first, length);
    *--first = '$';
    *--first = '\n';
    *--first = '\r';
    buffer_add(buffer, first, (size_t)(end - first));
}

void redis_resp_add(struct buffer *buffer, const struct redis_command *command)
{
    assert(command->count > 0);
    buffer_add_char(buffer, '*');
    buffer_add_number(buffer, (uint64_t)command->count);
    for (int i = 0; i < command->count; i++) {
        add_length(buffer, command->length[i]);
        buffer_add(buffer, command->data[i], command->length[i]);
    }
    buffer_add(buffer, "\r\n", 2);
}

void redis_resp_collect(struct redis_resp_words *words, va_list ap)
{
    int count = 0;

    for (const char *word = va_arg(ap, const char *); word != NULL;
         word = va_arg(ap, const char *)) {
        assert(count < REDIS_RESP_MAX_WORDS);
        words->words[count] = word;
        words->lengths[count] = strlen(word);
        count++;
    }
    words->command =
        (struct redis_command){.count = count, .data = words->words, .length = words->lengths};
}

void redis_resp_add_words(struct buffer *buffer, ...)
{
    struct redis_resp_words words;
    va_list ap;

    va_start(ap, buffer);
    redis_resp_collect(&words, ap);
    va_end(ap);
    redis_resp_add(buffer, &words.command);
}
