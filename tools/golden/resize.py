#!/usr/bin/env python3
"""Writes test/fixtures/resize/hashes.txt: what Pillow makes of pictures of many sizes.

    python3 -m venv venv && venv/bin/pip install pillow==9.4.0
    venv/bin/python tools/golden/resize.py > test/fixtures/resize/hashes.txt

A line: the number of the case, mode, filter, size before, size after, and SHA-256 of the pixels
after (floats little-endian). The pictures come from the generator below; the test repeats it.
"""
import array
import hashlib
import sys

from PIL import Image

MODES = {"L": 1, "RGB": 3, "RGBA": 4, "F": 1}
FILTERS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
SIZES_EACH = 12  # of every mode and filter, besides the sizes below
SIZES = ((1, 1, 7, 5), (1, 200, 3, 1), (300, 1, 1, 9), (2, 2, 97, 61), (640, 3, 5, 400))


def numbers(seed):
    """A linear congruential generator: 0 to 255."""
    state = seed
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield state >> 24


def sizes(draw):
    yield from SIZES
    for _ in range(SIZES_EACH):
        width, height, new_width, new_height = (1 + next(draw) % 120 for _ in range(4))
        shape = next(draw) % 6  # a sixth each keeps one side
        yield (width, height, width if shape == 0 else new_width,
               height if shape == 1 else new_height)


def picture(mode, width, height, seed):
    """Noise. A quarter of the alphas is 0 and a quarter 255; floats are about 0 to 1."""
    draw = numbers(seed)
    if mode == "F":
        values = ((256 * next(draw) + next(draw)) / 65536 for _ in range(width * height))
        return Image.frombytes("F", (width, height), array.array("f", values).tobytes())
    pixels = bytearray(next(draw) for _ in range(width * height * MODES[mode]))
    if mode == "RGBA":
        for i in range(3, len(pixels), 4):
            pixels[i] = 0 if pixels[i] < 64 else 255 if pixels[i] >= 192 else pixels[i]
    return Image.frombytes(mode, (width, height), bytes(pixels))


def line(case, mode, name, width, height, new_width, new_height):
    made = picture(mode, width, height, case).resize(
        (new_width, new_height), getattr(Image.Resampling, name.upper()))
    digest = hashlib.sha256(made.tobytes()).hexdigest()
    return f"{case} {mode} {name} {width}x{height} {new_width}x{new_height} {digest}"


assert sys.byteorder == "little"
cases = [(mode, name, *size) for number, mode in enumerate(MODES)
         for place, name in enumerate(FILTERS)
         for size in sizes(numbers(100 + 10 * number + place))]
cases += [("RGB", "bicubic", 1920, 1080, 398, 224), ("RGB", "bilinear", 1280, 720, 384, 384)]
for case, what in enumerate(cases):
    print(line(case, *what))
