-- An upload has its video: it waits for its index tasks, which are made and queued here.
-- KEYS  running, awaiting, delayed, tasks, events, seq, task, owner of the video, then the children
-- ARGV  id, token, lapsed, retention ms, 'found' when the video was found by its name, labels
--       (separated by spaces), detail of the event, number of pairs, that many field, value pairs,
--       then per child: id, label, request, max attempts
-- Returns 1; 0 when token or lease are not what the writer thought; -1 when the video found by its
--       name is another task's.
-- Twice: the token has changed, nothing happens.
local id, task = ARGV[1], KEYS[7]
local state, video_id, collection, batch =
    holds(task, ARGV[2], KEYS[1], id, ARGV[3], 'video_id', 'collection_id', 'batch')
if not state then return 0 end
local owner = redis.call('GET', KEYS[8])
if ARGV[5] == 'found' and owner and owner ~= id then return -1 end
if not owner then redis.call('SET', KEYS[8], id, 'PX', ARGV[4]) end

local first_child = 9 + 2 * tonumber(ARGV[8])
for a = 9, first_child - 1, 2 do
    if ARGV[a] == 'video_id' then video_id = ARGV[a + 1] end
    if ARGV[a] == 'collection_id' then collection = ARGV[a + 1] end
end
local now, children = now_ms(), (#ARGV + 1 - first_child) / 4
local token = redis.call('INCRBY', KEYS[6], int(children + 1)) - children
local queued, k = {}, 9
for a = first_child, #ARGV, 4 do
    redis.call('HSET', KEYS[k], 'state', 'queued', 'token', int(token), 'kind', 'index', 'attempt',
        '0', 'max_attempts', ARGV[a + 3], 'request', ARGV[a + 2], 'parent', id, 'label',
        ARGV[a + 1], 'purpose', 'call', 'video_id', video_id, 'collection_id', collection or '',
        'batch', batch or '', 'submitted_at', int(now))
    table.insert(queued, 1, ARGV[a] .. '@' .. int(token))
    k, token = k + 1, token + 1
end
redis.call('RPUSH', KEYS[4], unpack(queued))
set_fields(task, 9, first_child - 1, 'state', 'indexing', 'token', int(token), 'open',
    int(children), 'labels', ARGV[6])
step(KEYS[5], 'uploaded', id, ARGV[7], now)
leave(KEYS[1], KEYS[2], KEYS[3], state, id)
return 1
