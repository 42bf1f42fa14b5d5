#!/usr/bin/env bash
# test_systemd.sh BUILD - the package under a systemd of its own: in namespaces, over a copy on write of
# this machine's root, with a private network. Installed, started with eight workers, restarted under
# load, hung, upgraded, removed.
set -euo pipefail
# shellcheck source=tests/package/lib.sh
. "${0%/*}/lib.sh"
space='' groups=()
# All of its processes end with its first one, though not at once.
cleanup() {
    local group i
    [ -z "$space" ] || { kill -KILL "$space" && wait "$space"; } 2>/dev/null || true
    for group in "${groups[@]}"; do
        for ((i = 0; i < 100; i++)); do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.05
        done
    done
    rm -rf --one-file-system "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

for program in /lib/systemd/systemd unshare nsenter cpack dpkg redis-server curl; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done
[ "$(id -u)" -eq 0 ] || skip "needs to be root"

# ---- A machine ----------------------------------------------------------------------------------

# Processes that systemd starts get cgroups: below one of this test, in each hierarchy.
make_groups() {
    local line path group
    while IFS=: read -r _ line path; do
        group=/sys/fs/cgroup/${line#name=}
        [ -n "$line" ] || { group=/sys/fs/cgroup/unified && [ -d $group ] || group=/sys/fs/cgroup; }
        group=$group${path%/}/reelq-test-$$
        mkdir "$group" 2>/dev/null || continue
        groups+=("$group")
    done </proc/self/cgroup
    [ ${#groups[@]} -gt 0 ]
}

# The first process there. What it mounts is gone with its namespace.
boot() {
    for group in "${groups[@]}"; do
        echo "$BASHPID" >"$group/cgroup.procs" 2>/dev/null || true
    done
    # shellcheck disable=SC2016 # it is for the inner shell
    exec setpriv --pdeathsig KILL unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child bash -ec '
        mount --make-rprivate /
        mkdir "$0/space" "$0/root"
        mount -t tmpfs tmpfs "$0/space"
        mkdir "$0/space/upper" "$0/space/work"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$0/space/upper,workdir=$0/space/work" "$0/root"
        cd "$0/root"
        mkdir -p opt/reelq-test old
        cp "$0"/cpack/reelq_*.deb "$1"/reelq-sandbox "$1"/callback-client opt/reelq-test
        mount -t proc proc proc
        mount -t tmpfs tmpfs run
        mount -t tmpfs tmpfs tmp
        mount --rbind /sys sys
        mount --rbind /dev dev
        ip link set lo up
        rm -rf etc/systemd/system/*.wants etc/credstore etc/reelq
        printf "[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n" \
            >etc/systemd/system/reelq-test.target
        for unit in systemd-udevd systemd-udev-trigger systemd-logind systemd-networkd \
            systemd-resolved systemd-journal-flush systemd-timesyncd; do
            ln -sf /dev/null "etc/systemd/system/$unit.service"
        done
        pivot_root . old
        umount -l /old
        mount --make-rshared /
        exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            /lib/systemd/systemd --unit=reelq-test.target --log-target=console' "$folder" "$build/bin"
}

# there COMMAND... - in the machine, by a shell.
there() {
    nsenter -t "$first" -a -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        bash -c "cd /opt/reelq-test; $1" </dev/null
}

# until_there WHAT COMMAND - at most 20 s.
until_there() {
    local deadline=$((SECONDS + 20))
    until there "$2" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] ||
            fail "$1: $(there 'journalctl --no-pager -n 60 -u "reelq-*"' 2>&1)"
        sleep 0.1
    done
}

expect() {
    there "$2" >"$folder/out" 2>&1 ||
        fail "$1: $(cat "$folder/out"; there 'journalctl --no-pager -n 60 -u "reelq-*"' 2>&1)"
}

make_package
make_groups || skip "no cgroups can be made here"
boot >"$folder/boot.log" 2>&1 </dev/null &
space=$!
first=
: >"$folder/out"
for ((i = 0; i < 100; i++)); do
    kill -0 "$space" 2>/dev/null || skip "no systemd can be started here: $(tail -n 3 "$folder/boot.log")"
    first=$(cat "/proc/$space/task/$space/children" 2>/dev/null) && first=${first%% *}
    [ -z "$first" ] || ! there 'systemctl is-system-running --wait' >"$folder/out" 2>&1 || break
    ! grep -q degraded "$folder/out" || break
    sleep 0.1
done
grep -Eq 'running|degraded' "$folder/out" || skip "systemd does not start here: $(cat "$folder/out")"

# ---- Install and start --------------------------------------------------------------------------

SECRET=service-test-secret-0123
expect "install" 'dpkg -i reelq_*.deb'
there 'redis-server --port 6379 --daemonize yes --dir /tmp --save "" && ./reelq-sandbox --listen 127.0.0.1:8090 >/tmp/sandbox.log 2>&1 &'
there 'printf "VIDEO_DB_BASE_URL=http://127.0.0.1:8090\nREELQ_PUBLIC_URL=http://127.0.0.1:8080\n" >>/etc/reelq/reelq.env'
! there 'systemctl start reelq-worker@1' 2>/dev/null || fail "a worker without a key has started"
expect "the reason" 'journalctl --no-pager -u reelq-worker@1 | grep -q "VIDEO_DB_API_KEY is not set"'
there "install -d -m 700 /etc/credstore && umask 077 && echo sk-test >/etc/credstore/reelq-worker.api-key &&
    echo $SECRET >/etc/credstore/reelq.callback-secret"
expect "start" 'systemctl enable --now reelq-webhook reelq-worker@{1..8}'
for i in 1 8; do
    expect "worker $i is ready" "curl -sf 127.0.0.$i:9091/readyz"
done
expect "status" '[ "$(systemctl show -P StatusText reelq-worker@3)" = "connected to Redis" ]'
expect "no privileges" '! grep -q "^CapEff:.*[1-9a-f]" "/proc/$(systemctl show -P MainPID reelq-webhook)/status"'

# ---- Work, while the webhook is restarted -------------------------------------------------------

there "url=http://127.0.0.1:8080\$(./callback-client target $SECRET load); for i in 1 2 3 4; do
    (until [ -e /tmp/enough ]; do
        curl -s -m 20 -o /dev/null -w '%{http_code}\n' -d '{\"success\":true}' \"\$url\"; done) >/tmp/load.\$i &
done" >/dev/null 2>&1
there 'for i in {1..20}; do redis-cli LPUSH reelq:tasks \
    "{\"id\":\"v$i\",\"url\":\"https://example.com/$i.mp4\",\"batch\":\"b\",\"batch_size\":20}"; done' >/dev/null
for i in 1 2 3; do
    answers=$(there 'cat /tmp/load.* | wc -l')
    until_there "answers" "[ \$(cat /tmp/load.* | wc -l) -gt $((answers + 20)) ]"
    expect "restart" 'systemctl restart reelq-webhook'
done
until_there "the batch is ready" '[ "$(redis-cli HGET reelq:batch:b ready)" = 20 ]'
there 'touch /tmp/enough'
until_there "the clients end" '! pgrep -x curl'
there 'cat /tmp/load.*' | sort | uniq -c
[ "$(there 'cat /tmp/load.*' | sort -u)" = 200 ] || fail "not every callback was answered 200"

# ---- A Redis that goes; a loop that hangs -------------------------------------------------------

there 'redis-cli shutdown nosave' || true
until_there "spooled" "[ \"\$(curl -s -o /dev/null -w '%{http_code}' -d '{\"success\":true}' \
    \"http://127.0.0.1:8080\$(./callback-client target $SECRET spooled)\")\" = 200 ] &&
    ls /var/lib/reelq-webhook/*.spool"
there 'redis-server --port 6379 --daemonize yes --dir /tmp --save ""' >/dev/null
until_there "back" '[ "$(systemctl show -P StatusText reelq-webhook)" = "connected to Redis" ]'

there 'mkdir -p /run/systemd/system/reelq-worker@2.service.d
    printf "[Service]\nWatchdogSec=1\nRestartSec=100ms\n" >/run/systemd/system/reelq-worker@2.service.d/test.conf
    systemctl daemon-reload && systemctl restart reelq-worker@2'
there 'kill -STOP $(systemctl show -P MainPID reelq-worker@2)'
until_there "the watchdog" '[ "$(systemctl show -P NRestarts reelq-worker@2)" = 1 ] && systemctl is-active reelq-worker@2'

# ---- Upgrade and removal ------------------------------------------------------------------------

pids='systemctl show -P MainPID reelq-webhook reelq-worker@1 reelq-worker@8 | xargs'
before=$(there "$pids")
expect "upgrade" 'dpkg -i reelq_*.deb'
expect "all of them run" 'systemctl is-active reelq-webhook reelq-worker@{1..8}'
for pid in $(there "$pids"); do
    [[ " $before " != *" $pid "* ]] || fail "process $pid was not restarted by the upgrade"
done
expect "removal" 'dpkg -r reelq'
! there 'pgrep -x reelq-webhook || pgrep -x reelq-worker' || fail "they still run"
! there 'systemctl list-unit-files | grep reelq-[wW]' || fail "units are left"
echo "the package works under $(systemctl --version | head -n 1)"
