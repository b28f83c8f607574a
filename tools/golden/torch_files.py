#!/usr/bin/env python3
"""Writes test/fixtures/torch/: small checkpoints as torch.save writes them, in both formats.

    python3 -m venv venv
    venv/bin/pip install --index-url https://download.pytorch.org/whl/cpu torch==2.13.0
    venv/bin/pip install numpy==2.4.6
    venv/bin/python tools/golden/torch_files.py test/fixtures/torch

Every tensor of a type holds 0, 1, 2, ... in C order, less 3 where the type has a sign.
"""
import io
import json
import os
import pickle
import sys
import zipfile

import numpy as np
import torch

out = sys.argv[1]
os.makedirs(out, exist_ok=True)


def path(name):
    return os.path.join(out, name)


def count(shape, dtype):
    signed = dtype.is_floating_point or dtype.is_signed
    values = torch.arange(int(np.prod(shape)), dtype=torch.float64).reshape(shape)
    if dtype == torch.bool:
        return values % 2 == 1
    return (values - (3 if signed else 0)).to(dtype)


types = ("bfloat16 bool float16 float32 float64 float8_e4m3fn float8_e5m2 int16 int32 int64 "
         "int8 uint16 uint32 uint64 uint8").split()
base = count((4, 6), torch.float32)
state = {name: count((2, 3), getattr(torch, name)) for name in types}
state |= {
    "base": base,
    "row": base[1],
    "column": base[:, 2],
    "transposed": base.t(),
    "block": base[1:3, 2:5],
    "permuted": count((2, 3, 4), torch.float16).permute(2, 0, 1),
    "expanded": torch.tensor([[5.0], [6.0]]).expand(2, 3),
    "point": torch.tensor(7, dtype=torch.int64),
    "empty": torch.zeros(0, 5),
    "parameter": torch.nn.Parameter(count((2, 2), torch.float32)),
    "array": np.arange(3, dtype="i4"),
}
# What has attributes of its own is put together by other functions.
for name, tensor in (("tagged", count((2, 2), torch.float32)),
                     ("tagged_parameter", torch.nn.Parameter(count((2, 2), torch.float32)))):
    tensor.tag = name
    state[name] = tensor
for protocol in (2, 4):
    torch.save(state, path(f"state_{protocol}.pt"), pickle_protocol=protocol)
torch.save(state, path("state_old.pth"), _use_new_zipfile_serialization=False)
with zipfile.ZipFile(path("state_2.pt")) as stored, \
        zipfile.ZipFile(path("state_deflated.pt"), "w", zipfile.ZIP_DEFLATED) as deflated:
    for entry in stored.namelist():
        deflated.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), stored.read(entry),
                          zipfile.ZIP_DEFLATED)

# Along a side of one element no step is taken: any stride is right.
torch.save({"any_stride": torch.as_strided(count((4,), torch.float32), (2, 2, 1),
                                           (1, 2, 2**63 - 1))}, path("strides.pt"))

torch.manual_seed(1)
network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
with torch.no_grad():
    for tensor in network.state_dict().values():
        tensor.copy_(count(tuple(tensor.shape), tensor.dtype))
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
network(torch.ones(2, 2)).sum().backward()
optimizer.step()
with torch.no_grad():
    for tensor in network.state_dict().values():
        tensor.copy_(count(tuple(tensor.shape), tensor.dtype))
training = {
    "global_step": 3000,
    "model_state_dict": network.state_dict(),
    "optimizer_state_dict": optimizer.state_dict(),
    "loss": torch.tensor(0.5, requires_grad=True),
}
torch.save(training, path("training.tar"))
torch.save(training, path("training_old.tar"), _use_new_zipfile_serialization=False)

features = {f"clip.{i}": count((i + 1, 4), torch.float32) for i in range(3)}
torch.save(features, path("features.pth"))
torch.save(count((3, 4), torch.float32), path("one.pt"))
with open(path("pooled.pkl"), "wb") as file:
    pickle.dump(np.arange(12, dtype="f2").reshape(3, 4) - 3, file)
with open(path("pooled_0.pkl"), "wb") as file:
    pickle.dump(np.arange(12, dtype="f2").reshape(3, 4) - 3, file, 0)

shards = path("shards")
os.makedirs(shards, exist_ok=True)
weight_map = {}
for i, names in enumerate((("a.weight", "a.bias"), ("b.weight",)), 1):
    name = f"pytorch_model-0000{i}-of-00002.bin"
    torch.save({n: count((2, 3), torch.float32) for n in names}, os.path.join(shards, name))
    weight_map |= {n: name for n in names}
with open(os.path.join(shards, "pytorch_model.bin.index.json"), "w") as file:
    json.dump({"metadata": {"total_size": 72}, "weight_map": weight_map}, file)

# Compressed, with a storage that no tensor has: it is damaged, and nobody should notice.
with zipfile.ZipFile(path("features.pth")) as source, \
        zipfile.ZipFile(path("unused.pt"), "w", zipfile.ZIP_DEFLATED) as target:
    for entry in source.namelist():
        target.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), source.read(entry),
                        zipfile.ZIP_DEFLATED)
    unused = zipfile.ZipInfo("features/data/unused", (1980, 1, 1, 0, 0, 0))
    target.writestr(unused, bytes(4096), zipfile.ZIP_DEFLATED)
with open(path("unused.pt"), "r+b") as file:
    file.seek(unused.header_offset + 30 + len(unused.filename))
    file.write(b"\xff" * 4)

# ---- what must be refused ----

torch.save(network, path("refused_module.pt"))
torch.save({"a": "no tensor"}, path("refused_empty.pt"))
torch.save({"a": count((2, 3), torch.complex64)}, path("refused_complex.pt"))
torch.save({"a": count((2,) * 7, torch.uint8)}, path("refused_dims.pt"))


def changed(name, change):
    """features.pth with another list of entries."""
    with zipfile.ZipFile(path("features.pth")) as source, \
            zipfile.ZipFile(path(name), "w") as target:
        for entry in source.namelist():
            content = change(entry.split("/", 1)[1], source.read(entry))
            if content is not None:
                target.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), content)


# 72 MiB of zeros in 73 KiB.
torch.save({"a": torch.zeros(72 << 20, dtype=torch.uint8)}, path("bomb.pt"))
with zipfile.ZipFile(path("bomb.pt")) as source, \
        zipfile.ZipFile(path("refused_bomb.pt"), "w", zipfile.ZIP_DEFLATED) as target:
    for entry in source.namelist():
        target.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), source.read(entry),
                        zipfile.ZIP_DEFLATED, 9)
os.remove(path("bomb.pt"))

changed("refused_no_tree.pt", lambda e, c: None if e == "data.pkl" else c)
changed("refused_no_storage.pt", lambda e, c: None if e == "data/1" else c)
changed("refused_short.pt", lambda e, c: c[:-1] if e == "data/2" else c)
changed("refused_order.pt", lambda e, c: b"big" if e == "byteorder" else c)
changed("refused_cut_tree.pt", lambda e, c: c[:-1] if e == "data.pkl" else c)
