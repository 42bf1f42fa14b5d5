#include "faults.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/xalloc.h"

#define MAX_FAULTS     64
#define MAX_FAULT_TEXT 128

void faults_init(struct faults *faults, uint64_t seed)
{
    *faults = (struct faults){.seed = seed};
}

void faults_clear(struct faults *faults)
{
    free(faults->items);
    faults_init(faults, faults->seed);
}

bool faults_add(struct faults *faults, struct slice text, struct error *error)
{
    struct fault fault;
    if (faults->count == MAX_FAULTS) {
        return error_set(error, "more than %d faults", MAX_FAULTS);
    }
    if (!fault_parse(&fault, text, error)) {
        return false;
    }
    rng_init(&fault.rng, faults->seed, 1000 + faults->count);
    faults->items = xrealloc(faults->items, faults->count + 1, sizeof(*faults->items));
    faults->items[faults->count] = fault;
    faults->count++;
    return true;
}

void faults_replace(struct faults *faults, struct faults *other)
{
    free(faults->items);
    *faults = *other;
    faults_init(other, other->seed);
}

static bool aims_at(const struct fault *fault, enum fault_route route)
{
    return fault->route == route ||
           (fault->route == FAULT_ROUTE_ANY && route != FAULT_ROUTE_CALLBACK);
}

/* `free_hand`: no other fault has been chosen. The draw is made anyway, to keep the sequence; a
 * counted fault is only used up when it is applied. */
static bool hits(struct fault *fault, bool free_hand)
{
    if (fault->remaining < 0) {
        return rng_unit(&fault->rng) < fault->rate && free_hand;
    }
    if (fault->remaining == 0 || !free_hand) {
        return false;
    }
    fault->remaining--;
    return true;
}

static bool is_limit(const struct fault *fault)
{
    return fault->kind == FAULT_LIMIT || fault->kind == FAULT_LIMIT_MUTE;
}

/* A limiter as APIs have it: so many requests in each second, whoever sends them. */
static bool lets_pass(struct fault *fault)
{
    int64_t second = clock_monotonic_ms() / 1000;
    if (second != fault->second) {
        fault->second = second;
        fault->passed = 0;
    }
    if (fault->passed >= fault->argument) {
        return false;
    }
    fault->passed++;
    return true;
}

static void choose(struct fault_decision *decision, const struct fault *fault)
{
    *decision =
        (struct fault_decision){fault->kind, fault->status, fault->argument, decision->latency_ms};
    if (is_limit(fault)) {
        decision->kind = FAULT_STATUS;
        decision->status = 429;
        decision->argument = fault->kind == FAULT_LIMIT ? 1 : FAULT_NO_ARGUMENT;
    }
}

struct fault_decision faults_decide(struct faults *faults, enum fault_route route)
{
    struct fault_decision decision = {0};
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->items[i];
        bool latency = fault->kind == FAULT_LATENCY;
        if (!aims_at(fault, route) || !hits(fault, latency || decision.kind == FAULT_NONE)) {
            continue;
        }
        if (is_limit(fault) && lets_pass(fault)) {
            continue;
        }
        fault->hits++;
        if (latency) {
            decision.latency_ms += fault->argument;
        } else {
            choose(&decision, fault);
        }
    }
    return decision;
}

void faults_add_json(struct buffer *out, const struct faults *faults)
{
    struct json_writer w = json_writer(out);
    struct buffer text = BUFFER(MAX_FAULT_TEXT);
    json_open(&w, '[');
    for (size_t i = 0; i < faults->count; i++) {
        buffer_reset(&text);
        fault_add_text(&text, &faults->items[i]);
        json_add_string(&w, buffer_slice(&text));
    }
    json_close(&w, ']');
    buffer_clear(&text);
}
