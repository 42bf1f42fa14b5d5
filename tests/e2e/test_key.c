/* Where the real worker takes the key: an API of the test's own names an output_url, and a second
 * server sees what comes of it. */
#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "e2e/pipeline.h"
#include "support/scripted_api.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORKER       REELQ_BIN_DIR "/reelq-worker"
#define KEY          "canary-of-the-api-key"
#define HEAD         "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
#define SUCCESS      "{\"success\":true,\"data\":{\"id\":\"m-1\",\"name\":\"n\"}}"

enum { LOOK_MS = 5, END_MS = 20000 };

struct scene {
    struct loop *loop;
    struct loop_timer look;
    struct scripted_api api, other;
    struct redis_server *redis;
    char reply[1024], success[256];
    struct scripted_step steps[2];
    int64_t left_ms;
    bool until_failed; /* not until the question */
};

/* The second request of all is the question. */
static bool has_seen_enough(const struct scene *scene)
{
    if (scene->until_failed)
        return redis_server_integer(scene->redis, "ZCARD 0:dead") > 0;
    return scene->api.requests + scene->other.requests >= 2;
}

static void on_look(void *arg)
{
    struct scene *scene = arg;

    scene->left_ms -= LOOK_MS;
    if (has_seen_enough(scene) || scene->left_ms <= 0)
        loop_stop(scene->loop);
    else
        loop_timer_start(&scene->look, LOOK_MS);
}

static void put_reply(char *out, size_t size, const char *body)
{
    (void)snprintf(out, size, HEAD "%zu\r\n\r\n%s", strlen(body), body);
}

/* Puts the ports of both servers, for their marks: $A, $O. */
static char *url_of(const struct scene *scene, const char *pattern)
{
    struct buffer out = BUFFER(1024);

    for (const char *at = pattern; *at != '\0'; at++) {
        const char *server = at[1] == 'A' ? scene->api.url : scene->other.url;
        if (*at != '$') {
            buffer_add_char(&out, *at);
            continue;
        }
        buffer_add_text(&out, strrchr(server, ':') + 1);
        at++;
    }
    return buffer_take(&out);
}

static void start_servers(struct scene *scene)
{
    scripted_api_stop(&scene->api);
    scripted_api_stop(&scene->other);
    scene->api = scene->other = (struct scripted_api){.loop = NULL};
    scripted_api_start(&scene->api, scene->loop, scene->steps, 2);
    scripted_api_start(&scene->other, scene->loop, scene->steps + 1, 1);
}

/* A worker with one task, until on_look() has seen enough. */
static void play(struct scene *scene, unsigned number)
{
    char *base = url_of(scene, "VIDEO_DB_BASE_URL=http://localhost:$A");
    char *redis = xasprintf("REELQ_REDIS_URL=%s", redis_server_url(scene->redis));
    char *prefix = xasprintf("REELQ_PREFIX=%u:", number);
    const char *const *words =
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the key belongs to its name */
        LIST(base, redis, prefix, "VIDEO_DB_API_KEY=" KEY, "REELQ_POLL_INTERVAL=1ms",
             "REELQ_LOG_LEVEL=debug", "REELQ_ADMIN_LISTEN=off");

    scene->left_ms = END_MS;
    freeReplyObject(redis_server_command(scene->redis, "LPUSH %u:tasks %s", number,
                                         "{\"id\":\"t\",\"url\":\"https://e.com/a.mp4\","
                                         "\"index\":[]}"));
    struct process *worker = process_start(&(struct process_options){WORKER, NULL, words});
    loop_timer_start(&scene->look, LOOK_MS);
    loop_run(scene->loop);
    cr_expect_gt(scene->left_ms, 0, "it took too long");
    cr_expect_null(strstr(process_log(worker), KEY), "%s", process_log(worker));
    process_free(worker);
    free(base);
    free(redis);
    free(prefix);
}

/* A video is uploaded, and `pattern` said to tell what became of it. */
static void play_output_url(struct scene *scene, const char *pattern, unsigned number)
{
    start_servers(scene);
    char *output_url = url_of(scene, pattern);
    char *body =
        xasprintf("{\"status\":\"processing\",\"data\":{\"output_url\":\"%s\"}}", output_url);

    put_reply(scene->reply, sizeof(scene->reply), body);
    play(scene, number);
    free(output_url);
    free(body);
}

static void scene_start(struct scene *scene)
{
    scene->loop = loop_new();
    loop_timer_init(&scene->look, scene->loop, on_look, scene);
    put_reply(scene->success, sizeof(scene->success), SUCCESS);
    scene->steps[0] = (struct scripted_step){SCRIPTED_REPLY_CLOSE, scene->reply};
    scene->steps[1] = (struct scripted_step){SCRIPTED_REPLY_CLOSE, scene->success};
    scene->redis = redis_server_start();
}

static void scene_stop(struct scene *scene)
{
    redis_server_stop(scene->redis);
    scripted_api_stop(&scene->api);
    scripted_api_stop(&scene->other);
    loop_timer_clear(&scene->look);
    loop_free(scene->loop);
}

/* What the question is: the document with or without the key, or another question, to the API. */
enum question { WITH_KEY, WITHOUT_KEY, ELSEWHERE, NOT_ASKED };

static const struct {
    const char *output_url;
    enum question question;
} vectors[] = {
    {"http://localhost:$A/doc", WITH_KEY},
    {"HTTP://LocalHost:$A/doc", WITH_KEY},
    {"http://localhost:$A/doc#@127.0.0.1:$O", WITH_KEY},
    {"http://127.0.0.1:$A/doc", WITHOUT_KEY},
    {"http://user:pass@localhost:$A/doc", WITHOUT_KEY},
    {"http://localhost:$O/doc", ELSEWHERE},
    {"http://127.0.0.1:$O/doc", ELSEWHERE},
    {"http://localhost@127.0.0.1:$O/doc", ELSEWHERE},
    {"http://localhost:$A@127.0.0.1:$O/doc", ELSEWHERE},
    {"http://127.0.0.1:$O/doc?http://localhost:$A/doc", ELSEWHERE},
    {"http://127.0.0.1:$O#@localhost:$A/doc", ELSEWHERE},
    {"http://127.0.0.1:$O?@localhost:$A/doc", ELSEWHERE},
    {"http://localhost:$A@x@127.0.0.1:$O/doc", NOT_ASKED},
    {"http://127.0.0.1:$O\\\\@localhost:$A/doc", NOT_ASKED},
    {"http://localhost:$A\\\\@127.0.0.1:$O/doc", NOT_ASKED},
    {"http://127.0.0.1:$O%40localhost:$A/doc", NOT_ASKED},
    {"http://localhost/doc", NOT_ASKED},
    {"https://localhost:$A/doc", NOT_ASKED},
    {"//127.0.0.1:$O/doc", NOT_ASKED},
    {"http:127.0.0.1:$O/doc", NOT_ASKED},
    {"ftp://127.0.0.1:$O/doc", NOT_ASKED},
    {"file:///etc/passwd", NOT_ASKED},
    {"http://127.0.0.1:$O/doc\\r\\nx-a: b", NOT_ASKED},
    {" http://127.0.0.1:$O/doc", NOT_ASKED},
};

static bool has_key(const struct scripted_api *server)
{
    return strcasestr(server->last, "x-access-token: " KEY) != NULL;
}

static enum question seen(const struct scene *scene)
{
    if (scene->other.requests > 0)
        return ELSEWHERE;
    if (strncmp(scene->api.last, "GET /doc ", strlen("GET /doc ")) != 0)
        return NOT_ASKED;
    return has_key(&scene->api) ? WITH_KEY : WITHOUT_KEY;
}

Test(key, goes_to_the_configured_host_only)
{
    static struct scene scene;

    scene_start(&scene);
    for (size_t i = 0; i < COUNT(vectors); i++) {
        play_output_url(&scene, vectors[i].output_url, (unsigned)i);
        const char *url = vectors[i].output_url;
        cr_expect_eq(seen(&scene), vectors[i].question, "%s: %d\n%s\n%s", url, (int)seen(&scene),
                     scene.api.last, scene.other.last);
        cr_expect(!has_key(&scene.other), "%s: the key went elsewhere", url);
        cr_expect_null(strstr(scene.other.last, "canary"), "%s", url);
    }
    scene_stop(&scene);
}

/* --- what the API repeats ----------------------------------------------------------------------
 */

Test(key, is_not_passed_on_when_the_api_repeats_it)
{
    static struct scene scene = {.until_failed = true};

    scene_start(&scene);
    start_servers(&scene);
    put_reply(scene.reply, sizeof(scene.reply),
              "{\"success\":false,\"message\":\"no plan for x-access-token " KEY ".\"}");
    play(&scene, 0);
    struct redisReply *all =
        redis_server_command(scene.redis, "EVAL %s 0",
                             "return cjson.encode({redis.call('XRANGE','0:events','-','+'),"
                             "redis.call('HGETALL','0:task:t')})");
    cr_assert_eq(all->type, REDIS_REPLY_STRING);
    cr_expect_not_null(strstr(all->str, "no plan for x-access-token ***."), "%s", all->str);
    cr_expect_null(strstr(all->str, KEY), "%s", all->str);
    freeReplyObject(all);
    scene_stop(&scene);
}

/* --- in clear --------------------------------------------------------------------------------- */

static const struct {
    const char *base_url;
    unsigned warnings;
} bases[] = {
    {"http://10.255.255.1:1", 1}, {"http://api.example.com", 1}, {"HTTP://sandbox:5000", 1},
    {"http://127.0.0.1:1", 0},    {"http://localhost:1", 0},     {"http://[::1]:1", 0},
    {"https://10.255.255.1", 0},
};

Test(key, is_said_to_travel_in_clear)
{
    for (size_t i = 0; i < COUNT(bases); i++) {
        char *base = xasprintf("VIDEO_DB_BASE_URL=%s", bases[i].base_url);
        struct process *worker = process_start(&(struct process_options){
            WORKER, NULL,
            /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the key belongs to its name */
            LIST(base, "VIDEO_DB_API_KEY=" KEY, "REELQ_REDIS_URL=redis://127.0.0.1:1",
                 "REELQ_ADMIN_LISTEN=127.0.0.1:0")});
        (void)process_address(worker, "admin");
        bool warned = strstr(process_log(worker), "warn plain-http url=\"") != NULL;
        cr_expect_eq(warned, bases[i].warnings == 1, "%s: %s", base, process_log(worker));
        process_free(worker);
        free(base);
    }
}
