#!/usr/bin/env bash
# test_units.sh BUILD - systemd finds nothing wrong with the units, as cmake --install lays them, and
# exposes little by them.
set -euo pipefail
# shellcheck source=tests/package/lib.sh
. "${0%/*}/lib.sh"
trap 'rm -rf "$folder"' EXIT
command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"

cmake --install "$build" --prefix "$folder/usr" >"$folder/log" || fail "$(cat "$folder/log")"
cd "$folder/usr/lib/systemd/system"
for unit in reelq-webhook reelq-worker@; do
    grep -qx "ExecStart=$folder/usr/bin/${unit%@}" "$unit.service" || fail "$unit: not of the prefix"
done
cp reelq-worker@.service reelq-worker@3.service # an instance

found=$(systemd-analyze verify ./reelq-webhook.socket ./reelq-webhook.service \
    ./reelq-worker@3.service 2>&1) || fail "verify: $found"
[ -z "$found" ] || fail "verify: $found"

for unit in reelq-webhook.service reelq-worker@3.service; do
    systemd-analyze security --offline=true --threshold=20 --no-pager "./$unit" \
        >"$folder/security" 2>&1 || fail "$unit: $(cat "$folder/security")"
    grep Overall "$folder/security"
done

# What the units are given as settings, the programs take.
for program in webhook worker; do
    sed -n 's/^#\(REELQ_\)/\1/p' "$source/deploy/systemd/reelq.env" >"$folder/settings"
    [ -s "$folder/settings" ] || fail "reelq.env shows no setting"
    mapfile -t settings <"$folder/settings"
    env "${settings[@]}" VIDEO_DB_API_KEY=x "$folder/usr/bin/reelq-$program" --check-config \
        >"$folder/check" 2>&1 || fail "reelq.env: $(cat "$folder/check")"
done
