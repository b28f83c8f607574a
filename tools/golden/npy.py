#!/usr/bin/env python3
"""Writes test/fixtures/npy/: small arrays as NumPy saves them.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python tools/golden/npy.py test/fixtures/npy

Every array of numbers holds 0, 1, 2, ... in C order, less 3 where the type has a sign.
"""
import os
import sys

import numpy as np

out = sys.argv[1]
os.makedirs(out, exist_ok=True)


def count(shape, dtype):
    values = np.arange(int(np.prod(shape)), dtype="f8").reshape(shape)
    return (values - (3 if np.dtype(dtype).kind in "if" else 0)).astype(dtype)


def save(name, array, version=(1, 0)):
    with open(os.path.join(out, name + ".npy"), "wb") as file:
        np.lib.format.write_array(file, array, version=version)


for code in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
    save(f"{code}_little", count((2, 3), "<" + code))
    if code[1] != "1":
        save(f"{code}_big", count((2, 3), ">" + code))
save("bool", np.array([[True, False, True], [False, False, True]]))
save("fortran", np.asfortranarray(count((2, 3, 4), "<i4")))
save("fortran_big", np.asfortranarray(count((3, 2), ">f8")))
save("scalar", np.array(7, "<i4"))
save("vector", count((5,), "<f4"))
save("empty", count((0, 5), "<f4"))
save("long", count((70, 1), "<u1"))
save("version2", count((2, 3), "<i2"), (2, 0))
save("version3", count((2, 3), "<i2"), (3, 0))
save("records", np.zeros(2, [("x", "<f4"), ("y", "<i4")]))
save("text", np.array(["a", "bc"]))
save("complex", np.zeros(2, "<c8"))
save("objects", np.array([None, "x"], object))
