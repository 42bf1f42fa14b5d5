/* videodb_answer - what a reply, a callback or a job document of the API says, in plain fields. */
#ifndef REELQ_VIDEODB_ANSWER_H
#define REELQ_VIDEODB_ANSWER_H

#include "base/json_read.h"

enum videodb_says {
    VIDEODB_PROCESSING,
    VIDEODB_SUCCESS,
    VIDEODB_FAILURE,   /* `message` */
    VIDEODB_MISSING,   /* the API does not know of it */
    VIDEODB_UNREADABLE /* `message` says what is wrong with it */
};

/* Owned strings, NULL when not said. */
struct videodb_answer {
    enum videodb_says says;
    char *message;  /* one line, 1024 bytes at most */
    char *media_id; /* m-..., a-..., img-... */
    char *collection_id;
    char *name; /* of the medium */
    char *output_url;
    char *scene_index_id;
    char *media; /* fragment "video_id":...,"collection_id":...,"name":...,"length":...,
                    "stream_url":...,"player_url":...; what was said, strings or numbers
                    as they came */
};

void videodb_answer_clear(struct videodb_answer *answer);

/* Clears it and says VIDEODB_UNREADABLE for the reason `why`. */
void videodb_answer_unreadable(struct videodb_answer *answer, const char *why);

/* Takes media_id, collection_id and media from the object `node`. False, with nothing taken, when
 * it has no "id" that an id could be. */
bool videodb_answer_take_media(struct videodb_answer *answer, const struct json *doc, int node);

/* A copy of the string `key` of `node` if it is one that VideoDB's ids could be, which the caller
 * frees; else NULL. */
char *videodb_answer_id(const struct json *doc, int node, const char *key);

#endif
