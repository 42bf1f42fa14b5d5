-- A task ends: ready or failed. A child tells its parent, whose last child ends it too.
-- KEYS  running, awaiting, delayed, events, dead, task, owner of the video (or the task again),
--       parent (or the task again), then the keys of the batches
-- ARGV  prefix, id, token, lapsed, result ('ready', 'failed'), retention ms, 'found' when the video
--       or the scene index was found by its name, its id ('' for none), parent id ('' for none),
--       label, state of this index for the parent's message, failure fragment for the parent, the
--       batches (names separated by spaces; of the parent for a child), then field, value, ...
-- Returns {1}, and with it 'ready' or 'failed' and the ms since it was submitted when a task ended
--       that somebody submitted, the parent of a child perhaps; {0} when token or lease are not
--       what the writer thought; {-1} when the video found by its name is another task's;
--       {2, batches} when the batches are others: call again with these.
-- Twice: the token is gone with the state, nothing happens.
local reply = {1}
local prefix, id, result, retention = ARGV[1], ARGV[2], ARGV[5], ARGV[6]
local task, parent, stream = KEYS[6], KEYS[8], KEYS[4]
local state, batches = holds(task, ARGV[3], KEYS[1], id, ARGV[4], 'batch')
if not state then return {0} end
local child, above = ARGV[9] ~= '', nil
if child then
    above = redis.call('HMGET', parent, 'batch', 'state', 'open', 'failed_labels')
    batches = above[1]
end
batches = batches or ''
if batches ~= ARGV[13] then return {2, batches} end

local now, at = now_ms()
if ARGV[8] ~= '' then
    local owner = redis.call('GET', KEYS[7])
    if ARGV[7] == 'found' and owner and owner ~= id then return {-1} end
    if not owner then redis.call('SET', KEYS[7], id, 'PX', retention) end
end

-- The end of a task that somebody submitted: message, stream, batches, dead, expiry.
local function conclude(key, name, outcome)
    local message, submitted_at = terminal_message(key, outcome, name, at)
    notify(prefix, stream, outcome, name, message)
    local k = 9
    for batch in string.gmatch(batches, '%S+') do
        batch_count(prefix, stream, KEYS[k], batch, outcome, retention)
        k = k + 1
    end
    if outcome == 'failed' then bury(KEYS[5], name, now, retention) end
    redis.call('HSET', key, 'state', outcome, outcome .. '_at', at)
    redis.call('PEXPIRE', key, retention)
    reply = {1, outcome, now - submitted_at}
end

local function tell_parent()
    local label, open, broken = ARGV[10], int(above[3] - 1), above[4]
    redis.call('HSET', parent, 'index:' .. label, ARGV[11], 'open', open)
    if result == 'failed' then
        redis.call('HSETNX', parent, 'failure', ARGV[12])
        broken = broken and broken .. ' ' .. label or label
        redis.call('HSET', parent, 'failed_labels', broken)
    end
    if open == '0' then conclude(parent, ARGV[9], broken and 'failed' or 'ready') end
end

if child then
    step(stream, result == 'ready' and 'indexed' or 'index_failed', id, ARGV[12], at)
    set_fields(task, 14, #ARGV, 'state', result)
    redis.call('PEXPIRE', task, retention)
    if above[2] == 'indexing' then tell_parent() end
else
    set_fields(task, 14, #ARGV)
    conclude(task, id, result)
end
leave(KEYS[1], KEYS[2], KEYS[3], state, id)
return reply
