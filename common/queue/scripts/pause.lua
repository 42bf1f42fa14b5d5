-- The API told us to wait: no worker claims before that time. Only ever extended.
-- KEYS  pause
-- ARGV  ms
-- Returns the ms that are left now.
-- Twice: extends by nothing worth speaking of.
local now = now_ms()
local till = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], int(till), 'PX', till - now + 1)
return till - now
