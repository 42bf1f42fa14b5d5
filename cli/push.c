/* Some hundred items in a command, and not much over half a MiB. */
#include "cli/push.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

enum { MAX_WORDS = 256, ENOUGH_BYTES = 512 << 10, MAX_ITEM = 4 << 20 };

struct load {
    const char *words[MAX_WORDS + 2];
    char *items[MAX_WORDS];
    size_t count, bytes;
};

static void clear(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        free(load->items[i]);
    load->count = load->bytes = 0;
}

/* The next items of the input, as many as belong in one command. */
static void fill(struct load *load, const struct input *input,
                 const struct draft_defaults *defaults, size_t from)
{
    for (size_t i = from; i < input->count; i++) {
        struct buffer item = BUFFER(MAX_ITEM);
        if (load->count == MAX_WORDS || load->bytes > ENOUGH_BYTES)
            return;
        draft_add_item(&item, &input->drafts[i], ids_name(input->ids, i), defaults);
        load->bytes += item.length;
        load->items[load->count] = buffer_take(&item);
        load->words[2 + load->count] = load->items[load->count];
        load->count++;
    }
}

bool push_all(struct session *session, const struct input *input,
              const struct draft_defaults *defaults, size_t *pushed)
{
    struct load load = {.words = {"LPUSH", session->keys.tasks}};
    bool good = true;

    *pushed = 0;
    while (good && *pushed < input->count) {
        fill(&load, input, defaults, *pushed);
        client_queue_words(session->client, (int)(2 + load.count), load.words);
        struct redisReply *reply = client_next(session->client);
        good = reply != NULL;
        if (good)
            *pushed += load.count;
        freeReplyObject(reply);
        clear(&load);
    }
    return good;
}
