#!/bin/sh
# check-headers.sh - every header compiles alone, as C17. CC and CFLAGS are obeyed; headers of
# tensor/cpu/fast/ get FAST_CFLAGS too, those of an instruction set.
set -u

# alone ROOT HEADER... : the headers of one tree, which include each other from its root
alone() {
    root=$1
    shift
    for header; do
        [ -e "$header" ] || continue # a pattern that matched nothing
        case $header in */fast/*) isa=${FAST_CFLAGS:-} ;; *) isa= ;; esac
        # shellcheck disable=SC2086 # the compiler and its flags are several words
        echo "#include \"${header#"$root"/}\"" |
            ${CC:-gcc} -std=c17 -D_GNU_SOURCE -Isrc "-I$root" ${CFLAGS:-} $isa -Wall -Wextra \
                -Werror -fsyntax-only -x c - || { echo "$header does not compile alone"; faults=1; }
    done
}

faults=0
alone src src/*/*.h src/*/*/*.h src/*/*/*/*.h
alone test test/support/*.h
alone bench bench/support/*.h
exit $faults
