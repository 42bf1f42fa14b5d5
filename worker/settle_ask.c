/* Moves to a question that is put at once. */
#include <stdlib.h>

#include "worker/settle_op.h"

/* A call that was not awaited any more may have been accepted for all that: it is waited for. */
void settle_ask(struct settle *settle, const char *hint)
{
    const struct record *record = settle->record;
    struct transition_move move = {.target = "queued", .mark = "?", .event = "asked"};
    bool awaited = record_is(record, RECORD_state, "awaiting");

    transition_field(&move.fields, "purpose", "ask");
    transition_field(&move.fields, "hint", hint);
    transition_field_int(&move.fields, "hints", record_int(record, RECORD_hints) + 1);
    if (!awaited || record_is(record, RECORD_why, "")) {
        move.stamp = "since";
        transition_field(&move.fields, "why", awaited ? "callback" : "unknown");
    }
    settle_move(settle, &move);
}

/* The document of a job that says so has no more to tell, but VideoDB's words may name the index;
 * and a question that led here is not put again at once. */
void settle_ask_existing(struct settle *settle, const char *message)
{
    char *id = videodb_existing_id(message);
    bool asked = record_is(settle->record, RECORD_state, "running") &&
                 record_is(settle->record, RECORD_purpose, "ask");
    struct transition_move move = {.target = asked ? "awaiting" : "queued", .mark = "?"};

    move.event = asked ? NULL : "asked";
    move.delay_ms = asked ? settle->context->config->poll_interval_ms : 0;
    transition_field(&move.fields, "purpose", "ask");
    transition_clear(&move.fields, settle->record, RECORD_output_url);
    transition_clear(&move.fields, settle->record, RECORD_hint);
    transition_field_int(&move.fields, "hints", record_int(settle->record, RECORD_hints) + 1);
    if (!asked) {
        move.stamp = "since";
        transition_field(&move.fields, "why", "callback");
    }
    if (id != NULL)
        transition_field(&move.fields, "scene_index_id", id);
    settle_move(settle, &move);
    free(id);
}
