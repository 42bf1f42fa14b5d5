/* videodb - the API's requests as text, and with videodb_read and videodb_find its replies. Pure:
 * no sockets, no clock. Paths and keys as the official SDKs send them, without trailing slashes. */
#ifndef REELQ_VIDEODB_H
#define REELQ_VIDEODB_H

#include "worker/task.h"
#include "worker/videodb_find.h"
#include "worker/videodb_medium.h"
#include "worker/videodb_read.h"

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

/* The questions. The listing is that of walk->medium, its page walk->page. */
void videodb_list_media(struct videodb_request *request, const char *collection_id,
                        const struct videodb_walk *walk);
void videodb_spoken_status(struct videodb_request *request, const char *video_id);
void videodb_list_scenes(struct videodb_request *request, const char *video_id,
                         const char *collection_id);
/* One medium, of a known kind. */
void videodb_get_medium(struct videodb_request *request, const char *media_id,
                        const char *collection_id);
/* `collection_id` may be ""; the kind of the medium is told by its id, which is a known one. */
void videodb_delete_medium(struct videodb_request *request, const char *media_id,
                           const char *collection_id);

#endif
