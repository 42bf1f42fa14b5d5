-- How much there is of everything, for those who watch: nothing is decided by it.
-- KEYS  tasks, tasks:landing, callbacks, callbacks:landing, questions, taken, callbacks:taken,
--       running, awaiting, delayed, dead, pause, pace
-- ARGV  none
-- Returns {time, ms of the pause that are left, ms between two items at the pace ('': there is
--       none), lengths of tasks, callbacks, questions, taken, callbacks:taken, running, awaiting,
--       delayed, dead (landing counts with its list), earliest times in running, awaiting, delayed
--       ('' for none), what tells the task item that is next in line from others, the beginning of
--       the next callback ('' for none)}.
-- Twice: looks once more.
local now = now_ms()
local interval = redis.call('HGET', KEYS[13], 'interval')
local reply = {now, math.max(0, (redis.call('GET', KEYS[12]) or 0) - now), interval or ''}

for i = 1, 3, 2 do
    reply[#reply + 1] = redis.call('LLEN', KEYS[i]) + redis.call('LLEN', KEYS[i + 1])
end
reply[#reply + 1] = redis.call('LLEN', KEYS[5])
for i = 6, 11 do reply[#reply + 1] = redis.call('ZCARD', KEYS[i]) end
for i = 8, 10 do
    local first = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    reply[#reply + 1] = first[2] or ''
end

local function next_of(list, landing)
    return redis.call('LRANGE', landing, '-1', '-1')[1] or
        redis.call('LRANGE', list, '-1', '-1')[1] or ''
end
local item = next_of(KEYS[1], KEYS[2])
reply[#reply + 1] = item == '' and '' or
    #item .. ' ' .. string.sub(item, 1, 128) .. ' ' .. string.sub(item, -128)
reply[#reply + 1] = string.sub(next_of(KEYS[3], KEYS[4]), 1, 400)
return reply
