-- One worker says that it is alive: its leases are extended, its entry for people is refreshed.
-- KEYS  running, workers, entry of this worker, then the tasks
-- ARGV  lease ms, worker name, runs under way, started at ms, version, how many runs it takes at
--       once, bytes of its memory, tasks that it has brought to their end: ready, failed; what is
--       wrong with the API ('': nothing); then per task: id, token
-- Returns the ids that are no longer this worker's.
-- Twice: extends once more.
local lease, lost, now, at = ARGV[1], {}, now_ms()
local k = 4
for a = 11, #ARGV, 2 do
    local r = redis.call('HMGET', KEYS[k], 'token', 'state')
    if r[1] == ARGV[a + 1] and r[2] == 'running' then
        redis.call('ZADD', KEYS[1], 'XX', int(now + lease), ARGV[a])
    else
        lost[#lost + 1] = ARGV[a]
    end
    k = k + 1
end
redis.call('ZADD', KEYS[2], at, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', int(now - 86400000))
redis.call('HSET', KEYS[3], 'runs', ARGV[3], 'started_at', ARGV[4], 'version', ARGV[5],
    'concurrency', ARGV[6], 'memory', ARGV[7], 'ready', ARGV[8], 'failed', ARGV[9], 'api', ARGV[10],
    'seen_at', at)
redis.call('PEXPIRE', KEYS[3], '86400000')
return lost
