#include "e2e/tls_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "support/port.h"
#include "support/temp_dir.h"

/* Older programs take a negative number of days for what is over, later ones take dates. */
static const char recipe[] =
    "set -e; cd '%s'; exec >openssl.log 2>&1\n"
    "new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
    "for ca in ca other; do\n"
    "  openssl req -x509 $new -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca\n"
    "done\n"
    "leaf() {\n"
    "  openssl req $new -keyout $1.key -out $1.csr -subj /CN=$1\n"
    "  echo subjectAltName=$2 >$1.ext\n"
    "  shift 2; sign \"$@\"\n"
    "}\n"
    "sign() {\n"
    "  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial \\\n"
    "    -extfile $name.ext -out $name.pem \"$@\"\n"
    "}\n"
    "for pair in name=DNS:localhost address=IP:127.0.0.1 elsewhere=DNS:elsewhere.example \\\n"
    "    client=DNS:client mismatched=DNS:client; do\n"
    "  name=${pair%%%%=*}; leaf $name ${pair#*=} -days 2\n"
    "done\n"
    "name=expired; leaf expired DNS:localhost -days 2\n"
    "sign -not_before 20200101000000Z -not_after 20200102000000Z || sign -days -1\n"
    "cp client.pem mismatched.pem\n";

__attribute__((noreturn)) static void fail(const char *what)
{
    (void)fprintf(stderr, "tls_site: %s\n", what);
    abort();
}

void tls_site_make(struct tls_site *site)
{
    *site = (struct tls_site){.directory = temp_dir_make("tls")};
    char *command = xasprintf(recipe, site->directory);

    /* NOLINTNEXTLINE(cert-env33-c): a recipe is for a shell, and nobody else has a say in it */
    if (system(command) != 0)
        fail("openssl does not make the certificates; is it installed?");
    free(command);
}

static void forget_options(struct tls_site *site)
{
    for (size_t i = 0; i < TLS_SITE_OPTIONS; i++) {
        free(site->texts[i]);
        site->texts[i] = NULL;
    }
}

void tls_site_clear(struct tls_site *site)
{
    forget_options(site);
    temp_dir_remove(site->directory);
}

void tls_site_serve(struct tls_site *site, const char *certificate, bool clients)
{
    close(port_hold(&site->port));
    forget_options(site);
    char *const words[TLS_SITE_OPTIONS] = {xstrdup("--bind"),
                                           xstrdup("127.0.0.1"),
                                           xstrdup("--tls-port"),
                                           xasprintf("%u", site->port),
                                           xstrdup("--tls-cert-file"),
                                           xasprintf("%s/%s.pem", site->directory, certificate),
                                           xstrdup("--tls-key-file"),
                                           xasprintf("%s/%s.key", site->directory, certificate),
                                           xstrdup("--tls-ca-cert-file"),
                                           xasprintf("%s/ca.pem", site->directory),
                                           xstrdup("--tls-auth-clients"),
                                           xstrdup(clients ? "yes" : "no")};
    for (size_t i = 0; i < TLS_SITE_OPTIONS; i++)
        site->options[i] = site->texts[i] = words[i];
}

char *tls_site_file(const struct tls_site *site, const char *variable, const char *file)
{
    return xasprintf("%s=%s/%s", variable, site->directory, file);
}

char *tls_site_url(const struct tls_site *site, const char *scheme, const char *host)
{
    return xasprintf("REELQ_REDIS_URL=%s://%s:%u", scheme, host, site->port);
}
