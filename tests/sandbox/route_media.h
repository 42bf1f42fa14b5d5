/* route_media - collections, videos, audio, images. Every function fills the exchange's reply. */
#ifndef SANDBOX_ROUTE_MEDIA_H
#define SANDBOX_ROUTE_MEDIA_H

#include "media.h"

struct exchange;

/* GET and POST /collection, GET /collection/{}. */
void media_list_collections(struct exchange *exchange);
void media_make_collection(struct exchange *exchange);
void media_get_collection(struct exchange *exchange);

/* GET /video, /audio, /image: of ?collection_id=, newest first, ?page_index= pages of ?count=
 * (5000, which is also the most). */
void media_list_videos(struct exchange *exchange);
void media_list_audios(struct exchange *exchange);
void media_list_images(struct exchange *exchange);

/* GET /video/{} and so on. */
void media_get_video(struct exchange *exchange);
void media_get_audio(struct exchange *exchange);
void media_get_image(struct exchange *exchange);

/* PATCH /video/{}: a new name. */
void media_rename_video(struct exchange *exchange);

/* DELETE /video/{} and so on; /video/{}/storage. */
void media_delete_video(struct exchange *exchange);
void media_delete_audio(struct exchange *exchange);
void media_delete_image(struct exchange *exchange);
void media_delete_storage(struct exchange *exchange);

/* The medium that the first argument of the route names; NULL after answering that there is none.
 */
struct medium *media_of_exchange(struct exchange *exchange, enum medium_kind kind);

#endif
