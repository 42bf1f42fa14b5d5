/* route_index - indexes, transcripts and search of videos. Every function fills the reply. */
#ifndef SANDBOX_ROUTE_INDEX_H
#define SANDBOX_ROUTE_INDEX_H

struct exchange;

/* POST and GET /video/{}/index: the spoken words. */
void index_start_spoken(struct exchange *exchange);
void index_get_spoken(struct exchange *exchange);

/* POST and GET /video/{}/transcription. The GET starts one where there is none, as VideoDB does. */
void index_start_transcript(struct exchange *exchange);
void index_get_transcript(struct exchange *exchange);

/* POST /video/{}/search and /collection/{}/search: one shot of each video with a spoken index. */
void index_search_video(struct exchange *exchange);
void index_search_collection(struct exchange *exchange);

#endif
