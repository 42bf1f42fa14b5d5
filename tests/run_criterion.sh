#!/bin/sh
# run_criterion.sh PROGRAM [ARGUMENT...] - runs a Criterion program by run_watched.sh, and fails where
# Criterion by itself would not:
#   - no test ran at all ("Tested: 0" exits with 0);
#   - a test leaked or tripped a sanitizer (a leak alone leaves the test passing);
#   - the closing line is missing, so nobody knows what ran.
# Skipped tests are named at the end.
set -u

if [ $# -lt 1 ]; then
    echo "usage: run_criterion.sh PROGRAM [ARGUMENT...]" >&2
    exit 2
fi

directory=$(mktemp -d "${TMPDIR:-/tmp}/reelq-test-XXXXXX") || exit 2
trap 'rm -rf "$directory"' EXIT
trap 'exit 130' INT TERM HUP PIPE

{
    "${0%/*}/run_watched.sh" "$@" --tap="$directory/tap" 2>&1
    echo $? >"$directory/status"
} | tee "$directory/output"
status=$(cat "$directory/status")

fail() {
    echo "run_criterion: $1" >&2
    [ "$status" -ne 0 ] || status=1
}

# The closing line, without colours: [====] Synthesis: Tested: 12 | Passing: 12 | ...
escape=$(printf '\033')
plain=$(sed "s/$escape\[[0-9;]*m//g" "$directory/output")
tested=$(printf '%s\n' "$plain" | sed -n 's/.*Synthesis: Tested: \([0-9][0-9]*\).*/\1/p' | tail -n 1)
case "$tested" in
'') fail "no closing line: the program did not finish" ;;
0) fail "no test ran" ;;
esac

if grep -q '# SKIP' "$directory/tap" 2>/dev/null; then
    echo "run_criterion: skipped:"
    sed -n 's/^[a-z ]* - \(.*[^ ]\)  *# SKIP \(.*\)/    \1: \2/p' "$directory/tap"
fi
exit "$status"
