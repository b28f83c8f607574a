#!/usr/bin/env python3
"""Writes test/fixtures/data/socialiq-vectors/: Social-IQ 1.0's questions as vectors, in the
layout in which the toolkit of the set writes computational sequences.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 h5py==3.16.0
    venv/bin/python tools/golden/socialiq.py test/fixtures/data/socialiq-vectors

The published sizes are 6 questions, 12 choices, 25 tokens and 768 numbers for each; here
they are small, and the numbers count up.
"""
import os
import sys

import h5py
import numpy as np

out = sys.argv[1]
os.makedirs(out, exist_ok=True)


def sequence(file, root, videos):
    with h5py.File(os.path.join(out, file), "w") as f:
        group = f.create_group(root)
        data = group.create_group("data")
        for video, (features, intervals) in videos.items():
            v = data.create_group(video)
            if isinstance(features, tuple):  # a shape: its chunks are never written
                v.create_dataset("features", features, "f4", chunks=(1,) * len(features))
            else:
                v.create_dataset("features", data=features)
            v.create_dataset("intervals", data=intervals)
        meta = group.create_group("metadata")
        for key, value in {"root name": root, "dataset name": "SocialIQ"}.items():
            d = meta.create_dataset(key, (1,), dtype=h5py.special_dtype(vlen=str))
            d[0] = value


def count(*shape):
    return np.arange(np.prod(shape), dtype="f4").reshape(shape)


span = np.array([[0, 60.5]])
binary = "SOCIAL-IQ_QA_BERT_LASTLAYER_BINARY_CHOICE"
sequence(binary + ".csd", binary, {
    "-a1": (count(1, 2, 2, 3, 4, 5), span),
    "b2": (count(1, 1, 1, 3, 4, 5), np.array([[0, np.inf]])),
    "c3": (count(1, 6, 5), span),  # one of the published ones is not as the others
})
multiple = "SOCIAL-IQ_QA_BERT_MULTIPLE_CHOICE"
sequence(multiple + ".csd", "b'" + multiple + "'", {
    "-a1": (count(1, 1, 2, 5, 3, 4), span.astype("f4")),
})
sequence("SOCIAL_IQ_DENSENET161_1FPS.csd", "SOCIAL_IQ_DENSENET161_1FPS", {
    "-a1": (count(3, 7), np.array([[0, 1], [1, 2], [2, 3]])),
})
sequence("odd.csd", "odd", {
    "f5NJQiY9AuY": (count(1, 1, 1, 3, 1, 1), span),  # one that the authors leave out
    "huge": ((1, 2048, 1024, 3, 1, 1), span),  # each count is small, their product is not
})
