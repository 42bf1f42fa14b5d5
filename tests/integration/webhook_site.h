/* webhook_site - a private Redis and a reelq-webhook on it, as an operator would run them. Calls
 * block; what cannot be done ends the test. */
#ifndef REELQ_TESTS_WEBHOOK_SITE_H
#define REELQ_TESTS_WEBHOOK_SITE_H

#include "base/signature.h"
#include "support/process.h"
#include "support/raw_http.h"
#include "support/redis_server.h"

#define WEBHOOK_SITE_SECRET "0123456789abcdef-test"
#define WEBHOOK_SITE_EXPIRY "4102444800" /* of what is signed here: the year 2100 */

struct webhook_site {
    struct redis_server *redis;
    struct process *webhook;
    const char *address, *admin; /* of its listeners */
    struct buffer answer;        /* the last one */
};

/* reelq-webhook on ports that the system picks, with at most 8 more variables ("NAME=value", ended
 * by NULL; NULL: none). */
struct process *webhook_site_start(const struct redis_server *redis, const char *const *extra);

/* Both, until the webhook is ready. */
void webhook_site_open(struct webhook_site *site, const char *const *extra);
void webhook_site_wait_ready(struct webhook_site *site, bool ready);

/* SIGTERM; it must free everything and exit with 0. */
void webhook_site_close(struct webhook_site *site);

/* The signature of call 1 by the first of `secrets`, and the same with an expiry (Unix time). */
void webhook_site_sign(const char *secrets, const char *kind, const char *id,
                       char out[SIGNATURE_LENGTH + 1]);
void webhook_site_sign_until(const char *id, uint64_t expires_s, char out[SIGNATURE_LENGTH + 1]);

/* A signed request target of call 1, and a whole request; the caller frees them. */
char *webhook_site_target(const char *secret, const char *kind, const char *id);
char *webhook_site_request(const char *method, const char *target, const char *body);

/* Posts an upload callback: the status, with the answer in `site`. */
int webhook_site_post(struct webhook_site *site, const char *secret, const char *id,
                      const char *body);

/* The same of an upload, by WEBHOOK_SITE_SECRET and with an expiry (Unix time). */
int webhook_site_post_until(struct webhook_site *site, const char *id, uint64_t expires_s);

/* The socket of one whose answer is read later. */
int webhook_site_send(const struct webhook_site *site, const char *id);

/* Takes the oldest envelope in Redis and compares it, but for the time of its arrival, which must
 * be now: `head` stands before that, `rest` after it. */
void webhook_site_expect_envelope(struct webhook_site *site, const char *head, const char *rest);

#endif
