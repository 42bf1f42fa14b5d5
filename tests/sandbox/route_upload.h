/* route_upload - uploads, and the storage for files. Every function fills the exchange's reply. */
#ifndef SANDBOX_ROUTE_UPLOAD_H
#define SANDBOX_ROUTE_UPLOAD_H

struct exchange;

/* POST /collection/{}/upload: accepts the job; its end makes the medium. */
void upload_start(struct exchange *exchange);

/* GET /collection/{}/upload_url: room in the storage. */
void upload_make_url(struct exchange *exchange);

/* POST /storage/{}: the file, as multipart/form-data. */
void upload_store(struct exchange *exchange);

#endif
