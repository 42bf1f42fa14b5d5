/* verdict - what an upload comes to, told by its URL: see the list in --help. Pure. */
#ifndef SANDBOX_VERDICT_H
#define SANDBOX_VERDICT_H

#include "base/slice.h"

enum medium_kind { MEDIUM_VIDEO, MEDIUM_AUDIO, MEDIUM_IMAGE };

struct verdict {
    const char *failure; /* VideoDB's message, static; NULL when the upload succeeds */
    uint64_t flaky;      /* this many downloads of the URL fail before one works */
    bool stuck;          /* never ends */
    bool silent;         /* no speech: the spoken index fails */
    bool stuck_index;    /* indexes never end */
    enum medium_kind kind;
};

/* `path` is the path of the URL, or a file name; `media_type` is "video", "audio", "image" or
 * empty: then the extension tells. */
struct verdict verdict_of(struct slice path, struct slice media_type);

/* The path inside an absolute URL: no query, no fragment; "/" when there is none. */
struct slice verdict_url_path(struct slice url);

/* What follows the last '.' of the last segment, or empty. */
struct slice verdict_extension(struct slice path);

/* "video", "audio", "image" to the kind; false for anything else. */
bool verdict_kind_parse(struct slice name, enum medium_kind *kind);

#define VERDICT_DOWNLOAD_FAILED "Download failed."

#endif
