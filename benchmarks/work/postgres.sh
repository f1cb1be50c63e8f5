#!/bin/sh
# A PostgreSQL server under load: a connection for each transaction, four clients at once.
#
#   postgres.sh PLACE ROUND     PLACE/cluster was made by initdb
set -e
bin=$(dirname "$(readlink -f "$(command -v postgres || echo /usr/lib/postgresql/*/bin/postgres)")")
as="setpriv --reuid=postgres --regid=postgres --clear-groups"
[ "$(id -u)" = 0 ] || as=
cd "$1/cluster"
$as "$bin/pg_ctl" -D "$1/cluster" -w -o "-k $1/cluster -c listen_addresses=''" -l "$1/cluster/log" start
trap '$as "$bin/pg_ctl" -D "$1/cluster" -m fast -w stop' EXIT
$as "$bin/pgbench" -h "$1/cluster" -i -q postgres
$as "$bin/pgbench" -h "$1/cluster" -c 4 -j 2 -C -t "${TRANSACTIONS:-150}" postgres
