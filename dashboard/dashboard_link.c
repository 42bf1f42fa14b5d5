#include "dashboard/dashboard_link.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/xalloc.h"

enum { PATIENCE_MS = 1000, REPLY_TIMEOUT_MS = 2000, IDLE_MS = 10000 };

struct waiter {
    STAILQ_ENTRY(waiter) link;
    dashboard_link_fn fn;
    void *arg;
};

struct dashboard_link {
    struct loop *loop;
    struct redis_url url;
    struct redis *redis; /* NULL: closed */
    struct loop_timer patience, idle;
    STAILQ_HEAD(, waiter) waiters;
    struct error trouble;
};

/* --- those who wait --------------------------------------------------------------------------- */

static void answer_all(struct dashboard_link *link, struct redis *redis)
{
    loop_timer_stop(&link->patience);
    while (!STAILQ_EMPTY(&link->waiters)) {
        struct waiter *first = STAILQ_FIRST(&link->waiters), waiter = *first;
        STAILQ_REMOVE_HEAD(&link->waiters, link);
        free(first);
        waiter.fn(redis, waiter.arg);
    }
}

static void on_impatient(void *arg)
{
    answer_all(arg, NULL);
}

static void note_away(struct dashboard_link *link)
{
    (void)error_set(&link->trouble, "Redis at %s does not answer", link->url.display);
}

static void on_up(void *arg)
{
    struct dashboard_link *link = arg;

    note_away(link);
    answer_all(link, link->redis);
}

static void on_refused(const char *text, void *arg)
{
    struct dashboard_link *link = arg;

    (void)error_set(&link->trouble, "%s", text);
    answer_all(link, NULL);
}

static void open_redis(struct dashboard_link *link)
{
    struct redis_options options = {.loop = link->loop,
                                    .url = &link->url,
                                    .name = "dashboard",
                                    .quiet = true, /* the callbacks' own connection speaks */
                                    .reply_timeout_ms = REPLY_TIMEOUT_MS,
                                    .on_up = on_up,
                                    .on_refused = on_refused,
                                    .arg = link};

    note_away(link);
    link->redis = redis_new(&options);
}

void dashboard_link_when_up(struct dashboard_link *link, dashboard_link_fn fn, void *arg)
{
    struct waiter *waiter;

    loop_timer_start(&link->idle, IDLE_MS);
    if (link->redis != NULL && redis_is_up(link->redis)) {
        fn(link->redis, arg);
        return;
    }
    if (link->redis == NULL)
        open_redis(link);
    waiter = xcalloc(1, sizeof(*waiter));
    *waiter = (struct waiter){.fn = fn, .arg = arg};
    STAILQ_INSERT_TAIL(&link->waiters, waiter, link);
    if (!loop_timer_pending(&link->patience))
        loop_timer_start(&link->patience, PATIENCE_MS);
}

/* --- texts ------------------------------------------------------------------------------------ */

const char *dashboard_link_trouble(const struct dashboard_link *link)
{
    return link->trouble.text;
}

void dashboard_link_add_denial(struct buffer *out, const char *error)
{
    buffer_add_text(out, error);
    if (slice_starts_with(slice_text(error), "NOPERM"))
        buffer_add_text(out, ". Set REELQ_ADMIN_REDIS_URL to a user that may look "
                             "(reelq-observer of deploy/redis.acl), or also change "
                             "(reelq-operator)");
}

/* --- life ------------------------------------------------------------------------------------- */

static void close_redis(struct dashboard_link *link)
{
    redis_free(link->redis);
    link->redis = NULL;
    answer_all(link, NULL);
}

/* A reading takes as many answers as there are pages. */
static void on_idle(void *arg)
{
    struct dashboard_link *link = arg;

    if (link->redis != NULL && redis_pending(link->redis) > 0)
        loop_timer_start(&link->idle, IDLE_MS);
    else
        close_redis(link);
}

struct dashboard_link *dashboard_link_new(struct loop *loop, const struct config *config,
                                          struct error *error)
{
    struct dashboard_link *link = xcalloc(1, sizeof(*link));

    if (!redis_url_load_admin(&link->url, config, error)) {
        free(link);
        return NULL;
    }
    link->loop = loop;
    loop_timer_init(&link->patience, loop, on_impatient, link);
    loop_timer_init(&link->idle, loop, on_idle, link);
    STAILQ_INIT(&link->waiters);
    return link;
}

void dashboard_link_free(struct dashboard_link *link)
{
    if (link == NULL)
        return;
    close_redis(link);
    loop_timer_clear(&link->patience);
    loop_timer_clear(&link->idle);
    redis_url_clear(&link->url);
    free(link);
}
