-- The API told us to wait: no worker claims before that time. Only ever extended. A pause that
-- begins also lowers the pace at which all workers together claim after it: to what got through
-- since the pause before, but not under half of it. claim.lua raises it again.
-- KEYS  pause, pace
-- ARGV  ms
-- Returns the ms that are left now.
-- Twice: extends by nothing worth speaking of, and it is no new pause.
local now, at = now_ms()
local before = tonumber(redis.call('GET', KEYS[1]) or 0)
local till = math.max(before, now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], int(till), 'PX', till - now + 1)
if before <= now then
    local r = redis.call('HMGET', KEYS[2], 'interval', 'since', 'claimed')
    local interval = tonumber(r[1] or 32)
    if r[1] then
        local achieved = (now - tonumber(r[2])) / math.max(1, tonumber(r[3]) - 1)
        interval = math.min(math.max(interval, achieved), 2 * interval)
    end
    redis.call('HSET', KEYS[2], 'interval', string.format('%.6f', interval), 'next', int(till),
        'since', at, 'claimed', 0)
    redis.call('PEXPIRE', KEYS[2], till - now + 600000)
end
return till - now
