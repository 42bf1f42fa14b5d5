-- What is due: at most 16 lapsed leases, and 64 ids of the other kinds. It moves nothing; promote,
-- move and finish do that, and check again whether it is still due.
-- Some worker looks several times per lease. When nobody has looked for half a lease, Redis or its
-- network stood still, or its clock jumped, and the leases ended without anybody's fault: for a
-- whole lease from then on none counts as lapsed, so that the workers can renew theirs. It is never
-- longer than that: a clock that was ahead may have set its end.
-- KEYS  running, awaiting, delayed, pulse
-- ARGV  lease ms
-- Returns {ms until the next thing is due (-1: nothing), {lapsed running}, {awaiting}, {delayed}}.
-- Twice: looks once more.
local lease, now, at = tonumber(ARGV[1]), now_ms()
local pulse = redis.call('HMGET', KEYS[4], 'looked_at', 'amnesty_until')
local looked, amnesty = tonumber(pulse[1] or now), math.min(tonumber(pulse[2] or 0), now + lease)
if now - looked > lease / 2 then amnesty = now + lease end
redis.call('HSET', KEYS[4], 'looked_at', at, 'amnesty_until', int(amnesty))

local reply, soonest = {0}, nil
for i = 1, 3 do
    local excused, most = i == 1 and now < amnesty, i == 1 and 16 or 64
    reply[i + 1] = excused and {} or
        redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, most)
    local first = redis.call('ZRANGEBYSCORE', KEYS[i], '(' .. at, '+inf', 'WITHSCORES',
        'LIMIT', 0, 1)
    local score = #reply[i + 1] == most and now or tonumber(first[2])
    if excused and score then score = math.max(score, amnesty) end
    if score and (not soonest or score < soonest) then soonest = score end
end
reply[1] = soonest and soonest - now or -1
return reply
