#!/bin/sh
# Unpacks a source tree and builds it with two jobs.   compile.sh PLACE ROUND
set -e
mkdir "$2/source"
tar xf "$1/source.tar" -C "$2/source"
make -s -j2 -C "$2/source"
touch "$2"/source/src/*/*0.c
make -s -j2 -C "$2/source"
