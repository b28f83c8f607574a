#!/bin/sh
# The build compiles what a change touches, and nothing else.
set -u
. test/support/tap.sh

tree=$(mktemp -d) || exit
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/src/base" "$tree/tools"
cp Makefile "$tree"
cp src/libaskance.map "$tree/src"
cp src/base/api.h src/base/version.h src/base/version.c "$tree/src/base"
cp tools/packages.sh "$tree/tools"
cat >"$tree/src/base/other.c" <<'END'
#include "base/other.h"

int ask_other(void)
{
    return OTHER;
}
END
printf '#define OTHER 1\nint ask_other(void);\n' >"$tree/src/base/other.h"
unset MAKEFLAGS MFLAGS MAKELEVEL CONFIG BUILD

library=build/libaskance.a
compiled() { # compiled MAKE-ARGS... : builds, and says which objects that compiled
    make -C "$tree" --no-print-directory "$@" $library >"$tree/log" 2>&1 || cat "$tree/log"
    sed -n 's/^  CC   .*obj\///p' "$tree/log" | sort | tr '\n' ' '
}
later() { # make's clock is that of the files: a second write in one tick is not seen
    sleep 0.05
    touch "$@"
}

case_is "a first build compiles everything" \
    same "$(compiled)" "base/other.o base/version.o "
case_is "a second build compiles nothing" same "$(compiled)" ""
later "$tree/src/base/other.h"
case_is "a changed header compiles what includes it" same "$(compiled)" "base/other.o "
later "$tree/src/base/version.c"
case_is "a changed source compiles that source" same "$(compiled)" "base/version.o "
case_is "other CFLAGS compile everything again" \
    same "$(compiled CFLAGS=-DX)" "base/other.o base/version.o "
case_is "the same CFLAGS compile nothing" same "$(compiled CFLAGS=-DX)" ""
rm "$tree/src/base/other.c" "$tree/src/base/other.h"
compiled CFLAGS=-DX >/dev/null
case_is "a removed source leaves the library" \
    same "$(ar t "$tree/$library" | tr '\n' ' ')" "version.o "
tap_end
