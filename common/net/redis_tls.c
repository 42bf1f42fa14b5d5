#include "net/redis_tls.h"

#include <stddef.h>

#if REELQ_REDIS_TLS

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/xalloc.h"

struct redis_tls {
    SSL_CTX *context;
};

bool redis_tls_possible(void)
{
    return true;
}

void redis_tls_forget(void)
{
    ERR_clear_error();
}

static const char *queued_reason(void)
{
    unsigned long code = ERR_peek_error();

    return code != 0 ? ERR_reason_error_string(code) : NULL;
}

const char *redis_tls_reason(SSL *ssl)
{
    char byte;

    if (queued_reason() == NULL)
        (void)SSL_read(ssl, &byte, sizeof(byte));
    return queued_reason();
}

/* --- files ------------------------------------------------------------------------------------ */

/* A key that needs a passphrase is an error, and not a question on the terminal. */
static int no_passphrase(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return 0;
}

static bool load_ca(SSL_CTX *context, const char *path)
{
    return SSL_CTX_load_verify_locations(context, path, NULL) == 1;
}

static bool load_certificate(SSL_CTX *context, const char *path)
{
    return SSL_CTX_use_certificate_chain_file(context, path) == 1;
}

static bool load_key(SSL_CTX *context, const char *path)
{
    return SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_check_private_key(context) == 1;
}

static bool load(SSL_CTX *context, const struct redis_tls_files *files, struct error *error)
{
    const struct {
        const char *variable, *path;
        bool (*read)(SSL_CTX *context, const char *path);
    } all[] = {
        {"REELQ_REDIS_CA", files->ca, load_ca},
        {"REELQ_REDIS_CERT", files->certificate, load_certificate},
        {"REELQ_REDIS_KEY", files->key, load_key},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const char *path = all[i].path, *reason;
        if (path[0] == '\0')
            continue;
        if (access(path, R_OK) != 0)
            return error_set(error, "%s: %s: %s", all[i].variable, path, strerror(errno));
        redis_tls_forget();
        if (!all[i].read(context, path)) {
            reason = queued_reason();
            return error_set(error, "%s: %s: %s", all[i].variable, path,
                             reason != NULL ? reason : "no PEM file of the right kind");
        }
    }
    return true;
}

struct redis_tls *redis_tls_new(const struct redis_tls_files *files, struct error *error)
{
    struct redis_tls *tls = xcalloc(1, sizeof(*tls));
    bool half = (files->certificate[0] == '\0') != (files->key[0] == '\0');

    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context == NULL) {
        error_set(error, "OpenSSL does not work here");
    } else if (half) {
        error_set(error, "REELQ_REDIS_CERT and REELQ_REDIS_KEY go together: set both or neither");
    } else {
        SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
        SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_default_passwd_cb(tls->context, no_passphrase);
        if (files->ca[0] == '\0')
            SSL_CTX_set_default_verify_paths(tls->context);
        if (load(tls->context, files, error))
            return tls;
    }
    redis_tls_free(tls);
    return NULL;
}

void redis_tls_free(struct redis_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

/* --- handshake -------------------------------------------------------------------------------- */

static bool is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool expect_host(SSL *ssl, const char *host)
{
    if (is_address(host))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* What the server's certificate lacks says more than that it was refused. */
static void describe(const SSL *ssl, const char *reason, struct error *error)
{
    long verdict = SSL_get_verify_result(ssl);

    if (verdict != X509_V_OK)
        error_set(error, "TLS: the server's certificate is refused: %s",
                  X509_verify_cert_error_string(verdict));
    else
        error_set(error, "TLS: no handshake: %s",
                  reason != NULL ? reason : "the server closed the connection");
}

SSL *redis_tls_start(const struct redis_tls *tls, struct redisContext *context, const char *host,
                     struct error *error)
{
    SSL *ssl = SSL_new(tls->context);

    redis_tls_forget();
    if (ssl == NULL || !expect_host(ssl, host)) {
        error_set(error, "TLS: %s cannot be asked for", host);
        SSL_free(ssl);
        return NULL;
    }
    /* hiredis may move what it has begun to write. */
    SSL_set_mode(ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (redisInitiateSSL(context, ssl) == REDIS_OK)
        return ssl;
    describe(ssl, context->errstr, error);
    SSL_free(ssl);
    return NULL;
}

enum redis_tls_step redis_tls_step(SSL *ssl, struct error *error)
{
    redis_tls_forget();
    int result = SSL_do_handshake(ssl);
    if (result == 1)
        return REDIS_TLS_DONE;
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return REDIS_TLS_READ;
    case SSL_ERROR_WANT_WRITE:
        return REDIS_TLS_WRITE;
    default:
        describe(ssl, queued_reason(), error);
        return REDIS_TLS_FAILED;
    }
}

#else

bool redis_tls_possible(void)
{
    return false;
}

struct redis_tls *redis_tls_new(const struct redis_tls_files *files, struct error *error)
{
    (void)files;
    error_set(error, "this build has no TLS");
    return NULL;
}

void redis_tls_free(struct redis_tls *tls)
{
    (void)tls;
}

struct ssl_st *redis_tls_start(const struct redis_tls *tls, struct redisContext *context,
                               const char *host, struct error *error)
{
    (void)tls;
    (void)context;
    (void)host;
    error_set(error, "this build has no TLS");
    return NULL;
}

enum redis_tls_step redis_tls_step(struct ssl_st *session, struct error *error)
{
    (void)session;
    error_set(error, "this build has no TLS");
    return REDIS_TLS_FAILED;
}

void redis_tls_forget(void)
{
}

const char *redis_tls_reason(struct ssl_st *session)
{
    (void)session;
    return NULL;
}

#endif
