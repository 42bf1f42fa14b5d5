#!/bin/sh
# The peers' measurement, with our own programs in their place: test_peers.sh BIN_DIR
set -u

bin=$1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/reelq-peers-XXXXXX") || exit 2
trap 'rm -rf "$folder"' EXIT
PATH=$bin:$PATH
TMPDIR=$folder/tmp
export PATH TMPDIR
mkdir "$TMPDIR" "$folder/peers" "$folder/none"
for name in webhook_fastapi.py webhook_fastify.mjs webhook_nginx.sh worker_bullmq.mjs; do
    ln -s "$here/fake_peer.sh" "$folder/peers/$name"
done
failed=0

# expect WHAT STATUS TEXT ARGUMENT... - runs reelq-bench.
expect() {
    what=$1 wanted=$2 text=$3
    shift 3
    "$bin/reelq-bench" --quick "$@" >"$folder/said" 2>&1
    status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -- "$text" "$folder/said"; then
        echo "$what: status $status, not $wanted with '$text':"
        cat "$folder/said"
        failed=1
    fi
}

# row TEXT FIELD... - the last table has this row, with figures where FIELD is 1 and none where it
# is 0.
row() {
    found=$(sed -n "s/^  $1  *//p" "$folder/said")
    shift
    shape=$(echo "$found" | sed 's/[0-9][0-9.]*/1/g; s/-/0/g; s/  */ /g')
    if [ "$shape" != "$*" ]; then
        echo "a row is '$found', not of the shape '$*':"
        cat "$folder/said"
        failed=1
    fi
}

expect "all kinds" 0 "fastify: fake 1.0" --peers "$folder/peers" fastify nginx bullmq
row "fastify, ioredis with autopipelining" 1 1 1 1
row "limit: nginx, nothing stored" 1 0 1 1
row "BullMQ, 50 at once: a call" 1 1 1 1
expect "a peer that cannot run" 2 "fastapi cannot run here. scripts/bench --peers installs what it needs: Debian's python3-fastapi" \
    --peers "$folder/peers" nginx fastapi
expect "a peer that is not there" 2 "nginx cannot run here. scripts/bench --peers installs what it needs: Debian" \
    --peers "$folder/none" nginx
expect "a peer without a folder" 2 "'nginx' is a peer: it needs --peers" nginx
touch "$folder/peers/loses"
expect "a peer that stores nothing" 2 "fastify: 0 of 7000 callbacks are in Redis" \
    --peers "$folder/peers" fastify
rm "$folder/peers/loses"

# Processes of a run, by the folder that it gives them.
left() {
    grep -lF "TMPDIR=$TMPDIR/reelq-bench-" /proc/[0-9]*/environ 2>/dev/null
    ls -A "$TMPDIR"
}

# Told to end, it ends at once, and no process and no folder stays; the kernel may take a moment.
"$bin/reelq-bench" --peers "$folder/peers" fastify >"$folder/said" 2>&1 &
bench=$!
rounds=0
until ls "$TMPDIR"/reelq-bench-*/reelq-redis-*/redis.sock >/dev/null 2>&1 || [ $rounds -eq 200 ]; do
    rounds=$((rounds + 1))
    sleep 0.05
done
kill -TERM "$bench"
wait "$bench"
status=$?
moments=0
while [ -n "$(left)" ] && [ $moments -lt 40 ]; do
    moments=$((moments + 1))
    sleep 0.05
done
if [ "$status" -ne 130 ] || [ -n "$(left)" ] || [ $rounds -eq 200 ]; then
    echo "interrupted: status $status after $rounds rounds, left: $(left)"
    cat "$folder/said"
    failed=1
fi
exit "$failed"
