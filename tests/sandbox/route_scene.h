/* route_scene - scene indexes of a video. Every function fills the reply. */
#ifndef SANDBOX_ROUTE_SCENE_H
#define SANDBOX_ROUTE_SCENE_H

struct exchange;

/* POST and GET /video/{}/index/scene. Each POST makes one more index, also the same one again. */
void scene_start(struct exchange *exchange);
void scene_list(struct exchange *exchange);

/* GET and DELETE /video/{}/index/scene/{}. */
void scene_get(struct exchange *exchange);
void scene_delete(struct exchange *exchange);

#endif
