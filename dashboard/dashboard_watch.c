#include "dashboard/dashboard_watch.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "dashboard/dashboard_sections.h"
#include "net/http_push.h"
#include "queue/next_item.h"

/* Others than watchers need the admin listener, too. One that leaves two whole pages unread is too
 * slow. */
enum { WATCHERS_MAX = 32, LOOK_MS = 1000, HINT_MS = 100, EVENT_MAX = 2 * DASHBOARD_SECTION_MAX };
/* When a look was lost, an item that is too long for the time of an answer may be why: for so long
 * the next ones do without. */
enum { WITHOUT_NEXT_MS = 60000 };
enum { UNSENT_MAX = 2 * SECTION_COUNT * EVENT_MAX };

struct watcher {
    TAILQ_ENTRY(watcher) link;
    struct dashboard_watch *watch;
    struct http_push *push;
    bool fresh; /* has not got the sections yet */
};

struct dashboard_watch {
    struct dashboard_watch_options options;
    TAILQ_HEAD(, watcher) watchers;
    unsigned count;
    struct loop_timer timer;
    bool looking;
    int64_t looked_at_ms;                  /* monotonic: when the last look began */
    struct buffer sections[SECTION_COUNT]; /* as they were sent last */
    struct buffer event;                   /* the one that is being made */
    int64_t without_next_until_ms;         /* monotonic */
    struct next_item next_task;
};

/* --- sending ---------------------------------------------------------------------------------- */

static void send_to(struct dashboard_watch *watch, bool only_fresh, struct slice event)
{
    struct watcher *watcher;

    TAILQ_FOREACH(watcher, &watch->watchers, link)
    if (watcher->fresh || !only_fresh)
        http_push_send(watcher->push, event);
}

static void send_sections(struct dashboard_watch *watch, const struct dashboard_survey *survey)
{
    struct watcher *watcher;

    for (int i = 0; i < SECTION_COUNT; i++) {
        struct buffer *last = &watch->sections[i], *now = &watch->event;
        buffer_reset(now);
        dashboard_sections_add(now, (enum dashboard_section)i, survey);
        bool changed = !slice_equal(buffer_slice(last), buffer_slice(now));
        if (changed) {
            buffer_reset(last);
            buffer_add_slice(last, buffer_slice(now));
        }
        if (!now->failed)
            send_to(watch, !changed, buffer_slice(now));
    }
    TAILQ_FOREACH(watcher, &watch->watchers, link)
    watcher->fresh = false;
}

static void send_summary(struct dashboard_watch *watch, const struct dashboard_survey *survey,
                         const char *trouble)
{
    struct dashboard_summary summary = {
        .survey = survey,
        .trouble = trouble,
        .writable = watch->options.writable,
        .next_task_age_ms = survey == NULL ? 0
                                           : next_item_age_ms(&watch->next_task, survey->next_task,
                                                              survey->now_ms)};

    buffer_reset(&watch->event);
    dashboard_sections_add_summary(&watch->event, &summary);
    send_to(watch, false, buffer_slice(&watch->event));
}

/* --- looking ---------------------------------------------------------------------------------- */

static void plan(struct dashboard_watch *watch, int64_t pause_ms)
{
    int64_t since_ms = clock_monotonic_ms() - watch->looked_at_ms;

    if (!watch->looking)
        loop_timer_start(&watch->timer, pause_ms > since_ms ? pause_ms - since_ms : 0);
}

static void tell(struct dashboard_watch *watch, const struct dashboard_survey *survey,
                 const char *trouble)
{
    watch->looking = false;
    send_summary(watch, survey, trouble);
    if (survey != NULL)
        send_sections(watch, survey);
    plan(watch, LOOK_MS);
}

static void on_survey(const struct dashboard_survey *survey, const char *error, void *arg)
{
    struct dashboard_watch *watch = arg;
    struct buffer text = BUFFER(4096);

    if (survey == NULL && error == NULL)
        watch->without_next_until_ms = clock_monotonic_ms() + WITHOUT_NEXT_MS;
    if (error != NULL)
        dashboard_link_add_denial(&text, error);
    else
        buffer_add_text(&text, dashboard_link_trouble(watch->options.link));
    tell(watch, survey, buffer_text(&text));
    buffer_clear(&text);
}

static void on_link(struct redis *redis, void *arg)
{
    struct dashboard_watch *watch = arg;
    struct dashboard_survey_request request = {.redis = redis,
                                               .keys = watch->options.keys,
                                               .with_next = clock_monotonic_ms() >=
                                                            watch->without_next_until_ms,
                                               .fn = on_survey,
                                               .arg = watch};

    if (redis != NULL)
        dashboard_survey_take(&request);
    else
        tell(watch, NULL, dashboard_link_trouble(watch->options.link));
}

static void look(struct dashboard_watch *watch)
{
    watch->looking = true;
    watch->looked_at_ms = clock_monotonic_ms();
    dashboard_link_when_up(watch->options.link, on_link, watch);
}

static void on_timer(void *arg)
{
    struct dashboard_watch *watch = arg;

    if (watch->count > 0)
        look(watch);
}

void dashboard_watch_hint(struct dashboard_watch *watch)
{
    plan(watch, HINT_MS);
}

/* --- watchers --------------------------------------------------------------------------------- */

static void on_gone(void *arg)
{
    struct watcher *watcher = arg;
    struct dashboard_watch *watch = watcher->watch;

    TAILQ_REMOVE(&watch->watchers, watcher, link);
    watch->count--;
    free(watcher);
}

void dashboard_watch_add(struct dashboard_watch *watch, struct http_request *request)
{
    static const struct http_answer full = {.status = 503, .retry_after_s = 5};
    struct watcher *watcher;
    struct http_push_options options = {
        .content_type = "text/event-stream", .max_unsent = UNSENT_MAX, .on_gone = on_gone};

    if (watch->count == WATCHERS_MAX) {
        http_reply(request, &full);
        return;
    }
    watcher = xcalloc(1, sizeof(*watcher));
    options.arg = watcher;
    *watcher =
        (struct watcher){.watch = watch, .push = http_push_begin(request, &options), .fresh = true};
    if (watcher->push == NULL) {
        free(watcher);
        return;
    }
    TAILQ_INSERT_TAIL(&watch->watchers, watcher, link);
    watch->count++;
    plan(watch, LOOK_MS); /* who comes and goes does not make for more looks */
}

/* --- life ------------------------------------------------------------------------------------- */

struct dashboard_watch *dashboard_watch_new(const struct dashboard_watch_options *options)
{
    struct dashboard_watch *watch = xcalloc(1, sizeof(*watch));

    watch->options = *options;
    TAILQ_INIT(&watch->watchers);
    loop_timer_init(&watch->timer, options->loop, on_timer, watch);
    buffer_init(&watch->event, EVENT_MAX);
    for (int i = 0; i < SECTION_COUNT; i++)
        buffer_init(&watch->sections[i], EVENT_MAX);
    return watch;
}

void dashboard_watch_free(struct dashboard_watch *watch)
{
    if (watch == NULL)
        return;
    loop_timer_clear(&watch->timer);
    buffer_clear(&watch->event);
    for (int i = 0; i < SECTION_COUNT; i++)
        buffer_clear(&watch->sections[i]);
    next_item_clear(&watch->next_task);
    free(watch);
}
