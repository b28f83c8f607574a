#!/usr/bin/env python3
"""Writes test/fixtures/feature_stores/: features in the layouts in which data sets publish
them, and expected.json, which says what the loaders of those sets make of them.

    python3 -m venv venv
    venv/bin/pip install --index-url https://download.pytorch.org/whl/cpu torch==2.13.0
    venv/bin/pip install numpy==2.4.6 h5py==3.16.0 safetensors==0.8.0
    venv/bin/python tools/golden/feature_stores.py test/fixtures/feature_stores

Element i (in C order) of key k is ((7 i + 13 k) mod 251 - 125) / 64, which every type of
real numbers holds exactly and which packs well.
"""
import json
import os
import pickle
import sys

import h5py
import numpy as np
import safetensors.numpy
import torch

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
expected = []


def path(name):
    full = os.path.join(out, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def values(k, shape, dtype="f4"):
    i = np.arange(int(np.prod(shape)), dtype="i8").reshape(shape)
    return (((7 * i + 13 * k) % 251 - 125) / 64).astype(dtype)


def expect(store, form, keys, load, **more):
    """load(key) is what the set's loader gives: [n, width]."""
    rows = []
    for key in keys:
        a = np.asarray(load(key), "f8")
        rows.append({"key": key, "n": a.shape[0], "width": a.shape[1], "sum": a.sum(),
                     "last": a[-1, -1], "middle": a[a.shape[0] // 2, a.shape[1] // 3]})
    expected.append({"store": store, "form": form} | more | {"keys": rows})


# STAR: a key for each question, T x 1024.
stars = {"Interaction_T1_13": 3, "Sequence_T2_7": 1, "Feasibility_T6_0": 2}
torch.save({key: torch.from_numpy(values(k, (t, 1024)))
            for k, (key, t) in enumerate(stars.items())}, path("s3d.pth"))
s3d = torch.load(path("s3d.pth"))
expect("s3d.pth", "tensors", stars, lambda key: s3d[key])

# AGQA: width 512, in the stream that torch wrote before its archives.
torch.save({key: torch.from_numpy(values(k, (2, 512), "f2"))
            for k, key in enumerate(["YSKX3", "0A8CF"])},
           path("frcnn.pth"), _use_new_zipfile_serialization=False)
frcnn = torch.load(path("frcnn.pth"))
expect("frcnn.pth", "tensors", frcnn, lambda key: frcnn[key])

# NExT-QA: more dimensions are rows of the last.
torch.save({"4010069381": torch.from_numpy(values(0, (2, 2, 1, 16), "f8")),
            "3238737531": torch.from_numpy(values(1, (2, 3, 8), "f2"))}, path("nextqa.pth"))
nextqa = torch.load(path("nextqa.pth"))
expect("nextqa.pth", "tensors", nextqa,
       lambda key: nextqa[key].reshape(-1, nextqa[key].shape[-1]))


def hdf5(name, ids, dataset, shape, dtype="f4"):
    n = 3
    with h5py.File(path(name), "w") as f:
        if ids is not None:
            f["ids"] = ids
        f.create_dataset(dataset, (n,) + shape, dtype, chunks=(1,) + shape,
                         compression="gzip", compression_opts=9, shuffle=True)
        for k in range(n):
            f[dataset][k] = values(k, shape, dtype)
    return h5py.File(path(name))


def at(file, dataset, keys):
    index = {key: i for i, key in enumerate(keys)}
    return lambda key: file[dataset][index[key]].reshape(-1, file[dataset].shape[-1])


# EgoTaskQA: appearance by texts, motion by numbers with a map to them.
clips = ["P1_1|50|100", "P1_2|0|25", "P2_9|7|12"]
f = hdf5("appearance.h5", np.array(clips, "S20"), "resnet_features", (8, 16, 2048))
expect("appearance.h5", "hdf5", clips, at(f, "resnet_features", clips), width=2048)
f = hdf5("motion.h5", np.array([907, -4, 12], "i8"), "resnext_features", (8, 2048), "f2")
expect("motion.h5", "hdf5", ["907", "-4", "12"],
       at(f, "resnext_features", ["907", "-4", "12"]))
with open(path("strID2numID.json"), "w") as file:
    json.dump({"another split": 5, clips[2]: 12, clips[0]: 907}, file)
expect("motion.h5", "hdf5", [clips[2], clips[0]],
       lambda key: f["resnext_features"][{907: 0, -4: 1, 12: 2}[
           {clips[2]: 12, clips[0]: 907}[key]]], id_map="strID2numID.json")

# NExT-QA: 16 segments of appearance and motion side by side.
videos = ["4010069381", "3238737531", "13884937893"]
f = hdf5("app_mot_val.h5", np.array(videos, "S11"), "feat", (16, 4096))
expect("app_mot_val.h5", "hdf5", videos, at(f, "feat", videos))

# MIST: 32 frames of 17 vectors; of STAR a list tells the order.
f = hdf5("mist.h5", np.array(videos, "S20"), "features", (32, 17, 512))
expect("mist.h5", "hdf5", videos, at(f, "features", videos), width=512)
f = hdf5("mist_star.h5", None, "features", (32, 17, 512), "f2")
with open(path("qids.txt"), "w") as file:
    file.write("\n".join(stars))  # the last line may lack its end
expect("mist_star.h5", "hdf5", stars, at(f, "features", list(stars)), list="qids.txt")

# Two data sets that could be meant, and one of no known name.
with h5py.File(path("several.h5"), "w") as f:
    f["ids"] = np.array([b"a", b"b"])
    f["resnet_features"], f["resnext_features"] = values(0, (2, 4)), values(1, (2, 4))
    f["lengths"] = np.array([[1], [2]])
f = h5py.File(path("several.h5"))
expect("several.h5", "hdf5", ["a", "b"], at(f, "resnext_features", ["a", "b"]),
       dataset="resnext_features")
with h5py.File(path("unknown.h5"), "w", userblock_size=1024) as f:
    f["ids"] = ["x\u00fc", "y"]
    f["clip"] = values(0, (2, 3, 4))
f = h5py.File(path("unknown.h5"))
expect("unknown.h5", "hdf5", ["x\u00fc", "y"], at(f, "clip", ["x\u00fc", "y"]))

# Just-Ask's .npy for each video, and both as one archive.
for k, (video, t) in enumerate({"video7": 2, "video10.v2": 1}.items()):
    np.save(path(f"npy/{video}.npy"), values(k, (t, 1024)))
expect("npy", "folder", ["video7", "video10.v2"],
       lambda key: np.load(path(f"npy/{key}.npy")))
expect("npy/video7.npy", "file", ["video7"], lambda key: np.load(path(f"npy/{key}.npy")))
with open(path("npy/notes.txt"), "w") as file:
    file.write("not features\n")
np.savez_compressed(path("s3d.npz"), video7=values(0, (2, 1024)), video10=values(1, (3, 1024)))
npz = np.load(path("s3d.npz"))
expect("s3d.npz", "npz", ["video7", "video10"], lambda key: npz[key])

# Video-ChatGPT's .pkl for each video, of f16 and of f32; in truth 356 x 1024.
for k, (video, dtype) in enumerate({"v__x": "f4", "v_abc-12": "f2"}.items()):
    with open(path(f"pkl/{video}.pkl"), "wb") as file:
        pickle.dump(values(k, (12, 8), dtype), file)
expect("pkl", "folder", ["v__x", "v_abc-12"],
       lambda key: np.load(path(f"pkl/{key}.pkl"), allow_pickle=True))
expect("pkl/v__x.pkl", "file", ["v__x"],
       lambda key: np.load(path(f"pkl/{key}.pkl"), allow_pickle=True))
with open(path("many.pkl"), "wb") as file:
    pickle.dump({"a": values(0, (2, 4)), 7: values(1, (1, 4))}, file)
expect("many.pkl", "tensors", ["a", "7"],
       lambda key: np.load(path("many.pkl"), allow_pickle=True)[int(key) if key == "7" else key])

# safetensors: of others, and as `askance features` writes it.
safetensors.numpy.save_file({"a": values(0, (2, 4)), "b": values(1, (3, 4))},
                            path("many.safetensors"))
many = safetensors.numpy.load_file(path("many.safetensors"))
expect("many.safetensors", "tensors", many, lambda key: many[key])
for k, model in enumerate(["1f" * 32, "2e" * 32]):
    safetensors.numpy.save_file(
        {"features": values(k, (2, 3, 4)), "t_s": np.array([0.5, 1.25])},
        path(f"own/clip{k}.safetensors"),
        {"schema": "askance.features/1", "model_id": model, "layout": "mist"})
expect("own", "folder", ["clip0", "clip1"], lambda key: safetensors.numpy.load_file(
    path(f"own/{key}.safetensors"))["features"].reshape(-1, 4))
expect("own/clip1.safetensors", "file", ["clip1"], lambda key: safetensors.numpy.load_file(
    path(f"own/{key}.safetensors"))["features"].reshape(-1, 4))

# What is refused.
with h5py.File(path("refused/twice.h5"), "w") as f:
    f["ids"], f["features"] = np.array([b"a", b"b", b"a"]), values(0, (3, 4))
with h5py.File(path("refused/fewer_ids.h5"), "w") as f:
    f["ids"], f["features"] = np.array([b"a", b"b"]), values(0, (3, 4))
with h5py.File(path("refused/more_ids.h5"), "w") as f:
    f["ids"], f["features"] = np.array([b"a", b"b", b"c", b"d"]), values(0, (3, 4))
with h5py.File(path("refused/real_ids.h5"), "w") as f:
    f["ids"], f["features"] = np.array([0.5, 1.5]), values(0, (2, 4))
with h5py.File(path("refused/empty_id.h5"), "w") as f:
    f["ids"], f["features"] = np.array([b"a", b""]), values(0, (2, 4))
with h5py.File(path("refused/no_rows.h5"), "w") as f:
    f["ids"], f["features"] = np.zeros(0, "S4"), np.zeros((0, 4), "f4")
with h5py.File(path("refused/no_features.h5"), "w") as f:
    f["ids"] = np.array([b"a", b"b"])
    f["features"] = np.zeros((2, 4), "i4")
with open(path("refused/gap.txt"), "w") as file:
    file.write("one\n\nthree\n")
torch.save({"a": torch.arange(4)}, path("refused/integers.pth"))
torch.save({"a": torch.tensor(0.5)}, path("refused/number.pth"))

with open(path("expected.json"), "w") as file:
    json.dump(expected, file, indent=1)
