#!/usr/bin/env bash
# Clicks through the dashboard in headless Chromium: run.sh BIN_DIR WORK_DIR [SCRIPT [ARGUMENT...]]
# What drives Chromium is installed into WORK_DIR, once; SCRIPT (dashboard.mjs) then runs there.
# Exit codes: 0 good, 1 bad, 77 skipped because Chromium, Node.js or the package cannot be had here.
# With CI=true nothing is skipped.
set -euo pipefail

bin=$(realpath "$1") work=$2 script=${3:-dashboard.mjs}
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    if [ "${CI:-}" = true ]; then
        echo "failed: $1"
        exit 1
    fi
    echo "skipped: $1"
    exit 77
}

for program in node npm redis-server redis-cli "${CHROMIUM:-chromium}"; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done
node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || skip "Node.js is older than 18"

# Two runs at once would install into the same folder.
mkdir -p "$work"
exec 9>"$work/.lock"
flock 9
cp "$here"/*.mjs "$here"/package*.json "$work/"
if ! cmp -s "$work/package-lock.json" "$work/node_modules/.installed"; then
    npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund >"$work/npm.log" 2>&1 </dev/null ||
        skip "npm cannot install playwright-core, see $work/npm.log"
    cp "$work/package-lock.json" "$work/node_modules/.installed"
fi
exec 9>&-
CHROMIUM=$(command -v "${CHROMIUM:-chromium}") exec node "$work/$script" "$bin" "${@:4}"
