-- Take up to n waiting items into this worker's hands: questions to the API first, then the others.
-- For a probe the last submitted ones come first: what the API has refused is back at the front.
-- KEYS  landing, list, taken, seq, pause, awaiting, running, pace, questions
-- ARGV  n, lease ms, limit of what VideoDB may have (0: none), 'pausable' for tasks
-- Returns {ms after which to come back for what is kept back now (0: nothing is), items still
--       waiting, member, member, ...}; member is "SEQ:ITEM".
-- Twice: takes other items; what a lost reply took goes back to the front when its lease ends.
local tasks, now, at = ARGV[4] == 'pausable', now_ms()
local lapsed = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', at, 'LIMIT', '0', '16')
for i = #lapsed, 1, -1 do
    local member = lapsed[i]
    local item = string.sub(member, string.find(member, ':', 1, true) + 1)
    local question = tasks and string.find(item, '^[%w_%-%.:/]+%?%d+$')
    redis.call('RPUSH', question and KEYS[9] or KEYS[2], item)
    redis.call('ZREM', KEYS[3], member)
end

local pause = tasks and math.max(0, (redis.call('GET', KEYS[5]) or 0) - now) or 0
local n, limit = tonumber(ARGV[1]), tonumber(ARGV[3])
local reply = {pause, 0}
if pause > 0 then n = 0 end

-- After a 429 all workers together take one item per interval, at most a tenth of a second's at
-- once.
local pace = tasks and redis.call('HMGET', KEYS[8], 'interval', 'next') or {}
local interval, next_at = tonumber(pace[1]), nil
if interval then
    next_at = math.max(tonumber(pace[2]), now - 100)
    n = math.min(n, math.max(0, math.floor((now - next_at) / interval) + 1))
end

-- What VideoDB has, or may have in a moment, is awaiting, running or taken, or is to be asked
-- about: of these none is left when others are looked at. Questions pass at the limit: by and by
-- they make room.
local room = math.huge
if limit > 0 and n > 0 then
    room = limit
    for _, key in ipairs({KEYS[3], KEYS[6], KEYS[7]}) do room = room - redis.call('ZCARD', key) end
end

-- From the front of the list (its right end), or from the back. Returns how many are left in it.
local function take_from(list, most, back)
    local wanted = math.min(n, most)
    if wanted <= 0 then return redis.call('LLEN', list) end
    local items = back and redis.call('LRANGE', list, '0', int(wanted - 1)) or
        redis.call('LRANGE', list, int(-wanted), '-1')
    local got = #items
    if got == 0 then return 0 end
    local seq, till = redis.call('INCRBY', KEYS[4], int(got)) - got, int(now + ARGV[2])
    local entries = {}
    for i = 1, got do
        local member = int(seq + i) .. ':' .. items[back and i or got + 1 - i]
        entries[#entries + 1] = till
        entries[#entries + 1] = member
        reply[#reply + 1] = member
    end
    redis.call('ZADD', KEYS[3], unpack(entries))
    if back then
        redis.call('LTRIM', list, int(got), '-1')
    else
        redis.call('LTRIM', list, '0', int(-got - 1))
    end
    n, room = n - got, room - got
    return got < wanted and 0 or redis.call('LLEN', list)
end

if ARGV[5] == 'probe' then take_from(KEYS[2], room, true) end
local asked = tasks and take_from(KEYS[9], n) or 0
local landed = take_from(KEYS[1], room)
reply[2] = asked + landed + take_from(KEYS[2], room)

-- Each item that goes shortens the interval by a hundredth, until there is no need for one.
if interval and #reply > 2 then
    next_at = next_at + (#reply - 2) * interval
    interval = interval * 0.99 ^ (#reply - 2)
    redis.call('HSET', KEYS[8], 'interval', string.format('%.6f', interval), 'next',
        string.format('%.3f', next_at))
    redis.call('HINCRBY', KEYS[8], 'claimed', #reply - 2)
    if interval < 1 then redis.call('DEL', KEYS[8]) end
end
if interval and next_at > now and reply[2] > 0 then
    reply[1] = math.max(reply[1], 20, math.ceil(next_at - now))
end
return reply
