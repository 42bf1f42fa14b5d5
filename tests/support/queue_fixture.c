/* queue_fixture - one connection for the scripts, one that asks, one that listens. */
#include "support/queue_fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/xalloc.h"

enum { MAX_TEXT = 64 << 20 };

/* Where is each task? Looks at every list and set, and at every record. A queued item counts when
 * its token is that of a live record: others are outdated, and admission lets them go. */
static const char flaw_script[] =
    "local p, homes, bad = ARGV[1], {}, {}\n"
    "local function add(id, home) homes[id] = (homes[id] or '') .. home .. ' ' end\n"
    "local function item(text)\n"
    "  local id, token = string.match(text, '^([%w_%-%.:/]+)[@?](%d+)$')\n"
    "  local r = id and redis.call('HMGET', p .. 'task:' .. id, 'state', 'token') or {}\n"
    "  if id and r[2] == token and r[1] ~= 'ready' and r[1] ~= 'failed' then add(id, 'queued') "
    "end\n"
    "end\n"
    "for _, list in ipairs({'tasks', 'tasks:landing', 'questions'}) do\n"
    "  for _, text in ipairs(redis.call('LRANGE', p .. list, 0, -1)) do item(text) end\n"
    "end\n"
    "for _, member in ipairs(redis.call('ZRANGE', p .. 'taken', 0, -1)) do\n"
    "  item(string.match(member, '^%d+:(.*)$') or '')\n"
    "end\n"
    "for _, set in ipairs({'running', 'awaiting', 'delayed'}) do\n"
    "  for _, id in ipairs(redis.call('ZRANGE', p .. set, 0, -1)) do\n"
    "    add(id, set)\n"
    "    if redis.call('EXISTS', p .. 'task:' .. id) == 0 then\n"
    "      table.insert(bad, id .. ' in ' .. set .. ' has no record')\n"
    "    end\n"
    "  end\n"
    "end\n"
    "local live = {queued = true, running = true, awaiting = true, delayed = true}\n"
    "for _, key in ipairs(redis.call('KEYS', p .. 'task:*')) do\n"
    "  local id = string.sub(key, #p + 6)\n"
    "  local r = redis.call('HMGET', key, 'state', 'labels', 'open')\n"
    "  local expected = live[r[1]] and r[1] .. ' ' or nil\n"
    "  if homes[id] ~= expected then\n"
    "    table.insert(bad, id .. ' is ' .. tostring(r[1]) .. ' and at ' .. tostring(homes[id]))\n"
    "  end\n"
    "  local over = r[1] == 'ready' or r[1] == 'failed'\n"
    "  if over ~= (redis.call('PTTL', key) > 0) then\n"
    "    table.insert(bad, id .. ' is ' .. tostring(r[1]) .. ', ttl '\n"
    "      .. redis.call('PTTL', key))\n"
    "  end\n"
    "  if r[1] == 'indexing' then\n"
    "    local open = 0\n"
    "    for label in string.gmatch(r[2] or '', '%S+') do\n"
    "      if live[redis.call('HGET', key .. '/' .. label, 'state')] then open = open + 1 end\n"
    "    end\n"
    "    if open == 0 or tostring(open) ~= r[3] then\n"
    "      table.insert(bad, id .. ' has ' .. open .. ' live children, open ' .. r[3])\n"
    "    end\n"
    "  end\n"
    "end\n"
    "for _, key in ipairs(redis.call('KEYS', p .. 'batch:*')) do\n"
    "  if redis.call('PTTL', key) < 0 then table.insert(bad, key .. ' does not expire') end\n"
    "end\n"
    "return table.concat(bad, '; ')\n";

static void fail(const char *what)
{
    (void)fprintf(stderr, "queue_fixture: %s\n", what);
    abort();
}

static redisContext *connect_to(struct queue_fixture *f)
{
    struct timeval limit = {.tv_sec = 20};
    redisContext *connection = redisConnectUnix(redis_server_path(f->server));

    if (connection == NULL || connection->err != 0) {
        fail("cannot connect");
    }
    redisSetTimeout(connection, limit);
    return connection;
}

static void subscribe(struct queue_fixture *f)
{
    f->subscriber = connect_to(f);
    freeReplyObject(redisCommand(f->subscriber, "PSUBSCRIBE q:*"));
}

static void on_up(void *arg)
{
    struct queue_fixture *f = arg;

    f->ups++;
    scripts_load(f->queue.scripts);
}

void queue_fixture_connect(struct queue_fixture *f, const struct redis_url *url)
{
    struct redis_options options = {.loop = f->loop,
                                    .url = url,
                                    .name = "test",
                                    .reply_timeout_ms = 10000,
                                    .on_up = on_up,
                                    .arg = f};

    f->redis = redis_new(&options);
    keys_init(&f->queue.keys, "q:");
    f->queue.redis = f->redis;
    f->queue.scripts = scripts_new(f->loop, f->redis);
    f->queue.lease_ms = 15000;
    f->queue.retention_ms = 60000;
}

struct queue_fixture *queue_fixture_new_with(const char *const options[])
{
    struct queue_fixture *f = xcalloc(1, sizeof(*f));

    f->server = redis_server_start_with(options);
    f->loop = loop_new();
    f->url = redis_server_parsed_url(f->server, NULL, NULL);
    buffer_init(&f->text, MAX_TEXT);
    buffer_init(&f->messages, MAX_TEXT);
    f->last_event = xstrdup("0");
    queue_fixture_connect(f, &f->url);
    subscribe(f);
    if (!wait_for_count(f->loop, &f->ups, 1, FIXTURE_WAIT_MS)) {
        fail("the connection does not come up");
    }
    return f;
}

struct queue_fixture *queue_fixture_new(void)
{
    const char *const none[] = {NULL};

    return queue_fixture_new_with(none);
}

void queue_fixture_close(struct queue_fixture *f)
{
    redis_free(f->redis);
    scripts_free(f->queue.scripts);
    f->redis = NULL;
    f->queue.scripts = NULL;
}

void queue_fixture_free(struct queue_fixture *f)
{
    queue_fixture_close(f);
    for (size_t i = 0; i < f->record_count; i++) {
        record_free(f->records[i]);
    }
    for (size_t i = 0; i < QUEUE_MAX_ITEMS; i++) {
        free(f->members[i]);
    }
    if (f->asking != NULL) {
        redisFree(f->asking);
    }
    redisFree(f->subscriber);
    keys_clear(&f->queue.keys);
    redis_url_clear(&f->url);
    buffer_clear(&f->text);
    buffer_clear(&f->messages);
    loop_free(f->loop);
    redis_server_stop(f->server);
    free(f->last_event);
    free(f->batches);
    free(f->ended);
    free(f);
}

void queue_fixture_restart(struct queue_fixture *f)
{
    redis_server_restart(f->server);
    if (f->asking != NULL) {
        redisFree(f->asking);
        f->asking = NULL;
    }
    redisFree(f->subscriber);
    subscribe(f);
}

void queue_fixture_wait(struct queue_fixture *f, unsigned answers)
{
    if (!wait_for_count(f->loop, &f->answers, answers, FIXTURE_WAIT_MS)) {
        fail("no callback came");
    }
}

struct record *queue_fixture_keep(struct queue_fixture *f, struct record *record)
{
    if (record != NULL && f->record_count == FIXTURE_MAX_RECORDS) {
        fail("too many records");
    }
    if (record != NULL) {
        f->records[f->record_count++] = record;
    }
    return record;
}

/* Asking. */

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own scripts answer */
static void flatten(struct buffer *text, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER) {
        buffer_add_format(text, "%lld", reply->integer);
    } else if (reply->type == REDIS_REPLY_NIL) {
        buffer_add_text(text, "(nil)");
    } else if (reply->type == REDIS_REPLY_ARRAY) {
        for (size_t i = 0; i < reply->elements; i++) {
            buffer_add_text(text, i > 0 ? " " : "");
            flatten(text, reply->element[i]);
        }
    } else {
        buffer_add(text, reply->str, reply->len);
    }
}

static redisReply *ask(struct queue_fixture *f, const char *format, va_list ap)
{
    if (f->asking == NULL) {
        f->asking = connect_to(f);
    }
    redisReply *reply = redisvCommand(f->asking, format, ap);
    if (reply == NULL) {
        fail(format);
    }
    return reply;
}

static redisReply *ask_reply(struct queue_fixture *f, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    redisReply *reply = ask(f, format, ap);
    va_end(ap);
    return reply;
}

const char *queue_fixture_ask(struct queue_fixture *f, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    redisReply *reply = ask(f, format, ap);
    va_end(ap);
    buffer_reset(&f->text);
    flatten(&f->text, reply);
    freeReplyObject(reply);
    return buffer_text(&f->text);
}

/* Every time, as in "ready_at":1795486225952, becomes T. */
static const char *without_times(struct queue_fixture *f)
{
    const char *from = buffer_text(&f->messages);

    buffer_reset(&f->text);
    for (const char *at = strstr(from, "at\":"); at != NULL; at = strstr(from, "at\":")) {
        at += strlen("at\":");
        buffer_add(&f->text, from, (size_t)(at - from));
        buffer_add_char(&f->text, 'T');
        from = at + strspn(at, "0123456789");
    }
    buffer_add_text(&f->text, from);
    buffer_reset(&f->messages);
    buffer_add_slice(&f->messages, buffer_slice(&f->text));
    return buffer_text(&f->messages);
}

/* A marker closes what was published before it. */
const char *queue_fixture_messages(struct queue_fixture *f)
{
    bool marked = false;

    freeReplyObject(ask_reply(f, "PUBLISH q:marker %s", ""));
    buffer_reset(&f->messages);
    while (!marked) {
        redisReply *reply = NULL;
        if (redisGetReply(f->subscriber, (void **)&reply) != REDIS_OK || reply->elements != 4) {
            fail("the subscription ended");
        }
        marked = strcmp(reply->element[2]->str, "q:marker") == 0;
        if (!marked) {
            buffer_add_format(&f->messages, "%s %s\n", reply->element[2]->str + 2,
                              reply->element[3]->str);
        }
        freeReplyObject(reply);
    }
    return without_times(f);
}

const char *queue_fixture_events(struct queue_fixture *f)
{
    redisReply *reply = ask_reply(f, "XRANGE q:events (%s +", f->last_event);

    buffer_reset(&f->messages);
    for (size_t i = 0; i < reply->elements; i++) {
        const redisReply *fields = reply->element[i]->element[1];
        buffer_add_format(&f->messages, "%s %s %s\n", fields->element[1]->str,
                          fields->element[3]->str, fields->element[5]->str);
        free(f->last_event);
        f->last_event = xstrdup(reply->element[i]->element[0]->str);
    }
    freeReplyObject(reply);
    return without_times(f);
}

const char *queue_fixture_flaw(struct queue_fixture *f)
{
    return queue_fixture_ask(f, "EVAL %s 0 q:", flaw_script);
}
