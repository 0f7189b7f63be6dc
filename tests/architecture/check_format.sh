#!/bin/sh
# Fails for every C++ file that clang-format would change: check_format.sh CLANG_FORMAT
find src include tests bench -name '*.h' -o -name '*.cpp' | xargs "$1" --dry-run --Werror
