/* signature - the HMAC that makes a callback URL unguessable.
 * HMAC-SHA256 over "KIND\nID\nCALL\nEXPIRY", cut to 128 bits, as 32 lower-case hex digits. */
#ifndef REELQ_SIGNATURE_H
#define REELQ_SIGNATURE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define SIGNATURE_LENGTH      32
#define SIGNATURE_MAX_SECRETS 8

/* The secrets in force, copied; the first one signs, each one verifies. */
struct signature_keys {
    char *secrets[SIGNATURE_MAX_SECRETS];
    struct evp_mac_ctx_st *macs[SIGNATURE_MAX_SECRETS]; /* with the key of each */
    unsigned count;
};

/* What is signed; slices and text are borrowed for the call. */
struct signature_subject {
    const char *kind; /* "upload" or "index" */
    struct slice id;
    uint64_t call;      /* its number */
    uint64_t expires_s; /* Unix time; whether it is over is the caller's business */
};

/* Secrets separated by commas, each of at least 16 bytes, at most SIGNATURE_MAX_SECRETS; white
 * space around one does not belong to it. The error begins with a number, as in "secret 2 is
 * shorter than 16 bytes", and never quotes a secret. After false nothing needs clearing. */
MUST_USE bool signature_keys_parse(struct signature_keys *keys, struct slice text,
                                   struct error *error);
void signature_keys_clear(struct signature_keys *keys);

/* One more, of those that another list had. There must be room. */
void signature_keys_add(struct signature_keys *keys, struct slice secret);

/* Writes SIGNATURE_LENGTH digits and a NUL. */
void signature_make(const struct signature_keys *keys, const struct signature_subject *subject,
                    char out[SIGNATURE_LENGTH + 1]);

/* Appends the target of a callback URL: /webhooks/KIND?id=ID&n=CALL&exp=EXPIRY&sig=SIGNATURE. Never
 * log it. */
void signature_add_target(struct buffer *out, const struct signature_keys *keys,
                          const struct signature_subject *subject);

/* True when `given` is the signature by any of the secrets. Takes the same time for every wrong
 * signature of the right length, whichever secret it is near to. */
bool signature_verify(const struct signature_keys *keys, const struct signature_subject *subject,
                      struct slice given);

#endif
