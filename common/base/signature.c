#include "base/signature.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/url.h"
#include "base/wipe.h"

/* What is signed is at most an id from a request line: far below this. */
enum { SECRET_MIN = 16, MESSAGE_MAX = 64 * 1024 };

/* --- keys ------------------------------------------------------------------------------------- */

/* OpenSSL looks for the algorithm each time that it is given a key, which takes four times as long
 * as the rest: so each secret has its context, with the key in it. */
static EVP_MAC_CTX *new_mac(struct slice secret)
{
    static char digest_name[] = "SHA256";
    const OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);
    int done = EVP_MAC_init(mac, (const unsigned char *)secret.data, secret.length, digest);

    assert(done == 1);
    (void)done;
    EVP_MAC_free(hmac);
    return mac;
}

void signature_keys_add(struct signature_keys *keys, struct slice secret)
{
    assert(keys->count < SIGNATURE_MAX_SECRETS);
    keys->macs[keys->count] = new_mac(secret);
    keys->secrets[keys->count++] = slice_copy(secret);
}

static bool add_secret(struct signature_keys *keys, struct slice secret, struct error *error)
{
    unsigned number = keys->count + 1;

    if (keys->count == SIGNATURE_MAX_SECRETS)
        return error_set(error, "more than %d secrets", SIGNATURE_MAX_SECRETS);
    if (secret.length < SECRET_MIN)
        return error_set(error, "secret %u is shorter than %d bytes", number, SECRET_MIN);
    if (slice_find(secret, '\0') < secret.length)
        return error_set(error, "secret %u holds a NUL byte", number);
    signature_keys_add(keys, secret);
    return true;
}

bool signature_keys_parse(struct signature_keys *keys, struct slice text, struct error *error)
{
    bool more = true;

    *keys = (struct signature_keys){.count = 0};
    while (more) {
        size_t comma = slice_find(text, ',');
        if (!add_secret(keys, slice_trim(slice_head(text, comma)), error)) {
            signature_keys_clear(keys);
            return false;
        }
        more = comma < text.length;
        text = slice_skip(text, comma + 1);
    }
    return true;
}

void signature_keys_clear(struct signature_keys *keys)
{
    for (unsigned i = 0; i < keys->count; i++) {
        EVP_MAC_CTX_free(keys->macs[i]);
        wipe_free_text(keys->secrets[i]);
    }
    *keys = (struct signature_keys){.count = 0};
}

/* --- signing ---------------------------------------------------------------------------------- */

static void add_message(struct buffer *message, const struct signature_subject *subject)
{
    buffer_add_text(message, subject->kind);
    buffer_add_char(message, '\n');
    buffer_add_slice(message, subject->id);
    buffer_add_char(message, '\n');
    buffer_add_number(message, subject->call);
    buffer_add_char(message, '\n');
    buffer_add_number(message, subject->expires_s);
}

static void sign(EVP_MAC_CTX *mac, struct slice message, char out[SIGNATURE_LENGTH + 1])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t length = 0;

    bool done = EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
                EVP_MAC_update(mac, (const unsigned char *)message.data, message.length) == 1 &&
                EVP_MAC_final(mac, digest, &length, sizeof(digest)) == 1;
    assert(done && length == 32);
    for (size_t i = 0; i < SIGNATURE_LENGTH; i++)
        out[i] = hex[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
    out[SIGNATURE_LENGTH] = '\0';
}

void signature_make(const struct signature_keys *keys, const struct signature_subject *subject,
                    char out[SIGNATURE_LENGTH + 1])
{
    struct buffer message = BUFFER(MESSAGE_MAX);

    assert(keys->count > 0);
    add_message(&message, subject);
    assert(!message.failed);
    sign(keys->macs[0], buffer_slice(&message), out);
    buffer_clear(&message);
}

void signature_add_target(struct buffer *out, const struct signature_keys *keys,
                          const struct signature_subject *subject)
{
    char signature[SIGNATURE_LENGTH + 1];

    signature_make(keys, subject, signature);
    buffer_add_format(out, "/webhooks/%s?id=", subject->kind);
    url_add_encoded(out, subject->id);
    buffer_add_format(out, "&n=%" PRIu64 "&exp=%" PRIu64 "&sig=%s", subject->call,
                      subject->expires_s, signature);
}

/* Every secret is tried, whichever one fits: the time tells nothing. */
bool signature_verify(const struct signature_keys *keys, const struct signature_subject *subject,
                      struct slice given)
{
    struct buffer message = BUFFER(MESSAGE_MAX);
    unsigned matches = 0;

    if (given.length != SIGNATURE_LENGTH)
        return false;
    add_message(&message, subject);
    for (unsigned i = 0; i < keys->count && !message.failed; i++) {
        char wanted[SIGNATURE_LENGTH + 1];
        sign(keys->macs[i], buffer_slice(&message), wanted);
        matches += CRYPTO_memcmp(wanted, given.data, SIGNATURE_LENGTH) == 0;
    }
    buffer_clear(&message);
    return matches > 0;
}
