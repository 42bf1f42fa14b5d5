/* api - a VideoDB that accepts calls when it is told to, and sends callbacks when it is told to, of
 * some tasks at a time; on a loop of its own. What cannot be done, or does not come within 20 s,
 * ends the run with a line that says why. */
#ifndef REELQ_COST_API_H
#define REELQ_COST_API_H

enum { API_MAX_CALLS = 16 };

struct api;

struct api *api_new(void);
void api_free(struct api *api);

/* http://127.0.0.1:PORT */
const char *api_url(const struct api *api);

/* Waits for so many calls, which are held. */
void api_await_calls(struct api *api, unsigned count);

/* Accepts all of them; returns when the answers are on their way. */
void api_accept_calls(struct api *api);

/* Appends what the callback of call `number` is to say. */
struct buffer;
typedef void (*api_body_fn)(struct buffer *out, unsigned number);

/* Posts the callbacks of the calls that were accepted last, each over a connection of its own; then
 * takes their answers, which have come by then. */
void api_send_callbacks(struct api *api, api_body_fn fn);
void api_take_answers(struct api *api);

#endif
