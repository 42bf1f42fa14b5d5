# programs.sh - starts programs in the background, looks after them, stops them. To be sourced; the
# caller sets `directory`, where their logs go, and has `fail MESSAGE...`, which ends the script.

pids=()  # in the order of starting
names=() # of the same programs

alive() {
    kill -0 "$1" 2>/dev/null
}

# start NAME COMMAND... - in a session of its own: Ctrl-C is for the script, which stops the programs
# in a good order.
start() {
    local name=$1
    shift
    : >"$directory/$name.log"
    setsid "$@" >>"$directory/$name.log" 2>&1 </dev/null &
    pids+=("$!")
    names+=("$name")
}

# Fails when a program has ended by itself.
check_programs() {
    local i
    for i in "${!pids[@]}"; do
        alive "${pids[i]}" && continue
        echo >&2
        tail -n 20 "$directory/${names[i]}.log" >&2
        fail "${names[i]} has ended; above is the end of its log"
    done
}

# wait_until WHAT COMMAND... - until the command succeeds, at most 10 seconds.
wait_until() {
    local what=$1 deadline=$((SECONDS + 10))
    shift
    until "$@"; do
        check_programs
        [ $SECONDS -lt $deadline ] || fail "$what has not come within 10 seconds"
        sleep 0.05
    done
}

# The last one started is stopped first; one that takes over 3 seconds is killed.
stop_programs() {
    local i round
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill -TERM "${pids[i]}" 2>/dev/null || continue
        for ((round = 0; round < 60; round++)); do
            alive "${pids[i]}" || break
            sleep 0.05
        done
        kill -KILL "${pids[i]}" 2>/dev/null || true
    done
    wait
}
