-- A slice of a batch item becomes items at the front of the queue, from the batch's end to its
-- start.
-- KEYS  taken, tasks, events, batch
-- ARGV  prefix, member, batch id, retention ms, total, how many were expanded before, then the
--       items of this slice in their order
-- Returns how many are expanded now; the total when there is nothing left to do; -2 when this batch
--       was expanded before with another number of tasks (nothing was done).
-- Twice: the count has moved on, nothing happens.
local stream, retention, total = KEYS[3], ARGV[4], tonumber(ARGV[5])
local done = tonumber(redis.call('HGET', KEYS[4], 'expanded') or 0)
local size = tonumber(redis.call('HGET', KEYS[4], 'batch_items') or total)
if size ~= total then return -2 end
if done < total and done == tonumber(ARGV[6]) then
    redis.call('HSETNX', KEYS[4], 'total', total)
    redis.call('HSETNX', KEYS[4], 'batch_items', total)
    local items = {}
    for i = #ARGV, 7, -1 do items[#items + 1] = ARGV[i] end
    if #items > 0 then redis.call('RPUSH', KEYS[2], unpack(items)) end
    done = redis.call('HINCRBY', KEYS[4], 'expanded', #items)
    redis.call('PEXPIRE', KEYS[4], retention)
end
if total == 0 and not redis.call('HGET', KEYS[4], 'announced') then
    redis.call('HSETNX', KEYS[4], 'total', 0)
    batch_check(ARGV[1], stream, KEYS[4], ARGV[3], retention)
end
if done >= total then
    done = total
    redis.call('ZREM', KEYS[1], ARGV[2])
end
return done
