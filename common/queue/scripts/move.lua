-- A live task goes to another waiting place: awaiting, delayed, the front of the queue, or the
-- questions.
-- KEYS  running, awaiting, delayed, tasks, events, seq, task, questions
-- ARGV  id, token, lapsed ('1': only if the lease has ended), target state, delay ms, mark ('@',
--       '?'; for 'queued'), name of a field that gets the time ('' for none), event ('' for none),
--       its detail, then field, value, ...
-- Returns 1, or 0 when the token or the lease is not what the writer thought.
-- Twice: the token has changed, nothing happens.
local id, target = ARGV[1], ARGV[4]
local state = holds(KEYS[7], ARGV[2], KEYS[1], id, ARGV[3])
if not state then return 0 end
local token, now, at = int(redis.call('INCR', KEYS[6])), now_ms()
if target == 'queued' then
    enqueue(KEYS[4], KEYS[8], id, ARGV[6], token)
else
    redis.call('ZADD', target == 'awaiting' and KEYS[2] or KEYS[3], int(now + ARGV[5]), id)
end
local moved = {'state', target, 'token', token}
if ARGV[7] ~= '' then moved[5], moved[6] = ARGV[7], at end
set_fields(KEYS[7], 10, #ARGV, unpack(moved))
if ARGV[8] ~= '' then step(KEYS[5], ARGV[8], id, ARGV[9], at) end
if state ~= target then leave(KEYS[1], KEYS[2], KEYS[3], state, id) end
return 1
