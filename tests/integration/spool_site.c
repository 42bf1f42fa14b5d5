#include "integration/spool_site.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "support/temp_dir.h"

/* --- set-up ----------------------------------------------------------------------------------- */

/* What a restart of Redis is to keep is in its append-only file, which it reads slowly: 500 us for
 * each command. */
static const char *const durable[] = {"--appendonly", "yes", "--key-load-delay", "500", NULL};

struct process *spool_site_start(const struct spool_site *site)
{
    const char *const extra[] = {"REELQ_CALLBACK_SECRET=" WEBHOOK_SITE_SECRET, site->variable,
                                 site->extra, NULL};

    return webhook_site_start(site->web.redis, extra);
}

static void use(struct spool_site *site, struct process *webhook)
{
    site->web.webhook = webhook;
    site->web.address = process_address(webhook, "public");
    site->web.admin = process_address(webhook, "admin");
}

static void open_all(struct spool_site *site)
{
    site->web.redis = redis_server_start_with(durable);
    buffer_init(&site->web.answer, RAW_HTTP_MAX);
    use(site, spool_site_start(site));
    cr_assert(process_wait_log(site->web.webhook, "redis-up", 1, SPOOL_SITE_PATIENCE_MS));
}

void spool_site_open(struct spool_site *site, const char *extra)
{
    *site = (struct spool_site){.directory = temp_dir_make("spool"), .extra = extra};
    site->variable = xasprintf("REELQ_SPOOL_DIR=%s", site->directory);
    open_all(site);
}

void spool_site_open_at(struct spool_site *site, const char *variable)
{
    *site = (struct spool_site){.variable = xstrdup(variable)};
    open_all(site);
}

void spool_site_replace(struct spool_site *site)
{
    process_free(site->web.webhook);
    use(site, spool_site_start(site));
}

void spool_site_close(struct spool_site *site)
{
    webhook_site_close(&site->web);
    temp_dir_remove(site->directory);
    free(site->variable);
}

/* --- callbacks -------------------------------------------------------------------------------- */

static char *body_of(unsigned n)
{
    static const char *const extras[] = {"1.50", "\"\xc3\xa4\\u00e4\\n\"", "[ {} ,null]",
                                         "{\"}\":1}"};

    return xasprintf("{\"success\":%s, \"x\":%s,\"n\":%u}", n % 2 == 0 ? "true" : "false",
                     extras[n % 4], n);
}

int spool_site_post(struct spool_site *site, unsigned n)
{
    char *id = xasprintf("cb-%u", n), *body = body_of(n);

    int status = webhook_site_post(&site->web, WEBHOOK_SITE_SECRET, id, body);
    free(body);
    free(id);
    return status;
}

void spool_site_post_all(struct spool_site *site, unsigned first, unsigned end)
{
    for (unsigned n = first; n < end; n++)
        cr_assert_eq(spool_site_post(site, n), 200, "%u: %s", n, buffer_text(&site->web.answer));
}

void spool_site_expect(struct spool_site *site, unsigned first, unsigned end)
{
    for (unsigned n = first; n < end; n++) {
        char *body = body_of(n);
        char *head = xasprintf("{\"kind\":\"upload\",\"id\":\"cb-%u\",\"call\":1", n);
        char *rest = xasprintf(",\"body\":%s}", body);
        webhook_site_expect_envelope(&site->web, head, rest);
        free(rest);
        free(head);
        free(body);
    }
}

void spool_site_expect_no_more(struct spool_site *site)
{
    cr_expect_eq(redis_server_integer(site->web.redis, "LLEN reelq:callbacks"), 0);
}

/* --- what it says ----------------------------------------------------------------------------- */

void spool_site_await(struct spool_site *site, const char *line)
{
    cr_assert(process_wait_log(site->web.webhook, line, 1, SPOOL_SITE_PATIENCE_MS), "%s: %s", line,
              process_log(site->web.webhook));
}

double spool_site_metric(struct spool_site *site, const char *series)
{
    char *line = xasprintf("\n%s ", series);
    double value = 0;

    cr_assert_eq(raw_http_get(site->web.admin, "/metrics", &site->web.answer), 200);
    const char *at = strstr(raw_http_body(&site->web.answer), line);
    if (at != NULL)
        value = strtod(at + strlen(line), NULL);
    free(line);
    return value;
}

/* The webhook learns of some things a little later than the test. */
void spool_site_expect_ready(struct spool_site *site, int status, const char *lines)
{
    int64_t end_ms = clock_monotonic_ms() + SPOOL_SITE_PATIENCE_MS;
    int got;

    do {
        got = raw_http_get(site->web.admin, "/readyz", &site->web.answer);
    } while ((got != status || strcmp(raw_http_body(&site->web.answer), lines) != 0) &&
             clock_monotonic_ms() < end_ms);
    cr_expect_eq(got, status);
    cr_expect_str_eq(raw_http_body(&site->web.answer), lines);
}

unsigned spool_site_occurrences(const char *log, const char *text)
{
    unsigned count = 0;

    for (const char *at = strstr(log, text); at != NULL; at = strstr(at + 1, text))
        count++;
    return count;
}
