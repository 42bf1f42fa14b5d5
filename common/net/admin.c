#include "net/admin.h"

#include <assert.h>
#include <stdlib.h>

#include "base/xalloc.h"

enum { TEXT_MAX = 1024 * 1024, BODY_MAX = 1024, MAX_CONNECTIONS = 64 };

struct admin {
    struct admin_options options;
    struct admin_offer offer;   /* without a gate: none */
    struct http_server *server; /* NULL when off */
    struct buffer text;
};

/* --- routes ----------------------------------------------------------------------------------- */

/* Answers with the text, which is put together anew for each request. */
static void reply(const struct admin *admin, struct http_request *request,
                  const struct http_answer *answer)
{
    struct http_answer whole = *answer;

    whole.body = buffer_slice(&admin->text);
    http_reply(request, &whole);
}

static void serve_live(struct admin *admin, struct http_request *request)
{
    buffer_reset(&admin->text);
    buffer_add_text(&admin->text, "ok\n");
    reply(admin, request, &(struct http_answer){.status = 200});
}

static void serve_ready(struct admin *admin, struct http_request *request)
{
    buffer_reset(&admin->text);
    bool ready = admin->options.ready(&admin->text, admin->options.arg);
    reply(admin, request, &(struct http_answer){.status = ready ? 200 : 503});
}

/* A request for metrics that are being brought up to date. */
struct scrape {
    struct admin *admin;
    struct http_request *request;
};

static void on_refreshed(void *arg)
{
    struct scrape scrape = *(struct scrape *)arg;
    struct http_answer answer = {.status = 200,
                                 .content_type = "text/plain; version=0.0.4; charset=utf-8"};

    free(arg);
    buffer_reset(&scrape.admin->text);
    metrics_add_text(&scrape.admin->text, scrape.admin->options.metrics);
    reply(scrape.admin, scrape.request, &answer);
}

static void serve_metrics(struct admin *admin, struct http_request *request)
{
    struct scrape *scrape = xcalloc(1, sizeof(*scrape));

    *scrape = (struct scrape){admin, request};
    if (admin->options.refresh != NULL)
        admin->options.refresh(on_refreshed, scrape, admin->options.arg);
    else
        on_refreshed(scrape);
}

static const struct route {
    const char *path;
    void (*serve)(struct admin *admin, struct http_request *request);
} routes[] = {{"/livez", serve_live}, {"/readyz", serve_ready}, {"/metrics", serve_metrics}};

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
    const struct admin_offer *offer = &((struct admin *)arg)->offer;

    if (find_route(view->path) == NULL)
        return offer->gate == NULL ? HTTP_UNKNOWN_ROUTE : offer->gate(view, allow, offer->arg);
    if (slice_is(view->method, "GET") || slice_is(view->method, "HEAD"))
        return HTTP_ADMIT;
    *allow = "GET, HEAD";
    return HTTP_WRONG_METHOD;
}

static void on_request(struct http_request *request, const struct http_view *view, void *arg)
{
    struct admin *admin = arg;
    const struct route *route = find_route(view->path);

    assert(route != NULL || admin->offer.gate != NULL); /* on_head admits nothing else */
    if (route != NULL)
        route->serve(admin, request);
    else
        admin->offer.handle(request, view, admin->offer.arg);
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
    if (options->offer != NULL)
        admin->offer = *options->offer;
    serving.headers = admin->offer.headers;
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
