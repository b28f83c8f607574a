#!/usr/bin/env python3
"""Writes test/fixtures/hdf5/: small files as h5py makes them.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 h5py==3.16.0
    venv/bin/python tools/golden/hdf5.py test/fixtures/hdf5

Every array of numbers holds 0, 1, 2, ... in C order, less 3 where the type has a sign.
"""
import os
import sys

import h5py
import numpy as np

out = sys.argv[1]
os.makedirs(out, exist_ok=True)


def count(shape, dtype):
    values = np.arange(int(np.prod(shape)), dtype="f8").reshape(shape)
    return (values - (3 if np.dtype(dtype).kind in "if" else 0)).astype(dtype)


def path(name):
    return os.path.join(out, name + ".h5")


with h5py.File(path("numbers"), "w") as f:
    for code in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
        f[f"{code}_little"] = count((2, 3), "<" + code)
        if code[1] != "1":
            f[f"{code}_big"] = count((2, 3), ">" + code)
    f["bool"] = np.array([[True, False, True], [False, False, True]])
    f["single"] = np.float32(0.5)
    f["none"] = np.zeros((0, 5), "f4")
    f.create_dataset("enum", data=[2, 0, 1], dtype=h5py.enum_dtype(
        {"left": 0, "right": 1, "both": 2}, basetype="u1"))
    f.create_dataset("never_written", (4,), "i4", fillvalue=7)
    # What h5py has no name for: 3 bytes, and bfloat16.
    three = h5py.h5t.STD_I32LE.copy()
    three.set_precision(24)
    three.set_size(3)
    space = h5py.h5s.create_simple((6,))
    h5py.h5d.create(f.id, b"i3", three, space).write(
        h5py.h5s.ALL, h5py.h5s.ALL, count((6,), "i4"))
    brain = h5py.h5t.IEEE_F32LE.copy()
    brain.set_fields(15, 7, 8, 0, 7)
    brain.set_precision(16)
    brain.set_size(2)
    h5py.h5d.create(f.id, b"bf16", brain, space).write(
        h5py.h5s.ALL, h5py.h5s.ALL, count((6,), "f4"))

rows = count((50, 3, 2), "f4")
with h5py.File(path("layouts"), "w") as f:
    f["whole"] = rows
    f.create_dataset("chunked", data=rows, chunks=(7, 3, 1))
    f.create_dataset("deflated", data=rows, chunks=(7, 2, 2), compression="gzip", shuffle=True,
                     fletcher32=True)
    f.create_dataset("growing", data=rows, chunks=(16, 3, 2), maxshape=(None, 3, 2))
    beside = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    beside.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(rows.shape),
                    beside).write(h5py.h5s.ALL, h5py.h5s.ALL, rows)
    f.create_dataset("huge", (1 << 40, 1 << 10), "f8", chunks=(16, 16))
    f.create_dataset("huge_chunks", (1 << 20,), "f8", chunks=(1 << 20,), compression="gzip")

with h5py.File(path("texts"), "w") as f:
    f.create_dataset("own_lengths", data=["one", "", "dr\u00e9i", "a longer one"],
                     dtype=h5py.string_dtype())
    f.create_dataset("ascii", data=["one", "two"], dtype=h5py.string_dtype("ascii"))
    f["fixed"] = np.array([[b"ab", b"c"], [b"", b"defg"]], "S4")
    padded = h5py.h5t.C_S1.copy()
    padded.set_size(5)
    padded.set_strpad(h5py.h5t.STR_SPACEPAD)
    h5py.h5d.create(f.id, b"spaces", padded, h5py.h5s.create_simple((2,))).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"a b  ", b"12345"], "S5"), padded)
    f["single"] = "alone"
    f.create_dataset("never_written", (2,), h5py.string_dtype())
    f.create_dataset("no_texts", (0,), h5py.string_dtype())
    f.attrs["__attributes__"] = '["shapes", "size"]'
    f.attrs["names"] = ["x", "y\u00fc"]
    f.attrs["fixed"] = np.bytes_("abc")
    f["fixed"].attrs["size"] = np.array([3, 4], "i4")
    f["fixed"].attrs["scale"] = 0.25

with h5py.File(path("groups"), "w", libver="latest") as f:
    f["video10/appearance"] = np.zeros(2, "f4")
    f["video2/appearance"] = np.ones(2, "f4")
    f["video2/motion/slow"] = np.ones(1, "u1")
    f.create_group("nothing")
    f["by_another_name"] = h5py.SoftLink("/video2/appearance")
    f["dangling"] = h5py.SoftLink("/gone")
    f["outside"] = h5py.ExternalLink("numbers.h5", "/i4_little")
    f["type"] = np.dtype("i4")

with h5py.File(path("refused"), "w") as f:
    f["records"] = np.zeros(2, [("x", "<f4"), ("y", "<i4")])
    f.create_dataset("lists", (2,), h5py.vlen_dtype(np.int64))
    f.create_dataset("references", data=[f.ref], dtype=h5py.ref_dtype)
    f["empty"] = h5py.Empty("f4")
    f.create_dataset("elsewhere", (4,), "u1", external=[("raw.bin", 0, 4)])
    layout = h5py.VirtualLayout((2, 3), "i4")
    layout[:] = h5py.VirtualSource("numbers.h5", "i4_little", (2, 3))
    f.create_virtual_dataset("virtual", layout)
    f["dims9"] = np.zeros((1,) * 9, "u1")
    # A filter that libhdf5 does not have: 32000 is LZF, which h5py brings along.
    f.create_dataset("lzf", data=np.zeros(100, "f4"), chunks=(100,), compression="lzf")
