#!/usr/bin/env python3
"""Writes test/fixtures/zip/ and test/fixtures/npz/: small archives as Python's zipfile and
NumPy make them.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python tools/golden/zip.py test/fixtures

The seeds of fuzz/zip.c and fuzz/npz.c are the smallest of them.
"""
import io
import os
import struct
import sys
import zipfile

import numpy as np

out = sys.argv[1]
for folder in ("zip", "npz"):
    os.makedirs(os.path.join(out, folder), exist_ok=True)

WORDS = b"".join(b"line %d\n" % i for i in range(200))
DEFLATED = zipfile.ZIP_DEFLATED


def path(name):
    return os.path.join(out, name)


def info(name, method=zipfile.ZIP_STORED):
    made = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    made.compress_type = method
    made.create_system = 3
    return made


def archive(name, entries, **more):
    """entries: name, method, bytes."""
    with zipfile.ZipFile(path("zip/" + name), "w", **more) as z:
        for entry, method, data in entries:
            z.writestr(info(entry, method), data)


archive("two.zip", [("a.txt", zipfile.ZIP_STORED, b"hello"), ("b.txt", DEFLATED, WORDS)])
archive("empty.zip", [])
archive("bzip2.zip", [("a.txt", zipfile.ZIP_BZIP2, b"hello")])
archive("up.zip", [("a/../b.txt", zipfile.ZIP_STORED, b"hello")])
archive("absolute.zip", [("/b.txt", zipfile.ZIP_STORED, b"hello")])

# A folder, nothing at all, a name beyond ASCII, a comment behind the list.
with zipfile.ZipFile(path("zip/mixed.zip"), "w") as z:
    z.writestr(info("folder/"), b"")
    z.writestr(info("folder/empty"), b"")
    z.writestr(info("folder/empty too", DEFLATED), b"")
    z.writestr(info("\u00fcber.txt", DEFLATED), b"\x00" * 100000)
    z.comment = b"PK\x05\x06 is no end of the list"


class Pipe(io.RawIOBase):
    """A file that cannot go back: sizes are written behind the bytes."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


with open(path("zip/streamed.zip"), "wb") as file:
    with zipfile.ZipFile(Pipe(file), "w") as z:
        for name, method in (("a.txt", zipfile.ZIP_STORED), ("b.txt", DEFLATED)):
            with z.open(info(name, method), "w") as entry:
                entry.write(WORDS)

with open(path("zip/prefixed.zip"), "wb") as file:
    file.write(b"#!/bin/sh\nexit 1\n")
with zipfile.ZipFile(path("zip/prefixed.zip"), "a") as z:
    z.writestr(info("a.txt"), b"hello")


def zip64(name, entries):
    """Every size and place in 64 bits, as archives beyond 4 GiB have them."""
    body, listed = b"", b""
    for entry, method, data in entries:
        with io.BytesIO() as memory:
            with zipfile.ZipFile(memory, "w") as z:
                z.writestr(info(entry, method), data)
            with zipfile.ZipFile(memory) as z:
                told = z.getinfo(entry)
                crc, packed = told.CRC, told.compress_size
            begin = 30 + len(entry)
            packed_bytes = memory.getvalue()[begin : begin + packed]
        fixed = struct.pack("<HHHHH", 45, 0, method, 0, 0x5021) + struct.pack(
            "<IIIH", crc, 0xFFFFFFFF, 0xFFFFFFFF, len(entry))
        local = struct.pack("<HHQQ", 1, 16, len(data), packed)
        central = struct.pack("<HHQQQ", 1, 24, len(data), packed, len(body))
        listed += (b"PK\x01\x02" + struct.pack("<H", 45) + fixed
                   + struct.pack("<HHHHII", len(central), 0, 0, 0, 0, 0xFFFFFFFF)
                   + entry.encode() + central)
        body += (b"PK\x03\x04" + fixed + struct.pack("<H", len(local)) + entry.encode()
                 + local + packed_bytes)
    n = len(entries)
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, n, n, len(listed),
                                      len(body))
    end += b"PK\x06\x07" + struct.pack("<IQI", 0, len(body) + len(listed), 1)
    end += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF,
                                       0xFFFFFFFF, 0)
    with open(path("zip/" + name), "wb") as file:
        file.write(body + listed + end)
    with zipfile.ZipFile(path("zip/" + name)) as z:
        assert z.testzip() is None and len(z.namelist()) == n


zip64("zip64.zip", [("a.txt", zipfile.ZIP_STORED, b"hello"), ("b.txt", DEFLATED, WORDS)])

arrays = {
    "features": np.arange(24, dtype="<f4").reshape(2, 3, 4),
    "clip/ids": np.array([7, 8, 9], "<i8"),
    "masks": np.zeros((4, 64, 64), "u1"),
    "scalar": np.array(0.5),
}
np.savez(path("npz/stored.npz"), **arrays)
np.savez_compressed(path("npz/deflated.npz"), **arrays)
np.savez(path("npz/unnamed.npz"), np.array([1, 2], "<i2"), np.array([True, False]))
np.savez(path("npz/objects.npz"), good=np.array([1], "<i4"), bad=np.array([None], object))
