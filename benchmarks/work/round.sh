#!/bin/sh
# Repeats works until PLACE/stop exists, at least once, each round from scratch in the same directory, as rebuilds are.
#
#   round.sh PLACE WORK...      PLACE holds what benchmarks/recording.py prepared
place=$1
shift
here=$(dirname "$0")
round=0
while [ "$round" = 0 ] || ! [ -e "$place/stop" ]; do
    round=$((round + 1))
    mkdir "$place/round-1" || exit 1
    for work in "$@"; do
        sh "$here/$work.sh" "$place" "$place/round-1" >/dev/null 2>&1 || echo "$work" >>"$place/failed"
    done
    rm -rf "$place/round-1"
    echo "$round" >"$place/rounds"
done
