-- What is due: at most 16 ids of each kind. Only looks; promote, move and finish do the work, and
-- check again whether it is still due.
-- KEYS  running, awaiting, delayed
-- ARGV  -
-- Returns {ms until the next thing is due (-1: nothing), {lapsed running}, {awaiting}, {delayed}}.
-- Twice: only reads.
local now = now_ms()
local reply, soonest = {0}, nil
for i = 1, 3 do
    reply[i + 1] = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, 16)
    local first = redis.call('ZRANGEBYSCORE', KEYS[i], '(' .. int(now), '+inf', 'WITHSCORES',
        'LIMIT', 0, 1)
    local score = #reply[i + 1] == 16 and now or tonumber(first[2])
    if score and (not soonest or score < soonest) then soonest = score end
end
reply[1] = soonest and soonest - now or -1
return reply
