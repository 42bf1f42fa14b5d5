/* What stands in the Redis of the mirror. */
#include <string.h>

#include "model/mirror.h"

/* The lines of words_store(), but for the last. */
static const char projection[] =
    "local p, out = 'q:', {}\n"
    "local function line(...) out[#out + 1] = table.concat({...}, ' ') end\n"
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
    "for _, key in ipairs({'tasks', 'landing', 'questions'}) do\n"
    "  local list = key == 'landing' and 'tasks:landing' or key\n"
    "  line(key, unpack(redis.call('LRANGE', p .. list, 0, -1)))\n"
    "end\n"
    "local function set(key, by)\n"
    "  local r, words = redis.call('ZRANGE', p .. key, 0, -1, 'WITHSCORES'), {}\n"
    "  local names, scores = {}, {}\n"
    "  for i = 1, #r, 2 do names[#names + 1] = r[i] scores[r[i]] = tonumber(r[i + 1]) end\n"
    "  table.sort(names, function(a, b) return by(a) < by(b) end)\n"
    "  for i, name in ipairs(names) do\n"
    "    local timed = key == 'taken' or key == 'running'\n"
    "    words[i] = name .. (timed and scores[name] <= now and '!' or '')\n"
    "  end\n"
    "  line(key, unpack(words))\n"
    "end\n"
    "local ids = {'a', 'a/words', 'a/scenes'}\n"
    "local order = {a = 1, ['a/words'] = 2, ['a/scenes'] = 3}\n"
    "local function place(id) return order[id] end\n"
    "set('taken', function(m) return tonumber(string.match(m, '^%d+')) end)\n"
    "for _, key in ipairs({'running', 'awaiting', 'delayed'}) do set(key, place) end\n"
    "line('dead', redis.call('ZSCORE', p .. 'dead', 'a') and 'a' or nil)\n"
    "for i, id in ipairs(ids) do\n"
    "  local key = p .. 'task:' .. id\n"
    "  local r = redis.call('HMGET', key, 'state', 'token', 'attempt', 'calls',\n"
    "    'purpose', 'why', 'crashes', 'output_url', 'video_id', 'open')\n"
    "  local url = r[8] and r[8] ~= '' and 1 or 0\n"
    "  local video = string.match(r[9] or '', '%d+') or 0\n"
    "  if r[1] then\n"
    "    local words = {id, r[1], 'token', r[2], 'attempt', r[3],\n"
    "      'calls', r[4] or 0, 'purpose', r[5] or '', 'why', r[6] or '', 'crashes', r[7] or 0,\n"
    "      'output_url', url, 'video', video}\n"
    "    if i == 1 then\n"
    "      local w = redis.call('HMGET', key, 'index:words', 'index:scenes')\n"
    "      for j = 1, 2 do\n"
    "        w[j] = not w[j] and '' or string.find(w[j], 'done') and 'ready' or 'failed'\n"
    "      end\n"
    "      words[#words + 1] = 'open ' .. (r[10] or 0) .. ' outcomes ' .. w[1] .. ',' .. w[2]\n"
    "    end\n"
    "    line(unpack(words))\n"
    "  end\n"
    "end\n"
    "local b = redis.call('HMGET', p .. 'batch:b', 'total', 'members', 'ready', 'failed',\n"
    "  'announced')\n"
    "for i = 1, 5 do b[i] = b[i] or 0 end\n"
    "line('batch total', b[1], 'members', b[2], 'ready', b[3], 'failed', b[4],\n"
    "  'announced', b[5])\n"
    "line('seq', redis.call('GET', p .. 'seq') or 0)\n"
    "return table.concat(out, '\\n') .. '\\n'\n";

static void count_messages(struct mirror *mirror)
{
    const char *line = queue_fixture_messages(mirror->fixture);

    for (; *line != '\0'; line = strchr(line, '\n') + 1) {
        mirror->ready += line[0] == 'r';
        mirror->failed += line[0] == 'f';
        mirror->batch += line[0] == 'b';
    }
}

const char *mirror_store(struct mirror *mirror)
{
    buffer_reset(&mirror->text);
    buffer_add_text(&mirror->text, queue_fixture_ask(mirror->fixture, "EVAL %s 0", projection));
    count_messages(mirror);
    buffer_add_format(&mirror->text, "messages ready %u failed %u batch %u\n", mirror->ready,
                      mirror->failed, mirror->batch);
    return buffer_text(&mirror->text);
}
