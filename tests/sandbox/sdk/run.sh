#!/bin/sh
# Runs the official Node SDK against the sandbox: run.sh PROGRAM BUILD_DIR
# Exit codes: 0 good, 1 bad, 77 skipped because node, npm or the package cannot be had here. With
# CI=true nothing is skipped.
set -eu

program=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)
server=

skip()
{
    if [ "${CI:-}" = true ]; then
        echo "failed: $1"
        exit 1
    fi
    echo "skipped: $1"
    exit 77
}

stop_server()
{
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || true
    fi
}

command -v node >/dev/null || skip "node is not installed"
command -v npm >/dev/null || skip "npm is not installed"

mkdir -p "$work"
cp "$here/package.json" "$work/"
cd "$work"
if ! cmp -s package.json node_modules/.installed; then
    npm install --ignore-scripts --no-package-lock --no-audit --no-fund >npm.log 2>&1 ||
        skip "npm cannot install the SDK, see $work/npm.log"
    cp package.json node_modules/.installed
fi

[ -p ready ] || mkfifo ready
"$program" --listen 127.0.0.1:0 --ready-file "$work/ready" --upload-time 50 --index-time 50 &
server=$!
trap stop_server EXIT
address=$(timeout 10 head -n 1 ready) || { echo "failed: the sandbox did not start"; exit 1; }

node "$here/check.js" "http://$address"

kill "$server"
wait "$server"
server=
