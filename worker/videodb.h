/* videodb - the API's requests and replies as text. Pure: no sockets, no clock.
 * Facts: paths, keys and envelopes as the official SDKs send and read them; trailing slashes are
 * not sent; numbers may come as strings; all fields but ids are optional. */
#ifndef REELQ_VIDEODB_H
#define REELQ_VIDEODB_H

#include "worker/outcome.h"
#include "worker/task.h"

/* A request being made: path (with query, without the base URL) and JSON body, both appended. */
struct videodb_request {
    const char *method;
    struct buffer path;
    struct buffer body;
};

void videodb_request_init(struct videodb_request *request);
void videodb_request_clear(struct videodb_request *request);

/* The call of a task: POST /collection/{id}/upload {url,name,description,media_type,callback_url},
 * POST /video/{id}/index {index_type:"spoken_word",language_code,segmentation_type,force,
 * callback_url,...}, or POST /video/{id}/index/scene {extraction_type,extraction_config,prompt,
 * metadata,model_name,model_config,name,scenes,callback_url}. Keys that were not given are left
 * out. `default_name` names what has no name of its own; `callback_url` "" sends none. */
void videodb_call(struct videodb_request *request, const struct task *task,
                  const char *default_name, const char *callback_url);

/* The questions. */
void videodb_list_videos(struct videodb_request *request, const char *collection_id);
void videodb_spoken_status(struct videodb_request *request, const char *video_id);
void videodb_list_scenes(struct videodb_request *request, const char *video_id,
                         const char *collection_id);
void videodb_delete_video(struct videodb_request *request, const char *video_id,
                          const char *collection_id);

/* What a reply, a callback or a job document says; owned strings, NULL when not said. */
enum videodb_says {
    VIDEODB_PROCESSING,
    VIDEODB_SUCCESS,
    VIDEODB_FAILURE,   /* `message` */
    VIDEODB_MISSING,   /* the API does not know of it */
    VIDEODB_UNREADABLE /* `message` says what is wrong with it */
};

struct videodb_answer {
    enum videodb_says says;
    char *message;
    char *media_id;       /* m-..., a-..., img-... */
    char *collection_id;
    char *output_url;
    char *scene_index_id;
    char *media;          /* fragment "video_id":...,"collection_id":...,"name":...,"length":...,
                             "stream_url":...,"player_url":...; what was said, strings or numbers
                             as they came */
};

void videodb_answer_clear(struct videodb_answer *answer);

/* The body of a reply with any status, or of a callback (no difference: strict JSON, then
 * status processing / `response` unwrapped / success). A success of an upload without data.id is
 * VIDEODB_UNREADABLE. */
void videodb_read_upload(struct videodb_answer *answer, struct slice body);
void videodb_read_index(struct videodb_answer *answer, struct slice body);

/* GET /video: the video of that exact name; of several, the last one whose id is not in `skip`
 * (space separated, may be ""). VIDEODB_SUCCESS with its fields, or VIDEODB_MISSING. */
void videodb_find_video(struct videodb_answer *answer, struct slice body, const char *name,
                        const char *skip);

/* GET /video/{id}/index: status done, processing, failed; anything that says there is none is
 * VIDEODB_MISSING. */
void videodb_read_spoken_status(struct videodb_answer *answer, struct slice body);

/* GET /video/{id}/index/scene: the entry of that name (or of that id when `id` is not ""). Status
 * words ready indexed complete completed done / processing queued pending initiated in progress /
 * failed error. */
void videodb_find_scene(struct videodb_answer *answer, struct slice body, const char *name,
                        const char *id);

/* Is this id that of a video, which can be indexed ("m-...")? */
bool videodb_is_video(const char *media_id);

#endif
