#include "net/redis_report.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/xalloc.h"

/* `why` is NULL for good news. */
static void say(const struct redis_report *report, const char *event, const char *why)
{
    void (*log)(const char *, const char *, ...) = why != NULL ? log_warn : log_info;
    char *detail = why != NULL ? xasprintf(" reason=%s", log_quote_text(why)) : xstrdup("");

    (report->quiet ? log_debug : log)(event, "connection=%s address=%s%s", report->name,
                                      report->address, detail);
    free(detail);
}

void redis_report_up(struct redis_report *report)
{
    if (report->was_up && report->reconnects != NULL)
        report->reconnects->value++;
    report->was_up = true;
    report->said_away = false;
    report->said_refused = false;
    say(report, "redis-up", NULL);
}

void redis_report_away(struct redis_report *report, const char *why)
{
    if (report->said_away)
        return;
    report->said_away = true;
    say(report, report->was_up ? "redis-lost" : "redis-away", why);
}

/* Wrong from the start is a mistake in the configuration. What has worked is not: a password that
 * is changed in Redis first comes to us a little later, so that is one more way to be away. */
bool redis_report_refused(struct redis_report *report, const char *reason)
{
    if (report->said_refused)
        return false;
    report->said_refused = true;
    if (report->was_up)
        say(report, "redis-refused", reason);
    return !report->was_up;
}
