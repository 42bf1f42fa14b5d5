/* videodb_medium - the kinds of media that VideoDB keeps apart: each has paths, a listing and ids
 * of its own. */
#ifndef REELQ_VIDEODB_MEDIUM_H
#define REELQ_VIDEODB_MEDIUM_H

enum videodb_medium { VIDEODB_VIDEO, VIDEODB_AUDIO, VIDEODB_IMAGE, VIDEODB_MEDIA };

struct videodb_medium_words {
    const char *type;   /* the media_type of an upload, and the path of the listing */
    const char *list;   /* the key of the listing in data */
    const char *prefix; /* of ids */
};

/* `medium` is not VIDEODB_MEDIA. */
const struct videodb_medium_words *videodb_medium_words(enum videodb_medium medium);

/* VIDEODB_MEDIA for what is none of these; the text may be NULL. */
enum videodb_medium videodb_medium_of_type(const char *media_type);
enum videodb_medium videodb_medium_of_id(const char *media_id);

#endif
