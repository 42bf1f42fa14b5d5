#include "cli/throughput.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "cli/event_line.h"

enum { READ_AT_ONCE = 2000, RATE_SECONDS = 10 };

/* Moves the seconds to the left. */
static void advance(struct throughput *throughput, int64_t now_ms)
{
    int64_t gone = now_ms / 1000 - throughput->now_ms / 1000;
    size_t shift = gone <= 0                   ? 0
                   : gone < THROUGHPUT_SECONDS ? (size_t)gone
                                               : (size_t)THROUGHPUT_SECONDS;

    for (unsigned kind = 0; kind < THROUGHPUT_KINDS; kind++) {
        int64_t *counts = throughput->counts[kind];
        memmove(counts, counts + shift, (THROUGHPUT_SECONDS - shift) * sizeof(*counts));
        memset(counts + THROUGHPUT_SECONDS - shift, 0, shift * sizeof(*counts));
    }
    throughput->now_ms = now_ms;
}

static void count(struct throughput *throughput, const struct event_entry *entry)
{
    int64_t age = throughput->now_ms / 1000 - entry->at_ms / 1000;
    size_t second = (size_t)(THROUGHPUT_SECONDS - 1 - (age > 0 ? age : 0));

    if (age >= THROUGHPUT_SECONDS)
        return;
    if (slice_is(entry->event, "ready"))
        throughput->counts[THROUGHPUT_READY][second]++;
    else if (slice_is(entry->event, "failed"))
        throughput->counts[THROUGHPUT_FAILED][second]++;
}

/* The last one comes first. */
static void count_all(struct throughput *throughput, const struct redisReply *entries)
{
    struct event_entry entry = {0};

    for (size_t i = 0; i < entries->elements; i++) {
        if (!event_entry_read(&entry, entries->element[i]))
            continue;
        if (i == 0)
            (void)snprintf(throughput->last, sizeof(throughput->last), "%.*s",
                           SLICE_ARGS(entry.stream_id));
        count(throughput, &entry);
    }
    if (entries->elements == READ_AT_ONCE)
        throughput->from_ms = entry.at_ms;
}

bool throughput_read(struct throughput *throughput, struct session *session, int64_t now_ms)
{
    bool first = throughput->last[0] == '\0';
    struct redisReply *entries =
        client_ask(session->client, "XREVRANGE %s + %s%s COUNT %d", session->keys.events,
                   first ? "-" : "(", throughput->last, READ_AT_ONCE);

    if (entries == NULL)
        return false;
    advance(throughput, now_ms);
    count_all(throughput, entries);
    freeReplyObject(entries);
    return true;
}

double throughput_rate(const struct throughput *throughput, enum throughput_kind kind)
{
    int64_t from_ms = (throughput->now_ms / 1000 - RATE_SECONDS + 1) * 1000, sum = 0;

    if (throughput->from_ms > from_ms)
        from_ms = throughput->from_ms;
    for (size_t i = THROUGHPUT_SECONDS - RATE_SECONDS; i < THROUGHPUT_SECONDS; i++)
        sum += throughput->counts[kind][i];
    int64_t ms = throughput->now_ms - from_ms;
    return (double)sum * 1000 / (double)(ms > 1000 ? ms : 1000);
}
