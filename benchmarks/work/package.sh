#!/bin/sh
# Builds a Debian package from a directory, installs it below a root of its own, looks at it, removes it.
#
#   package.sh PLACE ROUND
set -e
root=$2/root
mkdir -p "$2/package/DEBIAN" "$2/package/usr/lib" "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
: >"$root/var/lib/dpkg/status"
cp -r "$1/library" "$2/package/usr/lib/example"
printf 'Package: example\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: x\n' \
    >"$2/package/DEBIAN/control"
dpkg-deb -Znone --root-owner-group --build "$2/package" "$2/example.deb"
dpkg --force-not-root --force-bad-path --root="$root" --install "$2/example.deb"
dpkg --root="$root" --listfiles example
dpkg --root="$root" --verify example
dpkg --force-not-root --force-bad-path --root="$root" --purge example
