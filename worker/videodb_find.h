/* videodb_find - look for one video or one scene index in the API's listings. Pure. Both fill the
 * answer anew; the caller clears it with videodb_answer_clear(). A listing that could not be had is
 * VIDEODB_UNREADABLE with VideoDB's message, or VIDEODB_MISSING when that says there is none. */
#ifndef REELQ_VIDEODB_FIND_H
#define REELQ_VIDEODB_FIND_H

#include "worker/videodb_answer.h"

enum { VIDEODB_FIND_MAX = 16 << 20 }; /* bytes of a listing */

/* GET /video: the video of that exact name; of several, the last one whose id is not in `skip`
 * (space separated, may be ""). VIDEODB_SUCCESS with its fields, or VIDEODB_MISSING. */
void videodb_find_video(struct videodb_answer *answer, struct slice body, const char *name,
                        const char *skip);

/* GET /video/{id}/index/scene: the entry of that name (or of that id when `id` is not ""); of
 * several the last one. VIDEODB_SUCCESS, VIDEODB_PROCESSING (also for a status word that is not
 * known, or none) or VIDEODB_FAILURE with its scene_index_id, or VIDEODB_MISSING. */
void videodb_find_scene(struct videodb_answer *answer, struct slice body, const char *name,
                        const char *id);

#endif
