/* videodb_find - look for one medium or one scene index in the API's listings. Pure. Both fill the
 * answer anew; the caller clears it with videodb_answer_clear(). A listing that could not be had is
 * VIDEODB_UNREADABLE with VideoDB's message, or VIDEODB_MISSING when that says there is none. */
#ifndef REELQ_VIDEODB_FIND_H
#define REELQ_VIDEODB_FIND_H

#include "worker/videodb_answer.h"
#include "worker/videodb_walk.h"

enum { VIDEODB_FIND_MAX = 16 << 20 }; /* bytes of a listing */

/* What is looked for; texts are borrowed and may be "". */
struct videodb_wanted {
    const char *name; /* exactly this */
    const char *id;   /* of a scene index: this one, whatever its name is */
    const char *skip; /* ids that are somebody else's, separated by spaces */
};

/* GET /video, /audio or /image, as walk->medium says, one page: the last medium of that name.
 * VIDEODB_SUCCESS with its fields; VIDEODB_PROCESSING when the next page of the walk has to be
 * asked for; VIDEODB_MISSING when there is none on any page; VIDEODB_UNREADABLE when the listing
 * cannot be read to its end. */
void videodb_find_medium(struct videodb_answer *answer, struct slice body,
                         const struct videodb_wanted *wanted, struct videodb_walk *walk);

/* GET /video/{id}/index/scene: the entry that is looked for; of several one that is still being
 * made, else the last one that is done, else the last one. VIDEODB_SUCCESS, VIDEODB_PROCESSING
 * (also for a status word that is not known, or none) or VIDEODB_FAILURE with its scene_index_id,
 * or VIDEODB_MISSING. */
void videodb_find_scene(struct videodb_answer *answer, struct slice body,
                        const struct videodb_wanted *wanted);

#endif
