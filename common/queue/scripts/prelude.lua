-- What several scripts use; each is embedded with what it needs of it. Field and key names are
-- explained in docs/redis.md. The scripts join ready-made JSON fragments; they never parse what a
-- user or the API sent.
--
-- A whole number as Redis wants it: a number that is handed over as it is costs more to write out.
local function int(n)
    return string.format('%d', n)
end

-- The time of Redis in ms, and the same as text.
local function now_ms()
    local t = redis.call('TIME')
    local now = t[1] * 1000 + math.floor(t[2] / 1000)
    return now, int(now)
end

-- One entry in the capped stream; `json` is the whole message.
local function record_event(stream, event, id, json)
    redis.call('XADD', stream, 'MAXLEN', '~', '100000', '*', 'event', event, 'id', id, 'json', json)
end

-- A step between: {"event":..,"id":..,DETAIL,"at":ms}. `detail` is a fragment, or ''.
local function step(stream, event, id, detail, at)
    if detail ~= '' then detail = detail .. ',' end
    record_event(stream, event, id, '{"event":"' .. event .. '","id":"' .. id .. '",' .. detail ..
        '"at":' .. at .. '}')
end

-- What subscribers get; the stream keeps the same bytes.
local function notify(prefix, stream, event, id, json)
    redis.call('PUBLISH', prefix .. event, json)
    record_event(stream, event, id, json)
end

-- Joins the fragments that are not empty with commas.
local function join(...)
    local parts = {}
    for _, part in ipairs({...}) do
        if part and part ~= '' then parts[#parts + 1] = part end
    end
    return table.concat(parts, ',')
end

-- Says once that a batch is complete: when its size is known and so many members are terminal.
local function batch_check(prefix, stream, key, name, retention)
    local b = redis.call('HMGET', key, 'total', 'ready', 'failed', 'announced')
    local total, ready, failed = tonumber(b[1]), tonumber(b[2] or 0), tonumber(b[3] or 0)
    if not total or ready + failed < total or b[4] == '1' then return end
    notify(prefix, stream, 'batch', name, '{"event":"batch","id":"' .. name .. '","total":' ..
        int(total) .. ',"ready":' .. int(ready) .. ',"failed":' .. int(failed) .. '}')
    redis.call('HSET', key, 'announced', '1')
    redis.call('PEXPIRE', key, retention)
end

-- Counts a terminal member ('ready' or 'failed') into its batch.
local function batch_count(prefix, stream, key, name, result, retention)
    redis.call('HINCRBY', key, result, '1')
    redis.call('PEXPIRE', key, retention)
    batch_check(prefix, stream, key, name, retention)
end

-- Keeps the list of batches, for people: the latest 1,000 by when their first member joined.
local function list_batch(batches, name, at)
    redis.call('ZADD', batches, at, name)
    redis.call('ZREMRANGEBYRANK', batches, '0', '-1001')
end

-- The fragment `"indexes":{...}` of an upload, in the order in which they were asked for.
local function indexes_of(task, labels)
    if not labels or labels == '' then return '' end
    local names, fields, parts = {}, {}, {}
    for label in string.gmatch(labels, '%S+') do
        names[#names + 1] = label
        fields[#fields + 1] = 'index:' .. label
    end
    local states = redis.call('HMGET', task, unpack(fields))
    for i, label in ipairs(names) do
        if states[i] then parts[#parts + 1] = '"' .. label .. '":' .. states[i] end
    end
    return '"indexes":{' .. table.concat(parts, ',') .. '}'
end

-- The whole message of a terminal task, and when that was submitted.
local function terminal_message(task, event, id, at)
    local r = redis.call('HMGET', task, 'video', 'failure', 'about', 'attempt', 'submitted_at',
        'indexes', 'labels')
    local indexes = r[6] or indexes_of(task, r[7])
    local failure = event == 'failed' and r[2] or ''
    return '{' .. join('"event":"' .. event .. '"', '"id":"' .. id .. '"', failure, r[1], indexes,
        r[3], '"attempts":' .. (r[4] or '0'), '"submitted_at":' .. (r[5] or at),
        '"' .. event .. '_at":' .. at) .. '}', r[5] or at
end

-- Keeps the list of failed tasks within 10,000 entries and the retention.
local function bury(dead, id, now, retention)
    redis.call('ZADD', dead, int(now), id)
    redis.call('ZREMRANGEBYSCORE', dead, '-inf', int(now - retention))
    redis.call('ZREMRANGEBYRANK', dead, '0', '-10001')
end

-- A call goes to the front, before what was not begun yet; questions are asked in their order.
local function enqueue(tasks, questions, id, mark, token)
    if mark == '?' then
        redis.call('LPUSH', questions, id .. '?' .. token)
    else
        redis.call('RPUSH', tasks, id .. mark .. token)
    end
end

-- Removes the id from the one set that goes with its former state.
local function leave(running, awaiting, delayed, state, id)
    if state == 'running' then
        redis.call('ZREM', running, id)
    elseif state == 'awaiting' then
        redis.call('ZREM', awaiting, id)
    elseif state == 'delayed' then
        redis.call('ZREM', delayed, id)
    end
end

-- Is this write still allowed? The token must be that of the run (or wait) that decided it, and a
-- recovery also needs the lease to have ended. Returns the state and what the other fields hold, or
-- nil.
local function holds(task, token, running, id, lapsed, ...)
    local r = redis.call('HMGET', task, 'state', 'token', ...)
    if not r[1] or r[2] ~= token or r[1] == 'ready' or r[1] == 'failed' then return nil end
    if lapsed == '1' then
        local score = redis.call('ZSCORE', running, id)
        if not score or tonumber(score) > now_ms() then return nil end
    end
    return r[1], unpack(r, 3)
end

-- HSET of the pairs ARGV[first] ... ARGV[last], and of the other pairs given; an empty value among
-- the first deletes the field.
local function set_fields(task, first, last, ...)
    local set, gone = {...}, {}
    for i = first, last, 2 do
        if ARGV[i + 1] == '' then
            gone[#gone + 1] = ARGV[i]
        else
            set[#set + 1] = ARGV[i]
            set[#set + 1] = ARGV[i + 1]
        end
    end
    if #set > 0 then redis.call('HSET', task, unpack(set)) end
    if #gone > 0 then redis.call('HDEL', task, unpack(gone)) end
end
