-- The fields of a record that a worker decides by, with the time of Redis.
-- KEYS  task
-- ARGV  -
-- Returns {now, fields in the order of read_record()}; state is nil when there is no such task.
-- Twice: only reads.
return {int(now_ms()), unpack(read_record(KEYS[1]), 1, RUN_OF - 1)}
