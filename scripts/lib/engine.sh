# engine.sh - a container engine of one's own: it knows no images but those made here, and touches
# nothing of the machine. Its network, its processes and what it mounts are in namespaces of their
# own, so that they are gone with its first process. To be sourced; the caller has `fail MESSAGE...`,
# which ends the script, and sets `directory`, a temporary folder, and `store`, where images are kept.

engine_space=
engine_groups=reelq-engine-$$ # its control groups

# The first process in there. It sees the bridges of its network in /sys, and the groups of all.
# shellcheck disable=SC2016 # it is for the inner shell
engine_init='
    mount --make-rprivate / && mount -t proc proc /proc || exit 1
    if [ "$1" = own ]; then
        ip link set lo up || exit 1
        mkdir -p "$0/groups" && mount --rbind /sys/fs/cgroup "$0/groups" &&
            mount -t sysfs sysfs /sys && mount --rbind "$0/groups" /sys/fs/cgroup || exit 1
    fi
    shift
    "$@" &
    trap "kill -TERM $!" TERM
    wait $! || wait $!'

engine_first() {
    pgrep -P "$engine_space" | head -n 1
}

engine_answers() {
    docker info >/dev/null 2>&1
}

# engine_start own|host - with a network of its own, to run containers; or with the host's and none
# for containers, to build images with the host's way to packages.
engine_start() {
    local options=(--host "unix://$directory/engine.sock" --data-root "$store/engine"
        --exec-root "$directory/exec" --pidfile "$directory/engine.pid"
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "$engine_groups")
    local net=() round
    if [ "$1" = own ]; then
        net=(--net)
        options+=(--bip 10.213.0.1/24 --default-address-pool base=10.214.0.0/16,size=24)
    else
        options+=(--bridge none --iptables=false)
    fi
    export DOCKER_HOST=unix://$directory/engine.sock
    # What a run that was killed has left is not started again.
    rm -rf "$store/engine/containers" "$store/engine/volumes" "$store/engine/network"
    rm -f "$directory/engine.pid"
    # A session of its own: Ctrl-C is for the script, which stops it; a script that is killed takes it
    # along.
    setsid setpriv --pdeathsig KILL unshare --mount --pid "${net[@]}" --fork --kill-child \
        bash -c "$engine_init" "$directory" "$1" dockerd "${options[@]}" \
        >>"$directory/engine.log" 2>&1 </dev/null 9>&- &
    engine_space=$!
    for ((round = 0; round < 300; round++)); do
        engine_answers && return
        kill -0 "$engine_space" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 5 "$directory/engine.log" >&2
    fail "no container engine runs on this machine (it needs root, namespaces, cgroups, overlayfs and" \
        "iptables); above is the end of its log"
}

# in_engine_network COMMAND... - where the ports are that it publishes.
in_engine_network() {
    nsenter --net="/proc/$(engine_first)/ns/net" "$@"
}

# engine_stop [now] - what is there goes with it; in an order that lets it write down what it knows,
# or at once.
engine_stop() {
    local round
    [ -n "$engine_space" ] || return 0
    [ "${1:-}" = now ] || kill -TERM "$(engine_first)" 2>/dev/null || true
    for ((round = 0; round < 200; round++)); do
        [ "${1:-}" != now ] || break
        kill -0 "$engine_space" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$engine_space" 2>/dev/null || true
    wait "$engine_space" 2>/dev/null || true
    engine_space=
    find /sys/fs/cgroup -depth -type d \( -path "*/$engine_groups" -o -path "*/$engine_groups/*" \) -exec rmdir {} + 2>/dev/null || true
}
