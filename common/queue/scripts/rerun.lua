-- A failed task is run again: the whole of it, or only its failed indexes when its video exists.
-- KEYS  taken, tasks, events, dead, seq, task, then the children to run again, then the batches
-- ARGV  member, id, labels of these children (separated by spaces; '' to run the whole task), the
--       batches, request ('' to keep), about, max attempts, kind, label (each '' to keep), then
--       the ids of the children
-- Returns {1}; {0} when the task is not failed any more; {2, batches} when the batches are others.
-- Twice: the task is queued by then, nothing happens but that the item leaves `taken`.
local id, task = ARGV[2], KEYS[6]
local r = redis.call('HMGET', task, 'state', 'batch')
if r[1] ~= 'failed' then
    redis.call('ZREM', KEYS[1], ARGV[1])
    return {0}
end
local batches = r[2] or ''
if batches ~= ARGV[4] then return {2, batches} end
local now, children = now_ms(), #ARGV - 9

local function fresh(key)
    local token = int(redis.call('INCR', KEYS[5]))
    redis.call('HSET', key, 'state', 'queued', 'token', token, 'attempt', 0, 'purpose', 'call')
    redis.call('HDEL', key, 'crashes', 'asks', 'why', 'output_url', 'failure', 'failed_at',
        'failed_labels')
    redis.call('PERSIST', key)
    return token
end

local queued = {}
if children == 0 then
    for label in string.gmatch(redis.call('HGET', task, 'labels') or '', '%S+') do
        redis.call('HDEL', task, 'index:' .. label)
    end
    redis.call('HDEL', task, 'labels', 'open', 'video', 'indexes')
    for i, field in ipairs({'request', 'about', 'max_attempts', 'kind', 'label'}) do
        if ARGV[4 + i] ~= '' then redis.call('HSET', task, field, ARGV[4 + i]) end
    end
    queued[1] = id .. '@' .. fresh(task)
else
    for label in string.gmatch(ARGV[3], '%S+') do redis.call('HDEL', task, 'index:' .. label) end
    for i = 1, children do
        table.insert(queued, 1, ARGV[9 + i] .. '@' .. fresh(KEYS[6 + i]))
    end
    local attempts = redis.call('HGET', task, 'attempt')
    fresh(task)
    redis.call('HSET', task, 'state', 'indexing', 'open', children, 'attempt', attempts)
end
local k = 7 + children
for _ in string.gmatch(batches, '%S+') do
    redis.call('HINCRBY', KEYS[k], 'failed', -1)
    redis.call('HDEL', KEYS[k], 'announced')
    k = k + 1
end
redis.call('RPUSH', KEYS[2], unpack(queued))
step(KEYS[3], 'rerun', id, '', now)
redis.call('ZREM', KEYS[4], id)
redis.call('ZREM', KEYS[1], ARGV[1])
return {1}
