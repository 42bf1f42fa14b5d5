#include "net/admin.h"

#include <assert.h>
#include <stdlib.h>

#include "base/xalloc.h"

enum { TEXT_MAX = 1024 * 1024, BODY_MAX = 1024, MAX_CONNECTIONS = 64 };

struct admin {
    struct admin_options options;
    struct http_server *server; /* NULL when off */
    struct buffer text;
};

/* --- routes ----------------------------------------------------------------------------------- */

static void add_live(struct admin *admin, struct http_answer *answer)
{
    (void)answer;
    buffer_add_text(&admin->text, "ok\n");
}

static void add_ready(struct admin *admin, struct http_answer *answer)
{
    if (!admin->options.ready(&admin->text, admin->options.arg))
        answer->status = 503;
}

static void add_metrics(struct admin *admin, struct http_answer *answer)
{
    if (admin->options.refresh != NULL)
        admin->options.refresh(admin->options.arg);
    metrics_add_text(&admin->text, admin->options.metrics);
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
}

static const struct route {
    const char *path;
    void (*add)(struct admin *admin, struct http_answer *answer);
} routes[] = {{"/livez", add_live}, {"/readyz", add_ready}, {"/metrics", add_metrics}};

static const struct route *find_route(struct slice path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (slice_is(path, routes[i].path))
            return &routes[i];
    return NULL;
}

/* --- requests --------------------------------------------------------------------------------- */

static enum http_verdict on_head(const struct http_view *view, const char **allow, void *arg)
{
    (void)arg;
    if (find_route(view->path) == NULL)
        return HTTP_UNKNOWN_ROUTE;
    if (slice_is(view->method, "GET") || slice_is(view->method, "HEAD"))
        return HTTP_ADMIT;
    *allow = "GET, HEAD";
    return HTTP_WRONG_METHOD;
}

static void on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct admin *admin = arg;
    struct http_answer answer = {.status = 200};
    const struct route *route = find_route(view->path);

    assert(route != NULL); /* on_head admits nothing else */
    buffer_reset(&admin->text);
    route->add(admin, &answer);
    answer.body = buffer_slice(&admin->text);
    http_reply(request, &answer);
}

/* --- life ------------------------------------------------------------------------------------- */

struct admin *admin_new(const struct admin_options *options, struct error *error)
{
    struct admin *admin = xcalloc(1, sizeof(*admin));
    struct http_server_options serving = {.loop = options->loop,
                                          .listen = options->listen,
                                          .name = "admin",
                                          .gate = on_head,
                                          .handle = on_request,
                                          .arg = admin,
                                          .max_body = BODY_MAX,
                                          .max_connections = MAX_CONNECTIONS,
                                          .trusted_proxies = ""};

    admin->options = *options;
    buffer_init(&admin->text, TEXT_MAX);
    if (slice_is(slice_text(options->listen), "off"))
        return admin;
    admin->server = http_server_new(&serving, error);
    if (admin->server != NULL)
        return admin;
    admin_free(admin);
    return NULL;
}

void admin_free(struct admin *admin)
{
    if (admin == NULL)
        return;
    http_server_free(admin->server);
    buffer_clear(&admin->text);
    free(admin);
}
