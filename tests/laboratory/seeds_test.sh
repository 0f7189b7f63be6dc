#!/bin/sh
# A few seeds of the laboratory on all topologies, and their captures damaged many times: seeds_test.sh TURNPIKE. Skipped
# (77) where this machine cannot make the laboratory's network; tools/lab says why.
set -eu
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
tools/lab run --seeds 1..3 --turnpike "$1" --keep "$kept"
tools/lab damage "$kept" --times 3 --turnpike "$1"
