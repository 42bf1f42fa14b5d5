#!/usr/bin/env bash
# test_package.sh BUILD - the Debian package is made, and installed, upgraded, removed and purged in a
# root folder of its own, where the packages of this machine count as installed.
set -euo pipefail
# shellcheck source=tests/package/lib.sh
. "${0%/*}/lib.sh"
trap 'rm -rf "$folder"' EXIT
for program in cpack dpkg dpkg-deb dpkg-shlibdeps file; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done
[ "$(id -u)" -eq 0 ] || skip "needs to be root"

make_package
depends=$(dpkg-deb -f "$package" Depends)
for name in libc6 libcurl libhiredis libevent-core ca-certificates; do
    [[ $depends == *$name* ]] || fail "does not depend on $name: $depends"
done
[ "$(dpkg-deb -f "$package" Version)" = "$("$build/bin/reelq-worker" --version | cut -d' ' -f2)" ] ||
    fail "another version than the programs"
! dpkg-deb -c "$package" | grep -v ' root/root ' || fail "not root's"

root=$folder/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/etc/systemd/system"
cp /var/lib/dpkg/status "$root/var/lib/dpkg/status"
[ ! -e /var/lib/dpkg/arch ] || cp /var/lib/dpkg/arch "$root/var/lib/dpkg/arch"

# Its scripts run here, and are told where the root is. The index of what belongs to whom is not there.
in_root() {
    dpkg --root="$root" --force-script-chrootless --log="$folder/dpkg.log" "$@" \
        >"$folder/dpkg.out" 2>&1 || fail "dpkg $*: $(cat "$folder/dpkg.out")"
}

status() {
    dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${db:Status-Status}' reelq 2>/dev/null || true
}

in_root -i "$package"
[ "$(status)" = installed ] || fail "is $(status), not installed"
for program in reelq reelq-webhook reelq-worker; do
    "$root/usr/bin/$program" --version >/dev/null || fail "$program does not run"
done
for file in usr/lib/systemd/system/reelq-webhook.service usr/lib/systemd/system/reelq-webhook.socket \
    usr/lib/systemd/system/reelq-worker@.service usr/share/doc/reelq/operations.md \
    usr/share/reelq/redis.acl usr/share/reelq/redis.conf usr/share/man/man1/reelq.1 \
    usr/share/man/man8/reelq-webhook.8 usr/share/man/man8/reelq-worker.8 \
    usr/share/bash-completion/completions/reelq usr/share/zsh/vendor-completions/_reelq \
    usr/share/fish/vendor_completions.d/reelq.fish; do
    [ "$(stat -c %a "$root/$file")" = 644 ] || fail "$file: $(stat -c %A "$root/$file" 2>&1)"
done

# The operator's work outlives an upgrade, and a removal but for what is started.
systemctl --root="$root" enable reelq-webhook.service reelq-worker@{1..8} >/dev/null 2>&1
[ "$(find "$root/etc/systemd/system" -name 'reelq-*' | wc -l)" = 10 ] || fail "not enabled"
echo 'REELQ_CONCURRENCY=4' >>"$root/etc/reelq/reelq.env"
mkdir -p "$root/var/lib/private/reelq-webhook"
touch "$root/var/lib/private/reelq-webhook/1.spool"
in_root -i "$package"
grep -q '^REELQ_CONCURRENCY=4' "$root/etc/reelq/reelq.env" || fail "the settings are gone"
[ "$(find "$root/etc/systemd/system" -name 'reelq-*' | wc -l)" = 10 ] || fail "not enabled any more"

in_root -r reelq
[ "$(status)" = config-files ] || fail "is $(status), not removed"
left=$(find "$root" -name '*reelq*' -not -path '*/dpkg/*' | sed "s,^$root,," | sort | paste -sd ' ')
[ "$left" = "/etc/reelq /etc/reelq/reelq.env /var/lib/private/reelq-webhook" ] || fail "left: $left"
in_root -P reelq
left=$(find "$root" -name '*reelq*' -not -path '*/dpkg/*')
[ -z "$left" ] || fail "left after the purge: $left"
