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

local function start(task, id, member)
    local token = int(redis.call('INCR', KEYS[3]))
    redis.call('HSET', task, 'state', 'running', 'token', token, 'run_of', seq_of(member))
    redis.call('ZADD', KEYS[2], till, id)
    return token
end

-- Was this very member admitted before, by a call whose reply was lost?
local function again(task, member)
    local r = redis.call('HMGET', task, 'state', 'run_of', 'token')
    return r[1] == 'running' and r[2] == seq_of(member) and r[3]
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
    local id, name, size = ARGV[a + 2], ARGV[a + 8], ARGV[a + 9]
    local token = again(task, ARGV[a])
    if token then return {'run', token, int(now), 1} end
    if not redis.call('ZSCORE', KEYS[1], ARGV[a]) then return {'stale'} end
    local state = redis.call('HGET', task, 'state')
    if state then return known(task, state, batch_key, name, size) end
    redis.call('HSET', task, 'kind', ARGV[a + 4], 'attempt', '1', 'calls', '1', 'max_attempts',
        ARGV[a + 5], 'request', ARGV[a + 6], 'about', ARGV[a + 7], 'batch', name, 'purpose', 'call',
        'label', ARGV[a + 10], 'submitted_at', int(now))
    if name ~= '' then join_batch(batch_key, name, size) end
    return {'run', start(task, id, ARGV[a]), int(now), 1}
end

local function admit_queued(task, a)
    local id, call = ARGV[a + 2], ARGV[a + 1] == '@'
    local r = redis.call('HMGET', task, 'state', 'token')
    local token = again(task, ARGV[a])
    if not token then
        if not r[1] then return {'unknown'} end
        if r[1] ~= 'queued' or r[2] ~= ARGV[a + 3] then return {'stale'} end
        if not redis.call('ZSCORE', KEYS[1], ARGV[a]) then return {'stale'} end
        if call then
            redis.call('HINCRBY', task, 'attempt', '1')
            redis.call('HINCRBY', task, 'calls', '1')
        end
        redis.call('HSET', task, 'purpose', call and 'call' or 'ask')
        token = start(task, id, ARGV[a])
    end
    return {'run', token, int(now), redis.call('HGET', task, 'attempt'), unpack(read_record(task))}
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
