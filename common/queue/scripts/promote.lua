-- Delayed tasks whose time has come go to the front, awaiting ones whose deadline has passed to the
-- questions. With no mark, ids that stand in `running` without a running record are only taken out
-- of it.
-- KEYS  delayed, awaiting or running, tasks, questions, then the tasks (at most 64)
-- ARGV  the state that goes with the set, mark ('@' to call, '?' to ask, '' for neither), the ids
-- Returns how many went.
-- Twice: their state is 'queued' by then, nothing happens.
local now, went = now_ms(), 0

local function promote(task, id)
    local score = redis.call('ZSCORE', KEYS[1], id)
    if not score then return end
    local r = redis.call('HMGET', task, 'state', 'token')
    if r[1] ~= ARGV[1] then
        redis.call('ZREM', KEYS[1], id)
    elseif ARGV[2] ~= '' and tonumber(score) <= now then
        redis.call('HSET', task, 'state', 'queued', 'purpose', ARGV[2] == '@' and 'call' or 'ask')
        enqueue(KEYS[2], KEYS[3], id, ARGV[2], r[2])
        redis.call('ZREM', KEYS[1], id)
        went = went + 1
    end
end

for i = 3, #ARGV do promote(KEYS[i + 1], ARGV[i]) end
return went
