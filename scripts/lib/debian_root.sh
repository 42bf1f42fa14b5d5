# debian_root.sh - makes a root folder with a Debian of its own. To be sourced; the caller has
# `fail MESSAGE...`, which ends the script.

# That is what `apt-get update` has learned.
known_mirror() {
    # shellcheck disable=SC2016 # apt-get puts in the value
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' |
        sort -u | head -n 1 | grep .
}

debian_mirror() {
    known_mirror && return
    apt-get -q update >/dev/null
    known_mirror || fail "apt knows no mirror of Debian here"
}

# make_debian_root SUITE FOLDER [COMMAND...] - by debootstrap, from the mirror that apt uses here, and
# with its way there. What it runs is put behind COMMAND.
make_debian_root() {
    local suite=$1 root=$2 uri
    shift 2
    if ! command -v debootstrap >/dev/null; then
        apt-get -q update && apt-get -q install -y --no-install-recommends debootstrap
    fi
    uri=$(debian_mirror) || exit
    rm -rf "$root" "$root.new"
    "$@" debootstrap --variant=minbase "$suite" "$root.new" "$uri" || fail "debootstrap failed"
    apt-config dump | grep -E '^Acquire::.*(Proxy|CaInfo)' >"$root.new/etc/apt/apt.conf.d/90host" || true
    mv "$root.new" "$root"
}
