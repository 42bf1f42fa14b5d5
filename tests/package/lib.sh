# lib.sh - what the tests of the package share. To be sourced; sets `build`, `source` and `folder`,
# which is removed at the end.

build=$(cd "$1" && pwd)
source=$(cd "${0%/*}/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/reelq-package-XXXXXX") || exit 2

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

skip() {
    echo "skipped: $*"
    exit 77
}

# make_package - builds it from what is built: its path is in `package`.
make_package() {
    cpack --config "$build/CPackConfig.cmake" -B "$folder/cpack" >"$folder/cpack.log" 2>&1 ||
        fail "cpack: $(cat "$folder/cpack.log")"
    package=$(echo "$folder"/cpack/reelq_*.deb)
}
