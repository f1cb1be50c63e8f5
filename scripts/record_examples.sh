#!/usr/bin/env bash
# Records the traces of examples/ anew: nginx, redis and postgresql as Debian packages them, each used as in its life;
# drafts a ruleset from each, and tests it in the kernel.
#
#   scripts/record_examples.sh [NAME...]   as root, with landscribe on PATH; writes into examples/NAME
#
# Runs in namespaces of its own: ports, state and logs are there as a fresh machine has them, and gone afterwards.
# After it, `make examples` writes the notes. It is done rarely, and by hand: read the traces before you commit them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "${LANDSCRIBE_RECORDING-}" != inside ]; then
    exec env LANDSCRIBE_RECORDING=inside unshare --mount --propagation private --pid --fork --kill-child --mount-proc --net --uts --ipc -- "$0" "$@"
fi

PATH=$PATH:/usr/sbin:/sbin
checkout=$PWD
hostname example
ip link set lo up
[ $# -gt 0 ] || set -- nginx redis postgresql

fresh() { # OWNER:GROUP MODE DIR...   An empty directory in place of each.
    local dir
    for dir in "${@:3}"; do
        mkdir -p "$dir"
        mount -t tmpfs -o "mode=$2,uid=$(id -u "${1%:*}"),gid=$(getent group "${1#*:}" | cut -d: -f3)" example "$dir"
    done
}
until_works() { timeout 60 sh -c "until $1; do sleep 0.1; done" >/dev/null 2>&1; }
record() { # NAME RUN COMMAND...   In the background; its process is $!.
    mkdir -p "examples/$1"
    (cd / && exec landscribe record --replace -o "$checkout/examples/$1" --run "${@:2}") &
}
draft() { # NAME RUN FILE
    (cd "examples/$1" && landscribe draft "$2.trace" --service "$1" --offline -o "$3") || [ $? = 10 ]
}
prove() { # NAME OPTIONS... -- COMMAND...   The two-sided test, as the notes take it.
    (cd / && landscribe test "$checkout/examples/$1/$1.toml" -o "$checkout/examples/$1/test.json" "${@:2}")
}

nginx() {
    fresh root:root 755 /run
    fresh root:adm 755 /var/log/nginx
    local page='curl -sf -o /dev/null http://127.0.0.1/'
    record nginx nginx -- /usr/sbin/nginx -g 'daemon off;'
    local recorder=$! workers
    until_works "$page"
    curl -s -o /dev/null http://127.0.0.1/not-there
    mv /var/log/nginx/access.log /var/log/nginx/access.log.1
    kill -USR1 "$(cat /run/nginx.pid)"
    until_works '[ -e /var/log/nginx/access.log ]'
    workers=$(pgrep -P "$(cat /run/nginx.pid)" | sort | tr '\n' ' ')
    kill -HUP "$(cat /run/nginx.pid)"
    until_works "! kill -0 $workers"
    until_works "$page"
    kill -QUIT "$(cat /run/nginx.pid)"
    wait "$recorder"
    draft nginx nginx nginx.toml
    prove nginx --check "$page" -- /usr/sbin/nginx -g 'daemon off;'
}

redis() {
    fresh redis:redis 750 /var/lib/redis /var/log/redis
    fresh root:root 755 /run
    install -d -o redis -g redis -m 2755 /run/redis
    local command=(/usr/bin/redis-server /etc/redis/redis.conf --daemonize no --supervised no)
    # The version before: drafted from a cache that never saves.
    record redis before --user redis -- "${command[@]}"
    local recorder=$!
    until_works 'redis-cli ping'
    redis-cli shutdown nosave
    wait "$recorder"
    draft redis before before.toml
    rm examples/redis/before.{trace,json}

    record redis redis --user redis -- "${command[@]}"
    recorder=$!
    until_works 'redis-cli ping'
    redis-cli set answer 42 >/dev/null
    redis-cli save >/dev/null
    redis-cli bgrewriteaof >/dev/null
    until_works 'redis-cli info persistence | grep -q aof_rewrite_in_progress:0'
    redis-cli shutdown save
    wait "$recorder"
    draft redis redis redis.toml
    prove redis --user redis --check 'redis-cli set answer 42 && redis-cli save' -- "${command[@]}"
}

postgresql() {
    fresh postgres:postgres 755 /var/lib/postgresql /etc/postgresql
    fresh root:postgres 1775 /var/log/postgresql
    fresh root:root 755 /run
    install -d -o postgres -g postgres -m 2775 /run/postgresql
    pg_createcluster 15 main >/dev/null 2>&1
    local bin=/usr/lib/postgresql/15/bin main=/var/lib/postgresql/15/main etc=/etc/postgresql/15/main
    local command=($bin/postgres -D $main -c config_file=$etc/postgresql.conf) use='runuser -u postgres -- psql -q'
    record postgresql postgresql --user postgres -- "${command[@]}"
    local recorder=$!
    until_works "$use -c 'select 1'"
    $use -c 'create table t (n int)' -c 'insert into t values (1)' -c 'checkpoint' -c 'select pg_reload_conf()' \
        -c 'vacuum t' >/dev/null
    kill -INT "$(head -n 1 $main/postmaster.pid)"
    wait "$recorder"
    draft postgresql postgresql postgresql.toml
    prove postgresql --user postgres --check "$use -c 'insert into t values (2)'" -- "${command[@]}"
}

for name in "$@"; do
    "$name"
    .venv/bin/python scripts/make_examples.py --look "$name"
    # What this kernel was built for is nobody's business; its version is.
    sed -i "s/$(uname -r)/$(uname -r | grep -o '^[0-9]*\.[0-9]*')/g" "examples/$name"/*.{json,toml}
    chmod 644 "examples/$name"/*.{json,toml,trace}
done
