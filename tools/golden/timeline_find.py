#!/usr/bin/env python3
"""Writes a case of what Timeline finds by (net/joint/timeline_find.h), with gradients: timeline_find.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 safetensors
    venv/bin/python tools/golden/timeline_find.py test/fixtures/golden
    venv/bin/python tools/golden/timeline_find.py --check test/fixtures/golden

The network is written anew here, from the headers' descriptions, on PyTorch's own layers, frame after frame and
cell after cell, text after text without padding. --check computes the case from its files and compares.

Every parameter is drawn at random, those that begin with 0 too. All is computed in double precision, without
dropout. Gradients are those of loss_total: the fits of all frames and texts times numbers that are given, and
the sum of the texts' vectors times others.
"""
import json
import os
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import gelu, normalize, scaled_dot_product_attention

N_BUMPS = 16
KINDS = {"color": ["red", "blue", "green"], "shape": ["ball", "star"], "size": ["large", "small"],
         "texture": ["plain", "striped"], "event": ["jump", "spin", "hit"],
         "way": ["left", "right", "up", "down"]}
SIGHT = {"seen": 1, "box": 4, "velocity": 2, "color": 3, "shape": 2, "size": 2, "texture": 2, "deed": 5}
CELL_PX = 16


def config():
    tokens = iter(range(3, 100))
    return {"model_type": "timeline", "hidden_size": 20, "intermediate_size": 28, "num_attention_heads": 2,
            "glance_layers": 1, "focus_layers": 2, "text_layers": 1, "num_event_slots": 3, "num_toy_slots": 2,
            "num_counters": 3, "num_frames": 4, "num_sights": 2, "vocab_size": 24,
            "max_position_embeddings": 7, "pad_token_id": 2, "eos_token_id": 1, "dropout": 0.1,
            "cells": {"num_channels": 9, "image_size": 48, "widths": [4, 4, 4]},
            "find": {"projection_dim": 12, "text_layers": 2},
            "kinds": {kind: [{"name": name, "token": next(tokens)} for name in names]
                      for kind, names in KINDS.items()}}


def fields(row):
    return dict(zip(SIGHT, row.split(list(SIGHT.values()), -1)))


# ---- the network; C the width, P the length of a vector ----

class TextLayer(nn.Module):
    def __init__(self, width, inner, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value", "out")})
        self.mlp = nn.ModuleDict({"in": nn.Linear(width, inner), "out": nn.Linear(inner, width)})

    def forward(self, x):
        normed = self.norm1(x)
        q, k, v = (self.attention[name](normed).unflatten(-1, (self.n_heads, -1)).transpose(0, 1)
                   for name in ("query", "key", "value"))
        x = x + self.attention["out"](scaled_dot_product_attention(q, k, v).transpose(0, 1).flatten(1))
        return x + self.mlp["out"](gelu(self.mlp["in"](self.norm2(x))))


class Find(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config = c
        width, n_embed = c["hidden_size"], c["find"]["projection_dim"]
        self.words, self.nothing, self.deeds = (nn.Embedding(n, width) for n in (c["vocab_size"], 1, 2))
        self.place = nn.Linear(2 * N_BUMPS, width, bias=False)
        self.sight = nn.Linear(sum(SIGHT.values()), width)
        self.features = nn.Linear(c["cells"]["widths"][-1], width, bias=False)
        self.text = nn.Module()
        self.text.places = nn.Embedding(c["max_position_embeddings"], width)
        self.text.layers = nn.ModuleList([TextLayer(width, c["intermediate_size"], c["num_attention_heads"])
                                          for _ in range(c["find"]["text_layers"])])
        self.text.norm, self.text.head = nn.LayerNorm(width), nn.Linear(width, width)
        self.head = nn.Linear(width, n_embed)
        self.cell, self.whole = nn.Linear(width, n_embed, bias=False), nn.Linear(width, n_embed, bias=False)
        self.logit_scale = nn.Parameter(torch.empty(()))

    def named(self, kind):
        return self.words.weight[[name["token"] for name in self.config["kinds"][kind]]]

    def cell_vector(self, row, features, x, y):
        """-> how surely something is seen, [C]; x, y: which cell it is"""
        side = self.config["cells"]["image_size"] // CELL_PX
        said = fields(row)
        p = {name: said[name].softmax(-1) for name in ("color", "shape", "size", "texture", "deed")}
        seen = said["seen"].sigmoid()
        middle = (said["box"][:2] + torch.tensor([x + 0.5, y + 0.5])) / side
        sight = torch.cat([seen, middle, said["box"][2:] / side, said["velocity"], *p.values()])
        deeds = torch.cat([self.deeds.weight[:1], self.named("event"), self.deeds.weight[1:]])
        words = sum(p[kind] @ self.named(kind) for kind in ("color", "shape", "size", "texture"))
        words = words + p["deed"] @ deeds
        centres = torch.linspace(0, 1, N_BUMPS)
        where = self.place((-((middle[:, None] - centres) * (N_BUMPS - 1)) ** 2).exp().flatten())
        rest = self.sight(sight) + self.features(features)
        return seen, seen * (words + where) + (1 - seen) * self.nothing.weight[0] + rest

    def frame(self, rows, features):
        """[G G, sight], [G G, F] -> [P] of the whole, [G G, P]"""
        side = self.config["cells"]["image_size"] // CELL_PX
        told = [self.cell_vector(row, f, i % side, i // side) for i, (row, f) in enumerate(zip(rows, features))]
        seen, x = torch.cat([s for s, _ in told]), torch.stack([v for _, v in told])
        share = (seen + 1 / len(rows)) / (seen.sum() + 1)
        mean = share @ x
        return self.head(mean) + self.whole(mean), self.head(x) + self.cell(x)

    def text_vector(self, ids):
        words = self.words(ids)
        x = words + self.text.places.weight[:len(ids)]
        for layer in self.text.layers:
            x = layer(x)
        return self.head(self.text.head(self.text.norm(x).mean(0)) + words.mean(0))

    def forward(self, inputs):
        frames = [self.frame(*cells) for cells in zip(inputs["cells"], inputs["features"].double())]
        vectors = torch.stack([normalize(torch.cat([whole[None], cells]), dim=-1) for whole, cells in frames])
        pad = self.config["pad_token_id"]
        texts = torch.stack([self.text_vector(ids[ids != pad]) for ids in inputs["ids"]])
        cosines = vectors @ normalize(texts, dim=-1).T  # [B, 1 + G G, T]
        best = cosines[:, 1:].sort(1).values
        assert (best[:, -1] - best[:, -2]).min() > 1e-3, "which patch is the best hangs on rounding"
        fits = self.logit_scale.exp() * (cosines[:, 0] + best[:, -1]) / 2
        return {"whole": torch.stack([whole for whole, _ in frames]), "vectors": vectors, "texts": texts,
                "fits": fits}


def compute(net, inputs):
    """-> outputs and loss, and its gradients"""
    inputs = inputs | {"cells": inputs["cells"].double().requires_grad_()}
    out = net(inputs)
    out["loss_total"] = (out["fits"] * inputs["of_fits"]).sum() + (out["texts"] * inputs["of_texts"]).sum()
    out["loss_total"].backward()
    grads = {"find." + name: p.grad for name, p in net.named_parameters()}
    return {name: x.detach() for name, x in out.items()}, grads | {"cells": inputs["cells"].grad}


# ---- the case ----

def draw_parameters(net):
    with torch.no_grad():
        for name, p in net.named_parameters():
            is_norm = "norm" in name and name.endswith("weight")
            spread = 0.3 if p.ndim < 2 else 1.2 / p.shape[-1] ** 0.5
            if name.endswith(("words.weight", "nothing.weight")):
                spread = 0.6
            p.copy_((1.0 if is_norm else 0.0) + spread * torch.randn(p.shape))
        net.logit_scale.fill_(1.2)


def draw_inputs(c):
    n_frames, n_texts, n_tokens = 2, 4, 6
    n_cells = (c["cells"]["image_size"] // CELL_PX) ** 2
    ids = torch.randint(3, c["vocab_size"], (n_texts, n_tokens))
    for row, n in zip(ids, [6, 1, 3, 4]):
        row[n:] = c["pad_token_id"]
    return {"cells": 1.5 * torch.randn(n_frames, n_cells, sum(SIGHT.values())), "ids": ids,
            "features": torch.randn(n_frames, n_cells, c["cells"]["widths"][-1]),
            "of_fits": torch.randn(n_frames, n_texts),
            "of_texts": 0.1 * torch.randn(n_texts, c["find"]["projection_dim"])}


def save(folder, stem, tensors):
    single = lambda x: x.float() if x.is_floating_point() else x
    save_file({name: single(x).contiguous().clone() for name, x in tensors.items()},
              os.path.join(folder, stem + ".safetensors"), {"format": "pt"})


def load(folder, stem):
    return load_file(os.path.join(folder, stem + ".safetensors"))


def network(c, folder):
    net = Find(c)
    net.load_state_dict({name.removeprefix("find."): x for name, x in load(folder, "model").items()})
    return net.double()


def write(root):
    folder, c = os.path.join(root, "timeline_find"), config()
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(41)
    net = Find(c)
    draw_parameters(net)
    save(folder, "model", {"find." + name: p.detach() for name, p in net.named_parameters()})
    save(folder, "inputs", draw_inputs(c))
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(c, f)
        f.write("\n")
    # From the files, which hold single precision.
    out, grads = compute(network(c, folder), load(folder, "inputs"))
    save(folder, "outputs", out)
    save(folder, "grads", grads)


def check(root):
    folder = os.path.join(root, "timeline_find")
    with open(os.path.join(folder, "config.json")) as f:
        net = network(json.load(f), folder)
    out, grads = compute(net, load(folder, "inputs"))
    for stem, found in (("outputs", out), ("grads", grads)):
        kept = load(folder, stem)
        assert kept.keys() == found.keys(), stem
        for name, x in kept.items():
            torch.testing.assert_close(found[name].float(), x, rtol=1e-5, atol=1e-6, msg=lambda m: f"{name}: {m}")
    print("timeline_find: as in the files")


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    check(sys.argv[2]) if sys.argv[1] == "--check" else write(sys.argv[1])
