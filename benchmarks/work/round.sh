#!/bin/sh
# Repeats works, each round in a directory of its own, until PLACE/stop exists.
#
#   round.sh PLACE WORK...      PLACE holds what benchmarks/recording.py prepared
place=$1
shift
here=$(dirname "$0")
round=0
while ! [ -e "$place/stop" ]; do
    round=$((round + 1))
    mkdir "$place/round-$round" || exit 1
    for work in "$@"; do
        sh "$here/$work.sh" "$place" "$place/round-$round" >/dev/null 2>&1 || echo "$work" >>"$place/failed"
    done
    rm -rf "$place/round-$round"
    echo "$round" >"$place/rounds"
done
