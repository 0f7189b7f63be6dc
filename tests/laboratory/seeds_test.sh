#!/bin/sh
# A few seeds of the laboratory on all topologies: seeds_test.sh TURNPIKE. Skipped (77) without root or namespaces.
# Real clients race real timers here: on a machine that something else keeps busy an attempt can end differently
# from its plan, so a disagreement must show twice to count.
set -eu
if [ "$(id -u)" -ne 0 ] || ! unshare --net true 2>/dev/null; then
    echo "skipped: the laboratory needs root and network namespaces"
    exit 77
fi
tools/lab run --seeds 1..3 --turnpike "$1" && exit 0
echo "a disagreement; once more"
exec tools/lab run --seeds 1..3 --turnpike "$1"
