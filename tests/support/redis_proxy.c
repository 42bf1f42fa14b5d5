/* turn: poll -> on_events -> hear_client, hear_server -> pump -> forward | strike
 * The thread holds the lock but while it polls; the caller's functions take it. What the caller
 * changes meanwhile makes the events of that poll worthless: `generation` tells. */
#include "support/redis_proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"
#include "support/redis_proxy_link.h"

enum { MAX_LINKS = 32, FIXED = 2 }; /* polled besides the links: wake, listener */

TAILQ_HEAD(link_list, redis_proxy_link);

struct redis_proxy {
    char *path, *url, *server_path;
    int listener, wake;
    pthread_t thread;
    pthread_mutex_t lock;
    unsigned generation;
    bool accepting, stopping;
    struct link_list links;
    unsigned link_count;
    struct redis_proxy_link *busy; /* waits for the answer that holds up all others */
    struct redis_proxy_plan plan;
    int pidfd;
    unsigned seen;
    bool reached, done;
    struct redisReply *command;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "redis_proxy: %s: %s\n", what, strerror(errno));
    abort();
}

/* --- links ------------------------------------------------------------------------------------ */

static void drop(struct redis_proxy *proxy, struct redis_proxy_link *link)
{
    if (proxy->busy == link)
        proxy->busy = NULL;
    TAILQ_REMOVE(&proxy->links, link, entry);
    proxy->link_count--;
    redis_proxy_link_close(link);
}

/* First those that were not accepted yet: who comes again because he was dropped may wait. */
static void drop_all(struct redis_proxy *proxy)
{
    int fd;

    while ((fd = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC)) != -1)
        (void)close(fd);
    while (!TAILQ_EMPTY(&proxy->links))
        drop(proxy, TAILQ_FIRST(&proxy->links));
    proxy->accepting = false;
}

static void accept_link(struct redis_proxy *proxy)
{
    int fd = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd == -1)
        return;
    if (proxy->link_count == MAX_LINKS)
        fail("too many connections");
    struct redis_proxy_link *link = redis_proxy_link_open(fd, proxy->server_path);
    TAILQ_INSERT_TAIL(&proxy->links, link, entry);
    proxy->link_count++;
}

/* Who has closed is let go when everything he had sent before is answered; nobody waits for what
 * blocks. */
static void drop_ended(struct redis_proxy *proxy)
{
    struct redis_proxy_link *next;

    for (struct redis_proxy_link *link = TAILQ_FIRST(&proxy->links); link != NULL; link = next) {
        next = TAILQ_NEXT(link, entry);
        if (link->ended && (!link->waiting || link->blocking) && link->next == NULL)
            drop(proxy, link);
    }
}

/* --- commands --------------------------------------------------------------------------------- */

static void strike(struct redis_proxy *proxy, struct redis_proxy_link *link)
{
    proxy->done = true;
    if (proxy->plan.harm == REDIS_PROXY_KILL)
        (void)pidfd_send_signal(proxy->pidfd, SIGKILL, NULL, 0);
    if (proxy->plan.harm == REDIS_PROXY_CUT)
        drop(proxy, link);
    else
        drop_all(proxy);
}

/* The one that has waited longest; whose command goes has its next turn after the others. */
static struct redis_proxy_link *next_in_turn(struct redis_proxy *proxy)
{
    struct redis_proxy_link *link;

    if (proxy->busy != NULL)
        return NULL;
    TAILQ_FOREACH(link, &proxy->links, entry)
    if (link->next != NULL && !link->waiting)
        break;
    if (link != NULL) {
        TAILQ_REMOVE(&proxy->links, link, entry);
        TAILQ_INSERT_TAIL(&proxy->links, link, entry);
    }
    return link;
}

static void forward(struct redis_proxy *proxy, struct redis_proxy_link *link)
{
    struct redisReply *command = redis_proxy_link_forward(link);

    if (!link->blocking)
        proxy->busy = link;
    if (link->muted)
        proxy->command = command;
    else
        freeReplyObject(command);
}

/* False when the harm was done: links are gone. */
static bool pump(struct redis_proxy *proxy)
{
    struct redis_proxy_link *link;

    while ((link = next_in_turn(proxy)) != NULL) {
        bool counts = proxy->plan.counts == NULL || proxy->plan.counts(link->next, proxy->plan.arg);
        proxy->seen += counts;
        bool here = counts && proxy->seen == proxy->plan.at;
        proxy->reached = proxy->reached || here;
        if (here && !proxy->plan.after) {
            proxy->command = link->next;
            link->next = NULL;
            strike(proxy, link);
            return false;
        }
        link->muted = here;
        forward(proxy, link);
    }
    return true;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* False when the harm was done. */
static bool hear_server(struct redis_proxy *proxy, struct redis_proxy_link *link)
{
    if (!redis_proxy_link_hear_server(link))
        return true;
    if (proxy->busy == link)
        proxy->busy = NULL;
    if (link->muted) {
        strike(proxy, link);
        return false;
    }
    return true;
}

static void on_events(struct redis_proxy *proxy, bool knocks)
{
    struct redis_proxy_link *link;

    TAILQ_FOREACH(link, &proxy->links, entry)
    {
        if (link->client_events != 0)
            redis_proxy_link_hear_client(link);
        link->client_events = 0;
    }
    TAILQ_FOREACH(link, &proxy->links, entry)
    {
        short events = link->server_events;
        link->server_events = 0;
        if (events != 0 && !hear_server(proxy, link))
            return; /* what else there is to hear is heard in the next turn */
    }
    if (!pump(proxy))
        return;
    drop_ended(proxy);
    if (knocks && proxy->accepting)
        accept_link(proxy);
}

static nfds_t fill(struct redis_proxy *proxy, struct pollfd fds[FIXED + 2 * MAX_LINKS])
{
    struct redis_proxy_link *link;
    nfds_t count = FIXED;

    fds[0] = (struct pollfd){.fd = proxy->wake, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = proxy->accepting ? proxy->listener : -1, .events = POLLIN};
    TAILQ_FOREACH(link, &proxy->links, entry)
    {
        fds[count++] = (struct pollfd){.fd = link->ended ? -1 : link->client, .events = POLLIN};
        fds[count++] = (struct pollfd){.fd = link->server, .events = POLLIN};
    }
    return count;
}

static void spread(struct redis_proxy *proxy, const struct pollfd *fds)
{
    struct redis_proxy_link *link;
    nfds_t at = FIXED;

    TAILQ_FOREACH(link, &proxy->links, entry)
    {
        link->client_events = fds[at++].revents;
        link->server_events = fds[at++].revents;
    }
}

static void turn(struct redis_proxy *proxy)
{
    struct pollfd fds[FIXED + 2 * MAX_LINKS];
    unsigned generation = proxy->generation;
    nfds_t count = fill(proxy, fds);
    uint64_t ignored;

    (void)pthread_mutex_unlock(&proxy->lock);
    int ready = poll(fds, count, -1);
    (void)pthread_mutex_lock(&proxy->lock);
    if (ready == -1 && errno != EINTR)
        fail("poll");
    if (ready == -1 || generation != proxy->generation)
        return;
    if (fds[0].revents != 0)
        (void)!read(proxy->wake, &ignored, sizeof(ignored));
    spread(proxy, fds);
    on_events(proxy, fds[1].revents != 0);
}

static void *run(void *arg)
{
    struct redis_proxy *proxy = arg;

    (void)pthread_mutex_lock(&proxy->lock);
    while (!proxy->stopping)
        turn(proxy);
    (void)pthread_mutex_unlock(&proxy->lock);
    return NULL;
}

/* --- the caller's side ------------------------------------------------------------------------ */

static void begin_change(struct redis_proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
}

static void end_change(struct redis_proxy *proxy)
{
    const uint64_t one = 1;

    proxy->generation++;
    (void)pthread_mutex_unlock(&proxy->lock);
    if (write(proxy->wake, &one, sizeof(one)) != sizeof(one))
        fail("wake");
}

static void forget(struct redis_proxy *proxy)
{
    drop_all(proxy);
    if (proxy->pidfd != -1)
        (void)close(proxy->pidfd);
    proxy->pidfd = -1;
}

void redis_proxy_arm(struct redis_proxy *proxy, const struct redis_proxy_plan *plan)
{
    begin_change(proxy);
    proxy->plan = *plan;
    if (plan->harm == REDIS_PROXY_KILL && (proxy->pidfd = pidfd_open(plan->pid, 0)) == -1)
        fail("pidfd_open");
    if (proxy->command != NULL)
        freeReplyObject(proxy->command);
    proxy->command = NULL;
    proxy->seen = 0;
    proxy->reached = proxy->done = false;
    proxy->accepting = true;
    end_change(proxy);
}

void redis_proxy_let_in(struct redis_proxy *proxy)
{
    begin_change(proxy);
    proxy->accepting = true;
    end_change(proxy);
}

struct redis_proxy_report redis_proxy_look(struct redis_proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
    struct redis_proxy_report report = {proxy->seen, proxy->reached, proxy->done, proxy->command};
    (void)pthread_mutex_unlock(&proxy->lock);
    return report;
}

void redis_proxy_disarm(struct redis_proxy *proxy)
{
    begin_change(proxy);
    forget(proxy);
    end_change(proxy);
}

static int listen_at(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
    if (fd == -1 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) == -1 ||
        listen(fd, MAX_LINKS) == -1)
        fail(path);
    return fd;
}

struct redis_proxy *redis_proxy_new(const char *server_path)
{
    struct redis_proxy *proxy = xcalloc(1, sizeof(*proxy));

    proxy->path = xasprintf("%s.proxy", server_path);
    proxy->url = xasprintf("unix://%s", proxy->path);
    proxy->server_path = xstrdup(server_path);
    proxy->listener = listen_at(proxy->path);
    proxy->wake = eventfd(0, EFD_CLOEXEC);
    proxy->pidfd = -1;
    TAILQ_INIT(&proxy->links);
    (void)pthread_mutex_init(&proxy->lock, NULL);
    if (proxy->wake == -1 || pthread_create(&proxy->thread, NULL, run, proxy) != 0)
        fail("start");
    return proxy;
}

const char *redis_proxy_url(const struct redis_proxy *proxy)
{
    return proxy->url;
}

void redis_proxy_free(struct redis_proxy *proxy)
{
    begin_change(proxy);
    proxy->stopping = true;
    end_change(proxy);
    (void)pthread_join(proxy->thread, NULL);
    forget(proxy);
    if (proxy->command != NULL)
        freeReplyObject(proxy->command);
    (void)close(proxy->listener);
    (void)close(proxy->wake);
    (void)unlink(proxy->path);
    (void)pthread_mutex_destroy(&proxy->lock);
    free(proxy->path);
    free(proxy->url);
    free(proxy->server_path);
    free(proxy);
}
