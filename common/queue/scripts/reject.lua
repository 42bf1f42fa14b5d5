-- An item that cannot be a task becomes a failed one.
-- KEYS  taken, events, dead, task, batch (or the task again), batches
-- ARGV  prefix, member, id, retention ms, failure fragment, about fragment, batch, batch size,
--       'keep' to leave a record (a bare id that no record has leaves none)
-- Returns 1, or 0 when a task of that id is there already (nothing was done: take another id). The
--       record of an earlier mistake is no task: it is written anew.
-- Twice: the member has left `taken`, nothing happens.
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then return 1 end
local id, retention, now, at = ARGV[3], ARGV[4], now_ms()
local task, stream = KEYS[4], KEYS[2]
if redis.call('HEXISTS', task, 'request') == 1 then return 0 end
local name, batches = ARGV[7], redis.call('HGET', task, 'batch') or ''
local joins = name ~= '' and not string.find(' ' .. batches .. ' ', ' ' .. name .. ' ', 1, true)
if joins then batches = batches == '' and name or batches .. ' ' .. name end
redis.call('HSET', task, 'state', 'failed', 'attempt', '0', 'failure', ARGV[5], 'about', ARGV[6],
    'batch', batches, 'submitted_at', at, 'failed_at', at)
notify(ARGV[1], stream, 'failed', id, (terminal_message(task, 'failed', id, at)))
if ARGV[9] == 'keep' then
    bury(KEYS[3], id, now, retention)
    redis.call('PEXPIRE', task, retention)
else
    redis.call('DEL', task)
end
if joins then
    if ARGV[8] ~= '' then redis.call('HSETNX', KEYS[5], 'total', ARGV[8]) end
    if redis.call('HINCRBY', KEYS[5], 'members', '1') == 1 then list_batch(KEYS[6], name, at) end
    redis.call('PEXPIRE', KEYS[5], retention)
    batch_count(ARGV[1], stream, KEYS[5], name, 'failed', retention)
end
redis.call('ZREM', KEYS[1], ARGV[2])
return 1
