#include "sandbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "callbacks.h"

#define MAX_JOURNAL  ((size_t)1 << 30)
#define MAX_REQUESTS ((size_t)256 << 20)
#define MAX_FATES    ((size_t)256 << 20)

enum { STREAM_JITTER, STREAM_IDS };

void sandbox_init(struct sandbox *sandbox, struct event_base *base, struct options *options)
{
    char id[SANDBOX_ID_SIZE];
    *sandbox = (struct sandbox){.base = base, .options = options};
    faults_init(&sandbox->faults, options->seed);
    faults_replace(&sandbox->faults, &options->faults);
    rng_init(&sandbox->jitter, options->seed, STREAM_JITTER);
    sandbox_make_id(sandbox, "c-", id);
    collections_init(&sandbox->collections, id);
    sandbox->callbacks = callbacks_new(base, &sandbox->fates);
    jobs_init(&sandbox->jobs, base, sandbox->callbacks);
    journal_init(&sandbox->journal, MAX_JOURNAL);
    journal_init(&sandbox->requests, MAX_REQUESTS);
    journal_init(&sandbox->fates, MAX_FATES);
}

static void clear_flaky(struct table *table)
{
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].key != NULL) {
            struct flaky *flaky = table->entries[i].value;
            free(flaky->url);
            free(flaky);
        }
    }
    table_clear(table);
}

void sandbox_clear(struct sandbox *sandbox)
{
    callbacks_free(sandbox->callbacks);
    jobs_clear(&sandbox->jobs);
    media_clear(&sandbox->media);
    collections_clear(&sandbox->collections);
    storage_clear(&sandbox->storage);
    clear_flaky(&sandbox->flaky);
    journal_clear(&sandbox->journal);
    journal_clear(&sandbox->requests);
    journal_clear(&sandbox->fates);
    faults_clear(&sandbox->faults);
}

void sandbox_make_id(struct sandbox *sandbox, const char *prefix, char id[SANDBOX_ID_SIZE])
{
    struct rng rng;
    rng_init(&rng, sandbox->options->seed, STREAM_IDS);
    sandbox->serial++;
    uint64_t number = rng_mix(rng.state + sandbox->serial);
    (void)snprintf(id, SANDBOX_ID_SIZE, "%.15s%016" PRIx64, prefix, number);
}

int64_t sandbox_jitter(struct sandbox *sandbox, int64_t ms)
{
    return (int64_t)((double)ms * (0.5 + rng_unit(&sandbox->jitter)));
}

bool sandbox_download_fails(struct sandbox *sandbox, const char *url, uint64_t limit)
{
    if (limit == 0) {
        return false;
    }
    struct flaky *flaky = table_get(&sandbox->flaky, slice_text(url));
    if (flaky == NULL) {
        flaky = xcalloc(1, sizeof(*flaky));
        flaky->url = xstrdup(url);
        table_put(&sandbox->flaky, flaky->url, flaky);
    }
    if (flaky->failures >= limit) {
        return false;
    }
    flaky->failures++;
    return true;
}
