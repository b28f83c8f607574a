#!/usr/bin/env python3
"""Writes test/fixtures/safetensors/: files as the format's own library saves them.

    python3 -m venv venv && venv/bin/pip install safetensors==0.4.5
    venv/bin/python tools/golden/checkpoint.py test/fixtures/safetensors

all_types.safetensors has a tensor "t.<type>" of shape [2, 3] of every type, whose bytes count
up from the number of the type in the list below; a single value, an empty tensor and a name
that needs escapes.
"""
import os
import sys

from safetensors import serialize_file

TYPES = [  # name in Python, name in the file, bytes
    ("bool", "BOOL", 1), ("uint8", "U8", 1), ("int8", "I8", 1),
    ("float8_e5m2", "F8_E5M2", 1), ("float8_e4m3fn", "F8_E4M3", 1),
    ("int16", "I16", 2), ("uint16", "U16", 2), ("float16", "F16", 2), ("bfloat16", "BF16", 2),
    ("int32", "I32", 4), ("uint32", "U32", 4), ("float32", "F32", 4),
    ("float64", "F64", 8), ("int64", "I64", 8), ("uint64", "U64", 8),
]

tensors = {}
for number, (python, name, size) in enumerate(TYPES):
    data = bytes((number + i) % 256 for i in range(6 * size))
    tensors[f"t.{name}"] = {"dtype": python, "shape": [2, 3], "data": data}
tensors["scalar"] = {"dtype": "float32", "shape": [], "data": b"\0\0\x80\x3f"}
tensors["empty"] = {"dtype": "float32", "shape": [0, 4], "data": b""}
tensors['a "quoted"\n\u00e9'] = {"dtype": "uint8", "shape": [1], "data": b"\x07"}

os.makedirs(sys.argv[1], exist_ok=True)
serialize_file(tensors, os.path.join(sys.argv[1], "all_types.safetensors"), {"format": "pt"})
