# build.sh - builds what a script runs. To be sourced.

# build NAME PRESET TARGET... - false when it fails; the end of what it printed is then shown. All of
# that is in $build_log.
build() {
    build_log=build/logs/$1-build.log
    mkdir -p "${build_log%/*}"
    { cmake --preset "$2" && cmake --build --preset "$2" --target "${@:3}"; } \
        >"$build_log" 2>&1 </dev/null && return
    tail -n 60 "$build_log" >&2
    return 1
}
