-- A delayed task whose time has come goes to the front, an awaiting one whose deadline has passed to
-- the questions.
-- With no mark, an id that stands in `running` without a running record is only taken out of it.
-- KEYS  delayed, awaiting or running, tasks, task, questions
-- ARGV  id, the state that goes with the set, mark ('@' to call, '?' to ask, '' for neither)
-- Returns 1 when it went.
-- Twice: the state is 'queued' by then, nothing happens.
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
local r = redis.call('HMGET', KEYS[3], 'state', 'token')
if not score then return 0 end
if r[1] ~= ARGV[2] then
    redis.call('ZREM', KEYS[1], ARGV[1])
    return 0
end
if ARGV[3] == '' or tonumber(score) > now_ms() then return 0 end
redis.call('HSET', KEYS[3], 'state', 'queued', 'purpose', ARGV[3] == '@' and 'call' or 'ask')
enqueue(KEYS[2], KEYS[4], ARGV[1], ARGV[3], r[2])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
