#include "dashboard/dashboard.h"

#include <assert.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "dashboard/dashboard_api.h"
#include "dashboard/dashboard_files.h"
#include "dashboard/dashboard_guard.h"
#include "dashboard/dashboard_watch.h"

struct dashboard {
    struct keys keys;
    struct signature_keys tokens;
    struct dashboard_guard guard;
    struct dashboard_link *link;
    struct dashboard_watch *watch;
    struct dashboard_api api;
};

/* The page needs nothing from elsewhere, and nobody else may frame it or send a form. */
static const char headers[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n";

/* --- routes ----------------------------------------------------------------------------------- */

/* A route's request that was let in. */
struct visit {
    struct dashboard *dashboard;
    struct http_request *request;
    const struct http_view *view;
};

static void serve_events(const struct visit *visit)
{
    static const struct http_answer empty = {.status = 200, .content_type = "text/event-stream"};

    if (slice_is(visit->view->method, "HEAD"))
        http_reply(visit->request, &empty);
    else
        dashboard_watch_add(visit->dashboard->watch, visit->request);
}

static void serve_call(const struct visit *visit, enum dashboard_call call)
{
    dashboard_api_serve(&visit->dashboard->api, call, visit->request, visit->view);
}

static void serve_task(const struct visit *visit)
{
    serve_call(visit, CALL_TASK);
}

static void serve_retry(const struct visit *visit)
{
    serve_call(visit, CALL_RETRY);
}

static void serve_pause(const struct visit *visit)
{
    serve_call(visit, CALL_PAUSE);
}

static void serve_resume(const struct visit *visit)
{
    serve_call(visit, CALL_RESUME);
}

static void serve_file(const struct visit *visit)
{
    const struct dashboard_file *file = dashboard_files_find(visit->view->path);
    struct http_answer answer = {.status = 200};

    assert(file != NULL); /* the gate admits nothing else */
    answer.content_type = dashboard_files_type(file);
    answer.body = slice_make(file->data, file->length);
    http_reply(visit->request, &answer);
}

static const struct route {
    const char *path; /* NULL: a file */
    bool changes;     /* a POST, by who may */
    void (*serve)(const struct visit *visit);
} routes[] = {
    {"/events", false, serve_events},    {"/api/task", false, serve_task},
    {"/api/retry", true, serve_retry},   {"/api/pause", true, serve_pause},
    {"/api/resume", true, serve_resume},
};

static const struct route file_route = {NULL, false, serve_file};

static const struct route *find_route(struct slice path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (slice_is(path, routes[i].path))
            return &routes[i];
    return dashboard_files_find(path) == NULL ? NULL : &file_route;
}

/* --- requests --------------------------------------------------------------------------------- */

static enum http_verdict on_head(const struct http_view *view, const char **allow, void *arg)
{
    const struct route *route = find_route(view->path);

    (void)arg;
    if (route == NULL)
        return HTTP_UNKNOWN_ROUTE;
    bool reads = slice_is(view->method, "GET") || slice_is(view->method, "HEAD");
    if (route->changes ? slice_is(view->method, "POST") : reads)
        return HTTP_ADMIT;
    *allow = route->changes ? "POST" : "GET, HEAD";
    return HTTP_WRONG_METHOD;
}

static void on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct dashboard *dashboard = arg;
    const struct route *route = find_route(view->path);

    assert(route != NULL); /* on_head admits nothing else */
    struct dashboard_refusal refusal = route->changes
                                           ? dashboard_guard_change(&dashboard->guard, view)
                                           : dashboard_guard_read(&dashboard->guard, view);

    if (refusal.status != 0)
        dashboard_api_refuse(request, refusal.status, refusal.text);
    else
        route->serve(&(struct visit){dashboard, request, view});
}

static void on_change(void *arg)
{
    struct dashboard *dashboard = arg;

    dashboard_watch_hint(dashboard->watch);
}

struct admin_offer dashboard_offer(struct dashboard *dashboard)
{
    return (struct admin_offer){
        .gate = on_head, .handle = on_request, .arg = dashboard, .headers = headers};
}

/* --- life ------------------------------------------------------------------------------------- */

static bool open_tokens(struct dashboard *dashboard, const struct config *config,
                        struct error *error)
{
    struct slice text = slice_text(config->admin_token);

    return text.length == 0 || signature_keys_parse(&dashboard->tokens, text, error) ||
           error_prefix(error, "REELQ_ADMIN_TOKEN");
}

static void open_watch(struct dashboard *dashboard, struct loop *loop)
{
    struct dashboard_watch_options options = {.loop = loop,
                                              .link = dashboard->link,
                                              .keys = &dashboard->keys,
                                              .writable = dashboard->tokens.count > 0};

    dashboard->watch = dashboard_watch_new(&options);
    dashboard->api = (struct dashboard_api){.link = dashboard->link,
                                            .keys = &dashboard->keys,
                                            .on_change = on_change,
                                            .arg = dashboard};
}

struct dashboard *dashboard_new(struct loop *loop, const struct config *config, struct error *error)
{
    struct dashboard *dashboard = xcalloc(1, sizeof(*dashboard));

    keys_init(&dashboard->keys, config->prefix);
    dashboard->guard =
        (struct dashboard_guard){.hosts = config->admin_hosts, .tokens = &dashboard->tokens};
    if (open_tokens(dashboard, config, error))
        dashboard->link = dashboard_link_new(loop, config, error);
    if (dashboard->link == NULL) {
        dashboard_free(dashboard);
        return NULL;
    }
    open_watch(dashboard, loop);
    return dashboard;
}

void dashboard_free(struct dashboard *dashboard)
{
    if (dashboard == NULL)
        return;
    dashboard_link_free(dashboard->link);
    dashboard_watch_free(dashboard->watch);
    signature_keys_clear(&dashboard->tokens);
    keys_clear(&dashboard->keys);
    free(dashboard);
}
