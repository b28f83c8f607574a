#!/usr/bin/env python3
"""Writes test/fixtures/pickle/: the same values as Python and NumPy pickle them.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6
    venv/bin/python tools/golden/pickles.py test/fixtures/pickle

plain_N and arrays_N are of protocol N. Every array of numbers holds 0, 1, 2, ... in C order,
less 3 where the type has a sign. python2 is written by hand, as Python 2 would have done.
"""
import argparse
import collections
import os
import pickle
import sys

import numpy as np

out = sys.argv[1]
os.makedirs(out, exist_ok=True)

shared = ["seen", "twice"]
plain = {
    "none": None,
    "bools": [True, False],
    "ints": [0, 1, -1, 255, 256, 65535, 65536, -129, 2**31 - 1, -(2**31), 2**31,
             2**63 - 1, -(2**63)],
    "big": [2**63, -(2**63) - 1, 2**64 - 1, 119547037146038801333356, -(2**80)],
    "floats": [0.0, -1.5, 1e-300, 1.7976931348623157e308, float("inf"), float("-inf"),
               float("nan")],
    "texts": ["", "plain", "quote ' and \"", "back\\slash", "line\nbreak", "nul\0in",
              "\u00e9\u4e2d\U0001f3a5", "x" * 300],
    "bytes": [b"", b"\x00\x7f\x80\xff", bytes(range(256)) * 2],
    "bytearray": bytearray(b"\x01\xfe"),
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "set": {7},
    "frozenset": frozenset([8]),
    "empty_set": set(),
    "dict": {"a": 1, 2: "b", (3, 4): None},
    "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
    "default": collections.defaultdict(list, {"k": [1]}),
    "counter": collections.Counter("aab"),
    "namespace": argparse.Namespace(lr=0.5, name="n"),
    "shared": [shared, shared],
    "long": list(range(2500)),
}


def count(shape, dtype):
    values = np.arange(int(np.prod(shape)), dtype="f8").reshape(shape)
    return (values - (3 if np.dtype(dtype).kind in "if" else 0)).astype(dtype)


arrays = {code: count((2, 3), "<" + code)
          for code in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split()}
arrays |= {code + "_big": count((2, 3), ">" + code) for code in "i2 i4 u8 f2 f4 f8".split()}
arrays |= {
    "bool": np.array([[True, False, True], [False, False, True]]),
    "fortran": np.asfortranarray(count((2, 3, 4), "<i4")),
    "strided": count((4, 6), "<f4")[::2, ::3],
    "point": np.array(7, "<i4"),
    "empty": count((0, 5), "<f4"),
    "scalar_f4": np.float32(-1.5),
    "scalar_i8": np.int64(-2**40),
    "scalar_bool": np.bool_(True),
    "type": np.dtype(">f4"),
}

for protocol in range(6):
    for name, value in (("plain", plain), ("arrays", arrays)):
        with open(os.path.join(out, f"{name}_{protocol}.pkl"), "wb") as file:
            pickle.dump(value, file, protocol)

# NumPy 1 called its modules otherwise.
with open(os.path.join(out, "arrays_2.pkl"), "rb") as file:
    old = file.read().replace(b"numpy._core.", b"numpy.core.")
with open(os.path.join(out, "numpy1_2.pkl"), "wb") as file:
    file.write(old)

python2 = (b"\x80\x02}q\x01(U\x04textq\x02U\x05plainU\x03rawU\x02\xff\x00U\x05arrayq\x03"
           b"cnumpy.core.multiarray\n_reconstruct\nq\x04cnumpy\nndarray\nq\x05K\x00\x85"
           b"U\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\nq\x06U\x02i2K\x00K\x01\x87R(K\x03"
           b"U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04\x01\x00\xfe\xfftbu.")
with open(os.path.join(out, "python2.pkl"), "wb") as file:
    file.write(python2)
loaded = pickle.loads(python2, encoding="latin1")
assert loaded["array"].tolist() == [1, -2] and loaded["raw"] == "\xff\x00"

refused = {
    "text_array": np.array(["a", "bc"]),
    "object_array": np.array([None, "x"], object),
    "complex_array": np.zeros(2, "<c8"),
    "records": np.zeros(2, [("x", "<f4"), ("y", "<i4")]),
    "date": __import__("datetime").date(2020, 1, 1),
    "function": os.getcwd,
}
itself = []
itself.append(itself)
refused["itself"] = itself
for name, value in refused.items():
    with open(os.path.join(out, f"refused_{name}.pkl"), "wb") as file:
        pickle.dump(value, file, 4)
