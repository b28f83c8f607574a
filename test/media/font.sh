#!/bin/sh
# The table of the font is made from the drawings that are in the repository.
set -u
. test/support/tap.sh

name="the font's table is what its script makes"
if command -v python3 >/dev/null; then
    made=$(mktemp) || exit
    trap 'rm -f "$made"' EXIT
    tools/font/make.py >"$made"
    case_is "$name" cmp "$made" src/media/font_table.c
else
    case_skip "$name" "python3 is not installed"
fi
tap_end
