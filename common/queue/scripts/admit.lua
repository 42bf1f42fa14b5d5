-- Items whose meaning is known become runs: a record and a lease for each. The SEQ of the item's
-- claim is the token of the run.
-- KEYS  taken, running, events, then per item: task, batch (or the task again when there is
--       none), then batches when there is a batch among them
-- ARGV  prefix, lease ms, retention ms, then per item 11 values:
--       member, op, id, token, kind, max attempts, request, about, batch, batch size,
--       label
--       op: 'new' a submitted task, '@' a call that was queued, '?' a question to the API
-- Returns per item one list: {'run', token, now, attempt} for 'new';
--       {'run', token, now, attempt, field values in the order of read_record()} for '@' and '?';
--       {'known', state} when the id is there already; {'stale'} when the queued item is outdated,
--       or the member has gone back to the list, where somebody else has found it; {'unknown'} when
--       no task has this id (the item stays in `taken`: reject.lua is next).
-- Twice: the token tells which member a run came from, and the answer is the same run once more.
local now, at = now_ms()
local prefix, till, retention, reply = ARGV[1], int(now + ARGV[2]), ARGV[3], {}
local members, through = {}, {}
for a = 4, #ARGV, 11 do members[#members + 1] = ARGV[a] end
local taken = redis.call('ZMSCORE', KEYS[1], unpack(members))

-- The fields of a record that a worker decides by, in a fixed order, nil for a missing one.
local STATE, TOKEN, ATTEMPT, CALLS, PURPOSE = 1, 2, 4, 5, 15
local function read_record(task)
    return redis.call('HMGET', task, 'state', 'token', 'kind', 'attempt', 'calls',
        'max_attempts', 'request', 'about', 'batch', 'parent', 'label', 'video_id',
        'collection_id', 'output_url', 'purpose', 'why', 'since', 'asks', 'crashes', 'labels',
        'submitted_at', 'failed_labels', 'scene_index_id', 'skip', 'failing', 'hint', 'hints')
end

local function token_of(member)
    return string.sub(member, 1, string.find(member, ':', 1, true) - 1)
end

local function lease(id)
    redis.call('ZADD', KEYS[2], till, id)
end

-- `fields` become part of the record that runs from now on. Its lease comes first: when the script
-- breaks off, at another item's record that is none, say, whoever sees the lease end helps it on.
local function start(task, id, token, fields)
    lease(id)
    redis.call('HSET', task, 'state', 'running', 'token', token, unpack(fields))
end

local function join_batch(batch_key, name, size)
    if redis.call('HINCRBY', batch_key, 'members', '1') == 1 then
        list_batch(KEYS[#KEYS], name, at)
    end
    if size ~= '' then redis.call('HSETNX', batch_key, 'total', size) end
    redis.call('PEXPIRE', batch_key, retention)
    batch_check(prefix, KEYS[3], batch_key, name, retention)
end

-- A repeat that names another batch belongs to that one too: it counts there when it is through. A
-- failed one counts there as failed, quietly: rerun.lua, which follows, takes that back.
local function known(task, state, batch_key, name, size)
    local batches = redis.call('HGET', task, 'batch') or ''
    if name ~= '' and not string.find(' ' .. batches .. ' ', ' ' .. name .. ' ', 1, true) then
        redis.call('HSET', task, 'batch', batches == '' and name or batches .. ' ' .. name)
        join_batch(batch_key, name, size)
        if state == 'ready' then
            batch_count(prefix, KEYS[3], batch_key, name, 'ready', retention)
        elseif state == 'failed' then
            redis.call('HINCRBY', batch_key, 'failed', '1')
        end
    end
    return {'known', state}
end

local function admit_new(task, batch_key, a, score)
    local name, size, token = ARGV[a + 8], ARGV[a + 9], token_of(ARGV[a])
    local r = redis.call('HMGET', task, 'state', 'token')
    if r[1] == 'running' and r[2] == token then
        lease(ARGV[a + 2])
        return {'run', token, at, 1}
    end
    if not score then return {'stale'} end
    if r[1] then return known(task, r[1], batch_key, name, size) end
    if name ~= '' then join_batch(batch_key, name, size) end
    local fields = {'kind', ARGV[a + 4], 'attempt', '1', 'calls', '1', 'max_attempts', ARGV[a + 5],
        'request', ARGV[a + 6], 'purpose', 'call', 'submitted_at', at}
    for field, value in pairs({about = ARGV[a + 7], batch = name, label = ARGV[a + 10]}) do
        if value ~= '' then
            fields[#fields + 1] = field
            fields[#fields + 1] = value
        end
    end
    start(task, ARGV[a + 2], token, fields)
    return {'run', token, at, 1}
end

local function admit_queued(task, a, score)
    local r, token = read_record(task), token_of(ARGV[a])
    if r[STATE] == 'running' and r[TOKEN] == token then
        lease(ARGV[a + 2])
    elseif not r[STATE] then
        return {'unknown'}
    elseif r[STATE] ~= 'queued' or r[TOKEN] ~= ARGV[a + 3] or not score then
        return {'stale'}
    elseif ARGV[a + 1] == '@' then
        r[ATTEMPT], r[CALLS] = int((r[ATTEMPT] or 0) + 1), int((r[CALLS] or 0) + 1)
        r[PURPOSE] = 'call'
        start(task, ARGV[a + 2], token,
            {'attempt', r[ATTEMPT], 'calls', r[CALLS], 'purpose', 'call'})
    else
        r[PURPOSE] = 'ask'
        start(task, ARGV[a + 2], token, {'purpose', 'ask'})
    end
    return {'run', token, at, r[ATTEMPT], unpack(r)}
end

for i = 1, #members do
    local a, k = 11 * i - 7, 2 * i + 2
    if ARGV[a + 1] == 'new' then
        reply[i] = admit_new(KEYS[k], KEYS[k + 1], a, taken[i])
    else
        reply[i] = admit_queued(KEYS[k], a, taken[i])
    end
    -- A failed task is run again by rerun.lua, which also takes the item out of `taken`.
    if reply[i][2] ~= 'failed' and reply[i][1] ~= 'unknown' then
        through[#through + 1] = members[i]
    end
end
if #through > 0 then redis.call('ZREM', KEYS[1], unpack(through)) end
return reply
