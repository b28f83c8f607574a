#!/usr/bin/env python3
"""Writes the table of the bitmap font, src/media/font_table.c, from the drawings in glyphs.txt.

    tools/font/make.py > src/media/font_table.c

glyphs.txt is bands of drawings, 8 x 16 each, under their code points: '#' is ink. Capitals stand
in rows 2 to 11, small letters in rows 5 to 11 with tails down to row 14. The combining accents
(U+0300 ...) are drawn as they stand over small letters; letters with accents that are not drawn
themselves are put together here.
"""
import os
import unicodedata

ROWS, COLUMNS = 16, 8
CAPITAL_TOP = 2
CEDILLA, OGONEK, COMMA_BELOW, CARON, RING = "\u0327", "\u0328", "\u0326", "\u030c", "\u030a"
LETTERS = [*range(0xC0, 0x180), *range(0x218, 0x21C)]
DOTLESS = {"i": "\u0131", "j": "\u0237"}
TALL = "bdhklt"
SPACING = {0xA8: 0x308, 0xAF: 0x304, 0xB4: 0x301, 0xB8: 0x327}  # accents by themselves


def read_drawings(path):
    drawings = {}
    band, rows = [], []
    with open(path, encoding="utf-8") as file:
        for line in [*file.read().splitlines(), ""]:
            if line.startswith("U+"):
                band = [int(word[2:], 16) for word in line.split()]
            elif line:
                rows.append(line.split())
            elif band:
                assert len(rows) == ROWS, f"U+{band[0]:04X}: {len(rows)} rows"
                for i, character in enumerate(band):
                    drawing = [row[i] for row in rows]
                    assert all(len(row) == COLUMNS for row in drawing), f"U+{character:04X}"
                    assert character not in drawings, f"U+{character:04X} twice"
                    drawings[character] = drawing
                band, rows = [], []
    return {c: [int(r.replace(".", "0").replace("#", "1"), 2) for r in drawing]
            for c, drawing in drawings.items()}


def shorten(drawing):
    """A capital one row less high: one of the longest run of equal rows goes."""
    def run(row):
        end = row
        while end < ROWS and drawing[end] == drawing[row] != 0:
            end += 1
        return end - row

    longest = max(range(CAPITAL_TOP, ROWS), key=run)
    return [0] + drawing[:longest] + drawing[longest + 1:]


def shift_up(drawing, rows):
    return drawing[rows:] + [0] * rows


def overlay(a, b):
    return [x | y for x, y in zip(a, b)]


def compose(drawings, base, accent):
    """The drawing of a letter with an accent; None when one of the two is missing."""
    high = base.isupper() or base in TALL
    if accent == CARON and base in "dtlL":  # written as an apostrophe
        return overlay(drawings[ord(base)], [0, 0, 1, 1, 2] + [0] * 11)
    if accent == CEDILLA and base == "g":  # its tail is in the way
        accent = "\u0301"
    below = accent in (CEDILLA, OGONEK, COMMA_BELOW)
    letter = drawings.get(ord(base if below else DOTLESS.get(base, base)))
    mark = drawings.get(ord(accent))
    if letter is None or mark is None:
        return None
    if below or not high:
        return overlay(letter, mark)
    return overlay(shorten(letter), shift_up(mark, 1 if accent == RING else 2))


def compose_all(drawings):
    for character, accent in SPACING.items():
        drawings[character] = drawings[accent]
    for character in LETTERS:
        parts = unicodedata.normalize("NFD", chr(character))
        if character not in drawings and len(parts) == 2:
            drawing = compose(drawings, *parts)
            if drawing:
                drawings[character] = drawing


def print_table(drawings):
    accents = range(0x300, 0x370)  # they do not combine when text is drawn
    print("""/* Written by tools/font/make.py from tools/font/glyphs.txt; edit the drawings there. */
#include "media/font_priv.h"

// clang-format off
const ask_glyph ask_font[] = {""")
    shown = [c for c in sorted(drawings) if c not in accents]
    for character in shown:
        rows = drawings[character]
        upper, lower = ("".join(f"{row:02x}" for row in half) for half in (rows[:8], rows[8:]))
        print(f"    {{0x{character:04x}, 0x{upper}, 0x{lower}}}, // "
              f"{unicodedata.name(chr(character)).lower()}")
    print(f"""}};
// clang-format on

const int ask_font_size = {len(shown)};""")


table = read_drawings(os.path.join(os.path.dirname(os.path.abspath(__file__)), "glyphs.txt"))
compose_all(table)
print_table(table)
