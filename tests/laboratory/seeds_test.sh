#!/bin/sh
# A few seeds of the laboratory on all topologies: seeds_test.sh TURNPIKE. Skipped (77) where this machine cannot make
# the laboratory's network; tools/lab says why.
set -eu
exec tools/lab run --seeds 1..3 --turnpike "$1"
