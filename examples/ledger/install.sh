#!/bin/sh
# Lays the ledger service out beneath ROOT: install.sh ROOT [PORT]
set -eu
[ $# -ge 1 ] || { echo "usage: install.sh ROOT [PORT]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd -P)
mkdir -p "$1"
root=$(cd "$1" && pwd -P)
mkdir -p "$root/etc/ledger/conf.d" "$root/lib/ledger" "$root/var/lib/ledger" "$root/var/log/ledger" "$root/run/ledger"

cp "$here/ledgerd.py" "$root/lib/ledger/ledgerd.py"
if command -v cc >/dev/null; then
    cc -O2 -Wall -o "$root/lib/ledger/ledger-digest" "$here/ledger-digest.c"
else
    cp "$here/ledger-digest.sh" "$root/lib/ledger/ledger-digest"
    chmod 755 "$root/lib/ledger/ledger-digest"
fi

cat >"$root/etc/ledger/ledger.conf" <<CONF
[paths]
helper = $root/lib/ledger/ledger-digest
state = $root/var/lib/ledger
log = $root/var/log/ledger
run = $root/run/ledger
CONF
cat >"$root/etc/ledger/conf.d/10-server.conf" <<CONF
[server]
address = 127.0.0.1
port = ${2:-7979}
CONF
cat >"$root/etc/ledger/conf.d/20-log.conf" <<CONF
[log]
keep = 7
CONF
