#!/bin/sh
# A Redis server that keeps what it is told, under load from twenty clients.   redis.sh PLACE ROUND
set -e
socket=$2/redis.sock
redis-server --port 0 --unixsocket "$socket" --dir "$2" --appendonly yes --save '1 100' --daemonize no &
trap 'redis-cli -s "$socket" shutdown' EXIT
until redis-cli -s "$socket" ping | grep -q PONG; do sleep 0.1; done
redis-benchmark -s "$socket" -q -c 20 -n "${REQUESTS:-400}" -t set,get,incr,lpush,mset
redis-cli -s "$socket" bgrewriteaof
redis-cli -s "$socket" --scan --pattern 'key:*'
redis-cli -s "$socket" bgsave
