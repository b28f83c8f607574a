#!/usr/bin/env python3
"""Writes test/fixtures/rle/cases.json: masks and what pycocotools says about them.

    python3 -m venv venv && venv/bin/pip install pycocotools==2.0.11 numpy==2.4.6
    venv/bin/python tools/golden/rle.py test/fixtures/rle/cases.json
"""
import json
import sys

import numpy as np
from pycocotools import _mask, mask as coco


def masks():
    """(name, mask) in row-major order, [height, width] of 0 and 1."""
    rng = np.random.default_rng(7)
    yield "empty", np.zeros((5, 7))
    yield "full", np.ones((5, 7))
    yield "one pixel", np.ones((1, 1))
    yield "first pixel", np.eye(1, 4)
    yield "single row", np.array([[0, 1, 1, 0, 1]])
    yield "single column", np.array([[1], [0], [1], [1]])
    yield "chessboard", np.indices((6, 9)).sum(0) % 2
    box = np.zeros((12, 17))
    box[3:9, 5:14] = 1
    yield "box", box
    ring = np.zeros((12, 17))
    ring[1:11, 2:12] = 1
    ring[4:8, 5:9] = 0
    yield "ring", ring
    last = np.zeros((12, 17))
    last[11, 16] = 1
    yield "last pixel", last
    y, x = np.mgrid[:200, :300]
    disc = (y - 100) ** 2 + (x - 150) ** 2 < 70**2
    yield "disc", disc
    yield "second disc", (y - 120) ** 2 + (x - 190) ** 2 < 60**2
    for density in (0.02, 0.5, 0.98):
        yield f"noise {density}", rng.random((12, 17)) < density


def counts_of(mask):
    """The run lengths, counted here and not by pycocotools."""
    runs, side = [0], 0
    for pixel in mask.flatten(order="F"):
        if pixel != side:
            runs.append(0)
            side = pixel
        runs[-1] += 1
    return runs


def text(rle):
    return rle["counts"].decode()


cases, pairs, rles = [], [], []
for name, mask in masks():
    mask = np.asfortranarray(mask.astype(np.uint8))
    rle = coco.encode(mask)
    rles.append(rle)
    cases.append(
        {
            "name": name,
            "height": mask.shape[0],
            "width": mask.shape[1],
            "counts": counts_of(mask),
            "text": text(rle),
            "area": int(coco.area(rle)),
            "box": [int(v) for v in coco.toBbox(rle)],
        }
    )
for a, first in enumerate(rles):
    for b, second in enumerate(rles):
        if first["size"] != second["size"]:
            continue
        if coco.area(first) == 0 and coco.area(second) == 0:
            continue  # 0 / 0 there
        pairs.append(
            {
                "a": a,
                "b": b,
                "union": text(coco.merge([first, second])),
                "intersection": text(coco.merge([first, second], intersect=True)),
                "iou": float(_mask.iou([first], [second], [0])[0, 0]),
                "iou_crowd": float(_mask.iou([first], [second], [1])[0, 0]),
            }
        )

with open(sys.argv[1], "w") as out:
    json.dump({"cases": cases, "pairs": pairs}, out, indent=None, separators=(",", ":"))
    out.write("\n")
