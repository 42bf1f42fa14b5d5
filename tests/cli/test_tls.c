/* rediss:// and https:// at the command line. Where hiredis has no TLS it says so. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/cli_site.h"
#include "e2e/tls_site.h"
#include "net/redis_tls.h"
#include "support/port.h"

static struct tls_site tls;
static struct cli_site site;

static void start(void)
{
    tls_site_make(&tls);
    site = (struct cli_site){.redis = redis_server_start()};
}

static void stop(void)
{
    cli_clear(&site);
    redis_server_stop(site.redis);
    tls_site_clear(&tls);
}

/* A Redis with that certificate in place of the plain one. */
static void serve(const char *certificate, bool clients)
{
    redis_server_stop(site.redis);
    tls_site_serve(&tls, certificate, clients);
    site.redis = redis_server_start_with(tls.options);
    cli_redis(&site, "LPUSH reelq:tasks a b c");
}

/* With the CA, and more settings. */
static int run(const char *more, const char *command)
{
    return cli_run(&site, "REELQ_REDIS_URL=rediss://localhost:%u REELQ_REDIS_CA=%s/%s $REELQ %s",
                   tls.port, tls.directory, more, command);
}

Test(tls, carries_the_commands, .init = start, .fini = stop)
{
    if (!redis_tls_possible()) {
        cr_expect_eq(cli_run(&site, "REELQ_REDIS_URL=rediss://h $REELQ status"), 1);
        cli_says(&site,
                 "reelq: REELQ_REDIS_URL: rediss:// needs TLS, which this build does not have");
        return;
    }
    serve("name", false);
    cr_expect_eq(run("ca.pem", "status"), 0);
    cli_has(&site, "waiting         3");
    cr_expect_eq(run("ca.pem", "top --once"), 0);
    cr_expect_eq(run("ca.pem", "submit --batch b --dry-run https://e.com/a.mp4"), 0);
    cr_expect_eq(run("ca.pem", "submit --batch b https://e.com/a.mp4"), 0);
    cr_expect_eq(redis_server_integer(site.redis, "LLEN reelq:tasks"), 4);
    cr_expect_eq(run("ca.pem", "wait --timeout 300ms b.1"), 5);
    cr_expect_eq(run("other.pem", "status"), 1);
    cli_says(&site, "Redis at rediss://localhost:");
    cli_says(&site, "certificate is refused: ");
}

Test(tls, shows_its_own_certificate, .init = start, .fini = stop)
{
    if (!redis_tls_possible())
        cr_skip("hiredis has no TLS here");
    serve("name", true);
    cr_expect_eq(run("ca.pem", "status"), 1);
    cli_says(&site, "certificate (REELQ_REDIS_CERT)?");
    char *own = xasprintf("ca.pem REELQ_REDIS_CERT=%s/client.pem REELQ_REDIS_KEY=%s/client.key",
                          tls.directory, tls.directory);
    cr_expect_eq(run(own, "status"), 0);
    free(own);
}

Test(tls, one_side_alone_is_said, .init = start, .fini = stop)
{
    if (!redis_tls_possible())
        cr_skip("hiredis has no TLS here");
    serve("name", false);
    cr_expect_eq(cli_run(&site, "REELQ_REDIS_URL=redis://localhost:%u $REELQ status", tls.port), 1);
    cli_says(&site, "Redis at redis://localhost:");
}

/* --- https ------------------------------------------------------------------------------------ */

/* The system does not trust the CA of a test. */
Test(tls, doctor_says_why_https_fails, .init = start, .fini = stop)
{
    unsigned port;

    close(port_hold(&port));
    char *address = xasprintf("127.0.0.1:%u", port);
    char *certificate = xasprintf("%s/name.pem", tls.directory);
    char *key = xasprintf("%s/name.key", tls.directory);
    struct process *server = process_start(&(struct process_options){
        "/usr/bin/openssl",
        LIST("s_server", "-www", "-accept", address, "-cert", certificate, "-key", key), NULL});
    int64_t end_ms = clock_monotonic_ms() + PIPELINE_WAIT_MS;
    while (strstr(process_output(server), "ACCEPT") == NULL)
        cr_assert_lt(clock_monotonic_ms(), end_ms, "%s", process_log(server));
    cr_expect_eq(
        cli_run(&site, "REELQ_ADMIN_LISTEN=off REELQ_PUBLIC_URL=https://localhost:%u $REELQ doctor",
                port),
        1);
    cli_has(&site, "  fail  https://localhost:");
    cli_has(&site, "certificate");
    process_free(server);
    free(key);
    free(certificate);
    free(address);
}
