#!/bin/sh
# run_watched.sh PROGRAM [ARGUMENT...] - runs a program of the tests, and fails when a sanitizer, or
# valgrind, had something to say in it or in any process that it started, however each of them ended.
# With REELQ_VALGRIND set all of them run under valgrind, except for Redis. Temporary files go to a
# directory of their own, which is removed.
set -u

if [ $# -lt 1 ]; then
    echo "usage: run_watched.sh PROGRAM [ARGUMENT...]" >&2
    exit 2
fi

directory=$(mktemp -d "${TMPDIR:-/tmp}/reelq-test-XXXXXX") || exit 2
trap 'rm -rf "$directory"' EXIT
trap 'exit 130' INT TERM HUP PIPE
mkdir "$directory/tmp" "$directory/logs" || exit 2

logs=$directory/logs
ASAN_OPTIONS="abort_on_error=1:detect_leaks=1:log_path=$logs/asan${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
UBSAN_OPTIONS="print_stacktrace=1:log_path=$logs/ubsan${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
TMPDIR="$directory/tmp"
export ASAN_OPTIONS UBSAN_OPTIONS TMPDIR

if [ -n "${REELQ_VALGRIND:-}" ]; then
    set -- valgrind -q --trace-children=yes --trace-children-skip='*/redis-server,*/redis-cli' \
        --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        --log-file="$logs/valgrind.%p" "$@"
fi
"$@"
status=$?

for log in "$logs"/*; do
    if [ -s "$log" ]; then
        cat "$log" >&2
        echo "run_watched: a sanitizer, or valgrind, had something to say" >&2
        [ "$status" -ne 0 ] || status=1
    fi
done
exit "$status"
