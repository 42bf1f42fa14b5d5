-- Items whose meaning is known become runs: a record, a lease and a fresh token for each.
-- KEYS  taken, running, seq, events, then per item: task, batch (or the task again when there is
--       none)
-- ARGV  prefix, lease ms, retention ms, then per item 11 values:
--       member, op, id, token, kind, max attempts, request, about, batch, batch size,
--       label
--       op: 'new' a submitted task, '@' a call that was queued, '?' a question to the API
-- Returns per item one list: {'run', token, now, attempt} for 'new';
--       {'run', token, now, attempt, field values in the order of read.lua} for '@' and '?';
--       {'known', state} when the id is there already; {'stale'} when the queued item is outdated,
--       or the member has gone back to the list, where somebody else has found it; {'unknown'} when
--       no task has this id (the item stays in `taken`: reject.lua is next).
-- Twice: the record knows which member its run came from, and answers the same run once more.
local now, reply = now_ms(), {}
local prefix, till, retention = ARGV[1], int(now + ARGV[2]), ARGV[3]

local function seq_of(member)
    return string.sub(member, 1, string.find(member, ':', 1, true) - 1)
end

-- `fields` become part of the record that runs from now on.
local function start(task, a, fields)
    local token = int(redis.call('INCR', KEYS[3]))
    redis.call('HSET', task, 'state', 'running', 'token', token, 'run_of', seq_of(ARGV[a]),
        unpack(fields))
    redis.call('ZADD', KEYS[2], till, ARGV[a + 2])
    return token
end

-- The token, if this very member was admitted before, by a call whose reply was lost.
local function again(member, state, run_of, token)
    return state == 'running' and run_of == seq_of(member) and token
end

local function join_batch(batch_key, name, size)
    redis.call('HINCRBY', batch_key, 'members', '1')
    if size ~= '' then redis.call('HSETNX', batch_key, 'total', size) end
    redis.call('PEXPIRE', batch_key, retention)
    batch_check(prefix, KEYS[4], batch_key, name, retention)
end

-- A repeat that names another batch belongs to that one too: it counts there when it is through. A
-- failed one counts there as failed, quietly: rerun.lua, which follows, takes that back.
local function known(task, state, batch_key, name, size)
    local batches = redis.call('HGET', task, 'batch') or ''
    if name ~= '' and not string.find(' ' .. batches .. ' ', ' ' .. name .. ' ', 1, true) then
        redis.call('HSET', task, 'batch', batches == '' and name or batches .. ' ' .. name)
        join_batch(batch_key, name, size)
        if state == 'ready' then
            batch_count(prefix, KEYS[4], batch_key, name, 'ready', retention)
        elseif state == 'failed' then
            redis.call('HINCRBY', batch_key, 'failed', '1')
        end
    end
    return {'known', state}
end

local function admit_new(task, batch_key, a)
    local name, size = ARGV[a + 8], ARGV[a + 9]
    local r = redis.call('HMGET', task, 'state', 'run_of', 'token')
    local token = again(ARGV[a], r[1], r[2], r[3])
    if token then return {'run', token, int(now), 1} end
    if not redis.call('ZSCORE', KEYS[1], ARGV[a]) then return {'stale'} end
    if r[1] then return known(task, r[1], batch_key, name, size) end
    if name ~= '' then join_batch(batch_key, name, size) end
    local fields = {'kind', ARGV[a + 4], 'attempt', '1', 'calls', '1', 'max_attempts', ARGV[a + 5],
        'request', ARGV[a + 6], 'purpose', 'call', 'submitted_at', int(now)}
    for field, value in pairs({about = ARGV[a + 7], batch = name, label = ARGV[a + 10]}) do
        if value ~= '' then
            fields[#fields + 1] = field
            fields[#fields + 1] = value
        end
    end
    return {'run', start(task, a, fields), int(now), 1}
end

local function admit_queued(task, a)
    local r = read_record(task)
    local token = again(ARGV[a], r[STATE], r[RUN_OF], r[TOKEN])
    if not token then
        if not r[STATE] then return {'unknown'} end
        if r[STATE] ~= 'queued' or r[TOKEN] ~= ARGV[a + 3] then return {'stale'} end
        if not redis.call('ZSCORE', KEYS[1], ARGV[a]) then return {'stale'} end
        if ARGV[a + 1] == '@' then
            r[ATTEMPT], r[CALLS] = int((r[ATTEMPT] or 0) + 1), int((r[CALLS] or 0) + 1)
            r[PURPOSE] = 'call'
            token = start(task, a, {'attempt', r[ATTEMPT], 'calls', r[CALLS], 'purpose', 'call'})
        else
            r[PURPOSE] = 'ask'
            token = start(task, a, {'purpose', 'ask'})
        end
    end
    return {'run', token, int(now), r[ATTEMPT], unpack(r, 1, RUN_OF - 1)}
end

local k = 5
for a = 4, #ARGV, 11 do
    if ARGV[a + 1] == 'new' then
        reply[#reply + 1] = admit_new(KEYS[k], KEYS[k + 1], a)
    else
        reply[#reply + 1] = admit_queued(KEYS[k], a)
    end
    local last = reply[#reply]
    -- A failed task is run again by rerun.lua, which also takes the item out of `taken`.
    if last[2] ~= 'failed' and last[1] ~= 'unknown' then redis.call('ZREM', KEYS[1], ARGV[a]) end
    k = k + 2
end
return reply
