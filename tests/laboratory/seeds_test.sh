#!/bin/sh
# A few seeds of the laboratory on all topologies: seeds_test.sh TURNPIKE. Skipped (77) without root or namespaces.
set -eu
if [ "$(id -u)" -ne 0 ] || ! unshare --net true 2>/dev/null; then
    echo "skipped: the laboratory needs root and network namespaces"
    exit 77
fi
exec tools/lab run --seeds 1..3 --turnpike "$1"
