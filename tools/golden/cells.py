#!/usr/bin/env python3
"""Writes the case "cells": pictures as cells (net/tower/cells.h) and what they are taught
(net/joint/timeline_loss.h), on PyTorch's own convolutions, norms and losses.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 safetensors
    venv/bin/python tools/golden/cells.py test/fixtures/golden/cells
    venv/bin/python tools/golden/cells.py --check test/fixtures/golden/cells

model: parameters and running statistics, drawn at random. inputs: pixels, and truth of every cell, in
which some labels are not told. outputs: "eval.*" with the running statistics, "train.*" with those of the
batch, the losses of the latter, their sum "loss", and the statistics as the batch has moved them. grads: of
that sum. All is computed in double precision. --check computes a case anew from its model and inputs.
"""
import os
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, relu

N, CHANNELS, SIDE, WIDTHS = 3, 3, 32, (4, 6, 8)
BLOCKS = (1, 1, 2)  # behind each level
KINDS = {"color": 3, "shape": 2, "size": 2, "texture": 2, "deed": 5}  # deed: three events and two
FIELDS = {"seen": 1, "box": 4, "velocity": 2} | KINDS


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)

    def forward(self, x):
        return relu(x + self.norm2(self.conv2(relu(self.norm1(self.conv1(x))))))


class Level(nn.Module):
    def __init__(self, n_in, n_out, patch):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(n_in, n_out, patch, patch, bias=False), nn.BatchNorm2d(n_out)

    def forward(self, x):
        return relu(self.norm(self.conv(x)))


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        block, n_in = 0, CHANNELS
        self.order = []
        for i, (width, n_blocks) in enumerate(zip(WIDTHS, BLOCKS)):
            parts = {f"level{i}": Level(n_in, width, 2 if i else 4)}
            parts |= {f"block{block + k}": Block(width) for k in range(n_blocks)}
            for name, part in parts.items():
                self.add_module(name, part)
            self.order += parts
            block, n_in = block + n_blocks, width
        self.out = nn.Conv2d(n_in, sum(FIELDS.values()), 1)

    def forward(self, x):
        """-> features [N, G G, F], outputs [N, G G, O]"""
        for name in self.order:
            x = getattr(self, name)(x)
        return x.flatten(2).mT, self.out(x).flatten(2).mT


def losses(outputs, truth):
    """outputs: [P, O]"""
    said = dict(zip(FIELDS, outputs.split(list(FIELDS.values()), 1)))
    weight, thing = truth["seen_weight"], truth["thing"][:, None]
    seen = binary_cross_entropy_with_logits(said["seen"][:, 0], truth["seen"], weight, reduction="sum")
    found = {"seen": seen / weight.sum()}
    for name in ("box", "velocity"):
        miss = (said[name] - truth[name]).abs() * thing
        found[name] = miss.sum() / (thing.sum() * miss.shape[1])
    of = {name: cross_entropy(said[name], truth[name], ignore_index=-1) for name in KINDS}
    of["look"] = of.pop("size") + of.pop("texture")
    return found | of


def compute(model, inputs):
    """-> outputs, gradients"""
    net = Cells().double()
    net.load_state_dict({name.removeprefix("cells."): x.double() for name, x in model.items()}, strict=False)
    truth = {name: x.double() if x.is_floating_point() else x for name, x in inputs.items()}
    out = {}
    for mode in ("eval", "train"):
        net.train(mode == "train")
        out[mode + ".features"], out[mode + ".outputs"] = net(truth["pixels"])
    parts = losses(out["train.outputs"].flatten(0, 1), truth)
    out |= {"loss." + name: x for name, x in parts.items()}
    out["loss"] = sum(parts.values())
    out["loss"].backward()
    out |= {"cells." + name: x for name, x in net.named_buffers() if "running" in name}
    return ({name: x.detach().float() for name, x in out.items()},
            {"cells." + name: p.grad.float() for name, p in net.named_parameters()})


def draw_model():
    model = {}
    for name, x in Cells().state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        spread = 0.3 if x.ndim < 2 else 1.4 / x[0].numel() ** 0.5
        x = spread * torch.randn(x.shape)
        if ".norm" in name and name.endswith("weight"):
            x += 1
        model["cells." + name] = 0.5 + x.abs() if name.endswith("running_var") else x
    return model


def draw_inputs():
    places = N * (SIDE // 16) ** 2
    inputs = {"pixels": torch.randn(N, CHANNELS, SIDE, SIDE),
              "seen": torch.randint(0, 2, (places,)).float(),
              "seen_weight": torch.randint(0, 4, (places,)) / 2,
              "box": torch.randn(places, 4), "velocity": torch.randn(places, 2),
              "thing": torch.randint(0, 2, (places,)).float()}
    return inputs | {name: torch.randint(-1, n, (places,)) for name, n in KINDS.items()}


def save(folder, stem, tensors):
    save_file({name: x.contiguous().clone() for name, x in tensors.items()},
              os.path.join(folder, stem + ".safetensors"), {"format": "pt"})


def check(folder):
    load = lambda stem: load_file(os.path.join(folder, stem + ".safetensors"))
    for stem, found in zip(("outputs", "grads"), compute(load("model"), load("inputs"))):
        stored = load(stem)
        assert stored.keys() == found.keys(), stem
        worst = max(float((found[name] - x).abs().max()) for name, x in stored.items())
        print(f"{stem}: {len(stored)} tensors, off by at most {worst:.1e}")
        assert worst < 1e-5, stem


torch.set_num_threads(1)
if sys.argv[1] == "--check":
    check(sys.argv[2])
else:
    torch.manual_seed(5)
    model, inputs = draw_model(), draw_inputs()
    os.makedirs(sys.argv[1], exist_ok=True)
    for stem, tensors in zip(("model", "inputs", "outputs", "grads"),
                             (model, inputs, *compute(model, inputs))):
        save(sys.argv[1], stem, tensors)
