#!/usr/bin/env bash
# test_deploy.sh SOURCES - the alert rules by promtool, and the dashboard: it is JSON, its panels do
# not overlap, and promtool can read what they ask for. Without promtool or node it is skipped.
set -euo pipefail

for tool in promtool node; do
    command -v "$tool" >/dev/null || { echo "no $tool: scripts/install-deps test"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# rules DASHBOARD - its expressions as rules; fails when it is not what Grafana takes.
rules() {
    node - "$1" <<'END'
const { panels, title, uid } = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const fail = (why) => { console.error(`${process.argv[2]}: ${why}`); process.exit(1); };
if (!title || !uid || new Set(panels.map((p) => p.id)).size !== panels.length) fail('title, uid, ids');
const taken = new Map();
for (const { id, gridPos: { x, y, w, h } } of panels)
  for (let i = 0; i < w * h; i++) {
    const cell = `${x + (i % w)} ${y + Math.floor(i / w)}`;
    if (x + w > 24 || taken.has(cell)) fail(`panel ${id} overlaps ${taken.get(cell)}`);
    taken.set(cell, id);
  }
const asked = panels.flatMap((p) => (p.targets ?? []).map((t) => t.expr.replaceAll('$__rate_interval', '5m')));
if (asked.length === 0) fail('nothing is asked');
console.log(JSON.stringify({ groups: [{ name: 'dashboard', rules: asked.map((expr, i) => ({ record: `r${i}`, expr })) }] }));
END
}

# refuses DASHBOARD - whether it is found out.
refuses() {
    ! { rules "$1" >"$folder/bad.yml" && promtool check rules --lint=none "$folder/bad.yml"; } >/dev/null 2>&1 ||
        { echo "$1 was accepted"; exit 1; }
}

promtool check rules "$1/deploy/alerts.yml"
promtool test rules "$1/tests/deploy/alerts_test.yml"
rules "$1/deploy/grafana.json" >"$folder/dashboard.yml"
promtool check rules --lint=none "$folder/dashboard.yml"

sed 's/max(reelq/max((reelq/' "$1/deploy/grafana.json" >"$folder/expression.json"
sed 's/"x": 8,/"x": 7,/' "$1/deploy/grafana.json" >"$folder/overlap.json"
sed '$d' "$1/deploy/grafana.json" >"$folder/cut.json"
for fault in expression overlap cut; do refuses "$folder/$fault.json"; done
