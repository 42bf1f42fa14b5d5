/* record - what a worker knows of a task when it decides: the fields of task:<id>, as text. */
#ifndef REELQ_RECORD_H
#define REELQ_RECORD_H

#include <stdbool.h>
#include <stdint.h>

struct redisReply;

/* In the order of read_record() in admit.lua; docs/redis.md says what each one means. */
#define RECORD_FIELDS(X)                                                                           \
    X(state)                                                                                       \
    X(token)                                                                                       \
    X(kind)                                                                                        \
    X(attempt)                                                                                     \
    X(calls)                                                                                       \
    X(max_attempts)                                                                                \
    X(request)                                                                                     \
    X(about)                                                                                       \
    X(batch)                                                                                       \
    X(parent)                                                                                      \
    X(label)                                                                                       \
    X(video_id)                                                                                    \
    X(collection_id)                                                                               \
    X(output_url)                                                                                  \
    X(purpose)                                                                                     \
    X(why)                                                                                         \
    X(since)                                                                                       \
    X(asks)                                                                                        \
    X(crashes)                                                                                     \
    X(labels)                                                                                      \
    X(submitted_at)                                                                                \
    X(failed_labels)                                                                               \
    X(scene_index_id)                                                                              \
    X(skip)                                                                                        \
    X(failing)                                                                                     \
    X(hint)                                                                                        \
    X(hints)

enum record_field {
#define X(name) RECORD_##name,
    RECORD_FIELDS(X)
#undef X
        RECORD_COUNT
};

/* Strings of the record's own, "" for a missing field, never NULL once made. */
struct record {
    char *id;
    int64_t now_ms; /* the time of Redis when it was read */
    char *field[RECORD_COUNT];
    bool stored[RECORD_COUNT]; /* whether Redis had the field, whatever was set since */
};

/* A record with all fields empty. */
struct record *record_new(const char *id);
void record_free(struct record *record);

/* As it is called in Redis. */
const char *record_field_name(enum record_field field);

/* Fills the fields from element `first` of a reply on, or from the names and values of HGETALL,
 * which may hold others too; false when the reply is not of that form. */
bool record_fill(struct record *record, const struct redisReply *reply, unsigned first);
bool record_fill_pairs(struct record *record, const struct redisReply *reply);

const char *record_text(const struct record *record, enum record_field field);
bool record_is(const struct record *record, enum record_field field, const char *text);

/* 0 for a missing or unreadable number. */
int64_t record_int(const struct record *record, enum record_field field);

void record_set(struct record *record, enum record_field field, const char *text);
void record_set_int(struct record *record, enum record_field field, int64_t value);

#endif
