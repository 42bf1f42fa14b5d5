-- A failed task is run again: the whole of it, or only its failed indexes when its video exists.
-- KEYS  taken, tasks, events, dead, seq, task, then the children to run again, then the batches
-- ARGV  member, id, the batches, request, about, max attempts, kind, label (each '' to keep what is
--       there), then per child: id, label, request. Without children the whole task runs again
-- Returns {1}; {0} when the task is not failed, or the item not in `taken` any more; {2, batches}
--       when the batches are others.
-- Twice: the task is queued by then, or at least the item has left `taken`: nothing happens.
local id, task = ARGV[2], KEYS[6]
local r = redis.call('HMGET', task, 'state', 'batch')
if r[1] ~= 'failed' or not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
    redis.call('ZREM', KEYS[1], ARGV[1])
    return {0}
end
local batches = r[2] or ''
if batches ~= ARGV[3] then return {2, batches} end
local children, _, at = (#ARGV - 8) / 3, now_ms()

local function fresh(key)
    local token = int(redis.call('INCR', KEYS[5]))
    redis.call('HSET', key, 'state', 'queued', 'token', token, 'attempt', 0, 'purpose', 'call')
    redis.call('HDEL', key, 'crashes', 'asks', 'why', 'output_url', 'failure', 'failed_at',
        'failed_labels', 'scene_index_id', 'skip', 'failing', 'hint', 'hints')
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
        if ARGV[3 + i] ~= '' then redis.call('HSET', task, field, ARGV[3 + i]) end
    end
    queued[1] = id .. '@' .. fresh(task)
else
    local parent = redis.call('HMGET', task, 'max_attempts', 'video_id', 'collection_id')
    for i = 1, children do
        local a, key = 6 + 3 * i, KEYS[6 + i]
        redis.call('HSET', key, 'kind', 'index', 'max_attempts', parent[1], 'request', ARGV[a + 2],
            'parent', id, 'label', ARGV[a + 1], 'video_id', parent[2], 'collection_id',
            parent[3] or '', 'batch', batches, 'submitted_at', at)
        redis.call('HDEL', task, 'index:' .. ARGV[a + 1])
        table.insert(queued, 1, ARGV[a] .. '@' .. fresh(key))
    end
    local attempts = redis.call('HGET', task, 'attempt')
    fresh(task)
    redis.call('HSET', task, 'state', 'indexing', 'open', children, 'attempt', attempts)
end
local k = 7 + children
for _ in string.gmatch(batches, '%S+') do
    if redis.call('EXISTS', KEYS[k]) == 1 then
        redis.call('HINCRBY', KEYS[k], 'failed', -1)
        redis.call('HDEL', KEYS[k], 'announced')
    end
    k = k + 1
end
redis.call('RPUSH', KEYS[2], unpack(queued))
step(KEYS[3], 'rerun', id, '', at)
redis.call('ZREM', KEYS[4], id)
redis.call('ZREM', KEYS[1], ARGV[1])
return {1}
