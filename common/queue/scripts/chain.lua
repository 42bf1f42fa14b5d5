-- An upload has its video: its index tasks are made here, and it waits for them. The first one may
-- take its place at once, as a run of the writer's; the others are queued.
-- KEYS  running, awaiting, delayed, tasks, events, seq, task, owner of the video, pause, pace, then
--       the children
-- ARGV  id, token, lapsed, retention ms, 'found' when the video was found by its name, labels
--       (separated by spaces), detail of the event, SEQ of the claim as whose run the first child
--       may start ('': it may not), 'full' when it will wait for a slot of the writer's, lease ms,
--       number of pairs, that many field, value pairs, then per child: id, label, request, max
--       attempts
-- Returns {1}, and with it the time when the first child is running; {0} when token or lease are
--       not what the writer thought; {-1} when the video found by its name is another task's.
-- Twice: the token has changed, nothing happens; but the SEQ tells whose run the first child is, and
--       the answer is the same run once more.
local id, task, seq, now, at = ARGV[1], KEYS[7], ARGV[8], now_ms()
local first_child = 12 + 2 * tonumber(ARGV[11])

local function lease_first()
    redis.call('ZADD', KEYS[1], int(now + ARGV[10]), ARGV[first_child])
end

local state, video_id, collection, batch =
    holds(task, ARGV[2], KEYS[1], id, ARGV[3], 'video_id', 'collection_id', 'batch')
if not state then
    local r = seq ~= '' and redis.call('HMGET', KEYS[11], 'state', 'token') or {}
    if r[1] ~= 'running' or r[2] ~= seq then return {0} end
    lease_first()
    return {1, now}
end
local owner = redis.call('GET', KEYS[8])
if ARGV[5] == 'found' and owner and owner ~= id then return {-1} end
if not owner then redis.call('SET', KEYS[8], id, 'PX', ARGV[4]) end

for a = 12, first_child - 1, 2 do
    if ARGV[a] == 'video_id' then video_id = ARGV[a + 1] end
    if ARGV[a] == 'collection_id' then collection = ARGV[a + 1] end
end
local function make(key, a, child_state, token, attempt, ...)
    redis.call('HSET', key, 'state', child_state, 'token', token, 'kind', 'index', 'attempt',
        attempt, 'max_attempts', ARGV[a + 3], 'request', ARGV[a + 2], 'parent', id, 'label',
        ARGV[a + 1], 'purpose', 'call', 'video_id', video_id, 'collection_id', collection or '',
        'batch', batch or '', 'submitted_at', at, ...)
end

-- It comes to where VideoDB's limit counts, as the upload leaves there. No pause and no pace holds
-- tasks back, and no record is there from before, with calls that count. And who is full takes
-- nothing from an idle worker: while tasks wait there is none.
local at_once = seq ~= '' and (state == 'running' or state == 'awaiting') and
    redis.call('EXISTS', KEYS[9], KEYS[10], KEYS[11]) == 0 and
    (ARGV[9] ~= 'full' or redis.call('EXISTS', KEYS[4]) == 1)
local children, started, queued = (#ARGV + 1 - first_child) / 4, 0, {}
if at_once then
    make(KEYS[11], first_child, 'running', seq, '1', 'calls', '1')
    lease_first()
    started = 1
end
local token = redis.call('INCRBY', KEYS[6], int(children - started + 1)) - children + started
for i = started, children - 1 do
    local a = first_child + 4 * i
    make(KEYS[11 + i], a, 'queued', int(token), '0')
    redis.call('PERSIST', KEYS[11 + i])
    table.insert(queued, 1, ARGV[a] .. '@' .. int(token))
    token = token + 1
end
if #queued > 0 then redis.call('RPUSH', KEYS[4], unpack(queued)) end
set_fields(task, 12, first_child - 1, 'state', 'indexing', 'token', int(token), 'open',
    int(children), 'labels', ARGV[6])
step(KEYS[5], 'uploaded', id, ARGV[7], at)
leave(KEYS[1], KEYS[2], KEYS[3], state, id)
return at_once and {1, now} or {1}
