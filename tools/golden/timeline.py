#!/usr/bin/env python3
"""Writes two cases of the glance of Timeline (net/joint/timeline.h), with losses and gradients:
timeline_glance (of cells, from which sights are picked) and timeline_glance_told (of given sights
with a mask, without features).

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 safetensors
    venv/bin/python tools/golden/timeline.py test/fixtures/golden
    venv/bin/python tools/golden/timeline.py --check test/fixtures/golden

The network is written anew here, from the headers' descriptions, on PyTorch's own layers; what is
chosen is chosen slot after slot in plain loops. --check computes the cases from their files.

Every parameter is drawn at random, norms and biases too. All is computed in double precision,
without dropout. Gradients are those of loss_total: the sum of all losses, and of the records times
numbers that are given. No choice and no order hangs on rounding.
"""
import json
import os
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, gelu, one_hot

N_BUMPS, BACKGROUND = 16, 0.15
SIGHT = ["seen", "box", "velocity", "color", "shape", "size", "texture", "deed"]
GLIMPSE = ["class", "span", "color", "shape", "size", "texture", "other_color", "other_shape", "later_color",
           "way", "end", "deed"]
POINTED = GLIMPSE[2:9]


class Fields:
    """Where fields lie in a row."""

    def __init__(self, c, names):
        n = {kind: len(values) for kind, values in c["kinds"].items()}
        plain = {"seen": 1, "box": 4, "velocity": 2, "span": 2, "end": 2, "deed": n["event"] + 2,
                 "class": n["event"] + 1}
        self.sizes = {name: plain[name] if name in plain else n[name.split("_")[-1]] for name in names}

    def split(self, rows):
        return dict(zip(self.sizes, rows.split(list(self.sizes.values()), -1)))

    def width(self):
        return sum(self.sizes.values())


class Attention(nn.Module):
    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, mask):
        heads = lambda y: y.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
        mixed = nn.functional.scaled_dot_product_attention(
            heads(self.query(x)), heads(self.key(x)), heads(self.value(x)), attn_mask=mask)
        return self.out(mixed.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self, width, n_heads, inner):
        super().__init__()
        self.attention = Attention(width, n_heads)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.ModuleDict({"in": nn.Linear(width, inner), "out": nn.Linear(inner, width)})

    def forward(self, x, mask):
        x = x + self.attention(self.norm1(x), mask)
        return x + self.mlp["out"](gelu(self.mlp["in"](self.norm2(x))))


def bumps(x):
    centres = torch.linspace(0, 1, N_BUMPS)
    return (-((x[..., None] - centres) * (N_BUMPS - 1)) ** 2).exp().flatten(-2)


class Glance(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config = c
        width = c["hidden_size"]
        self.sight = nn.Linear(Fields(c, SIGHT).width(), width)
        self.features = nn.Linear(c["cells"]["widths"][-1], width, bias=False)
        self.place = nn.Linear(3 * N_BUMPS, width)
        self.frames = nn.Parameter(torch.empty(c["num_frames"], width))
        self.layers = nn.ModuleList([Layer(width, c["num_attention_heads"], c["intermediate_size"])
                                     for _ in range(c["glance_layers"])])
        self.norm = nn.LayerNorm(width)
        each = width // c["num_attention_heads"]
        pointed = sum(Fields(c, POINTED).sizes.values())
        self.out = nn.Linear(width, Fields(c, GLIMPSE).width() - pointed)
        self.query, self.difference = (nn.Linear(width, len(POINTED) * each, bias=False) for _ in range(2))
        self.sharpness = nn.Parameter(torch.empty(len(POINTED)))
        self.seen_scale = nn.Parameter(torch.empty(2))

    def forward(self, sights, features, mask):
        """-> states, glimpses"""
        t, k = self.config["num_frames"], self.config["num_sights"]
        number = torch.arange(t).repeat_interleave(k)
        when = ((number + 0.5) / t).expand(len(sights), -1)[..., None]
        xy = Fields(self.config, SIGHT).split(sights)["box"][..., :2]
        x = self.sight(sights) + self.place(bumps(torch.cat([xy, when], -1))) + self.frames[number]
        if features is not None:
            x = x + self.features(features)
        for layer in self.layers:
            x = layer(x, None if mask is None else mask[:, None, None])
        states = self.norm(x)
        return states, self.tell(states, Fields(self.config, SIGHT).split(sights), mask)

    def tell(self, states, seen, mask):
        """What is not read from the sights that are pointed at, is told by `out`."""
        query = self.query(states).unflatten(-1, (len(POINTED), -1))
        key = query + self.difference(states).unflatten(-1, (len(POINTED), -1))
        plain = Fields(self.config, [name for name in GLIMPSE if name not in POINTED]).split(self.out(states))
        for i, name in enumerate(POINTED):
            scores = query[:, :, i] @ key[:, :, i].transpose(1, 2) / key.shape[-1] ** 0.5
            if mask is not None:
                scores = scores.masked_fill(~mask[:, None], -torch.inf)
            kind = name.removeprefix("other_").removeprefix("later_")
            plain[name] = self.sharpness[i] * (scores.softmax(-1) @ seen[kind] + 1e-3).log()
        return torch.cat([plain[name] for name in GLIMPSE], -1)


# ---- from cells to sights ----

def pick(c, outputs, features):
    """outputs [B T, G G, sight] -> cells [B, T, K], sights [B, N, sight], features [B, N, F]"""
    t, k, side = c["num_frames"], c["num_sights"], c["cells"]["image_size"] // 16
    f = Fields(c, SIGHT)
    sure, cells = f.split(outputs)["seen"][..., 0].sort(-1, descending=True)
    assert sure[:, :k + 1].diff().abs().min() > 1e-3, "which are the best hangs on rounding"
    cells = cells[:, :k]
    rows = outputs.take_along_dim(cells[..., None], 1)
    said = f.split(rows)
    middle = torch.stack([cells % side, cells // side], -1) + 0.5
    box = torch.cat([said["box"][..., :2] + middle, said["box"][..., 2:]], -1) / side
    plain = {"seen": said["seen"].sigmoid(), "box": box, "velocity": said["velocity"]}
    sights = torch.cat([plain[name] if name in plain else said[name].softmax(-1) for name in SIGHT], -1)
    in_clips = lambda x: x.reshape(-1, t * k, x.shape[-1])
    return cells.reshape(-1, t, k), in_clips(sights), in_clips(features.take_along_dim(cells[..., None], 1))


# ---- the memory, of one video ----

def best(values, n):
    """Of equals the first first: starts that are held at 0 are."""
    order = values.argsort(descending=True, stable=True)
    gaps = values[order][:n + 1].diff().abs()
    assert ((gaps == 0) | (gaps > 1e-4)).all(), "a choice hangs on rounding"
    return order[:n]


def event_slots(c, sights, glimpses, mask):
    """[N, ..] -> indices [E], records [E, record]"""
    n, t, k = c["num_event_slots"], c["num_frames"], c["num_sights"]
    said, seen = Fields(c, GLIMPSE).split(glimpses), Fields(c, SIGHT).split(sights)
    certainty = 1 - said["class"].softmax(-1)[:, 0]
    frame = torch.arange(t).repeat_interleave(k)
    color, shape = said["color"].softmax(-1), said["shape"].softmax(-1)
    alike = (color @ color.T) * (shape @ shape.T)
    looked = certainty if mask is None else certainty.masked_fill(~mask, -1)
    surer = (looked[:, None] < looked) & ((frame[:, None] - frame).abs() <= 2)
    certainty = certainty * (1 - (alike * surer).max(-1).values)
    ends = ((frame[:, None] + 0.5 + said["span"]) / t).clamp(0, 1)
    ends = torch.stack([ends[:, 0], ends.max(-1).values], -1)
    chosen = best(certainty if mask is None else certainty.masked_fill(~mask, -1), n)
    chosen = chosen[best(-ends[chosen, 0], n)]
    records = []
    for i in chosen.tolist():
        events = said["class"][i, 1:].softmax(-1)
        trait = lambda name: sum(events[j] for j, e in enumerate(c["kinds"]["event"]) if e.get(name, False))
        kind = lambda name: said[name][i].softmax(-1)
        xy = seen["box"][i, :2]
        records.append(torch.cat([
            certainty[i:i + 1], events, torch.zeros(1), kind("color"), kind("shape"), kind("size"),
            kind("texture"), kind("other_color") * trait("moves_other"),
            kind("other_shape") * trait("moves_other"), kind("later_color") * trait("changes_color"),
            kind("way") * trait("goes_somewhere"), ends[i], xy, (xy + said["end"][i]).clamp(0, 1)]))
    return chosen, torch.stack(records)


def toy_slots(c, sights, glimpses, mask, seen_scale):
    """-> logits of pairs [P], pairs [M], shares of sights [M, N], records [M, record]"""
    t, k, n_shapes = c["num_frames"], c["num_sights"], len(c["kinds"]["shape"])
    n_colors, n_ways = len(c["kinds"]["color"]), len(c["kinds"]["way"])
    said, seen = Fields(c, GLIMPSE).split(glimpses), Fields(c, SIGHT).split(sights)
    there = seen["seen"] if mask is None else seen["seen"] * mask[:, None]
    color, shape = said["color"].softmax(-1), said["shape"].softmax(-1)
    pairs = (there * torch.einsum("nc,ns->ncs", color, shape).flatten(1))  # [N, P]
    most = pairs.amax(0)
    logits = seen_scale[0] * ((most + 1e-4).log() + seen_scale[1])
    toys = best(most, c["num_toy_slots"])
    frame = torch.arange(0.0, t).repeat_interleave(k)
    all_shares, records = [], []
    for p in toys.tolist():
        shares = pairs[:, p] / pairs[:, p].sum()
        is_one = (12 * (pairs[:, p] / most[p] - 0.5)).sigmoid().log() * t / 4
        first, last = (3 * (is_one - frame)).softmax(0), (3 * (is_one + frame)).softmax(0)
        own_color = one_hot(torch.tensor(p // n_shapes), n_colors)
        size, texture = (shares @ said[name].softmax(-1) for name in ("size", "texture"))
        span = torch.stack([first @ frame / t, (last @ frame + 1) / t])
        is_toy = one_hot(torch.tensor(len(c["kinds"]["event"])), len(c["kinds"]["event"]) + 1)
        records.append(torch.cat([
            logits[p:p + 1].sigmoid(), is_toy, own_color, one_hot(torch.tensor(p % n_shapes), n_shapes), size,
            texture, torch.zeros(n_colors + n_shapes), last @ seen["color"] * (1 - own_color),
            torch.zeros(n_ways), span, first @ seen["box"][:, :2], last @ seen["box"][:, :2]]))
        all_shares.append(shares)
    return logits, toys, torch.stack(all_shares), torch.stack(records)


def of_one_slot(events, confidence):
    """Of slots of one event only the surest, the first of such, is it."""
    events = events.clone()
    for of, sure in zip(events, confidence):
        for event in set(of.tolist()):
            slots = (of == event).nonzero()[:, 0]
            of[slots[slots != slots[sure[slots].argmax()]]] = -1
    return events


def remember(c, sights, glimpses, mask, seen_scale):
    memory = {"events": [], "pairs": [], "toys": [], "toy_sights": [], "records": []}
    for b in range(len(sights)):
        of = (c, sights[b], glimpses[b], None if mask is None else mask[b])
        events, of_events = event_slots(*of)
        pairs, toys, shares, of_toys = toy_slots(*of, seen_scale)
        found = (events, pairs, toys, shares, torch.cat([of_events, of_toys]))
        for name, x in zip(memory, found):
            memory[name].append(x)
    memory = {name: torch.stack(x) for name, x in memory.items()}
    if mask is not None:
        of_toys = mask.any(1, keepdim=True).expand(-1, c["num_toy_slots"])
        memory["mask"] = torch.cat([mask.gather(1, memory["events"]), of_toys], 1)
    return memory


# ---- losses ----

def losses(c, glimpses, pairs, truth):
    said = Fields(c, GLIMPSE).split(glimpses)

    def kind(name, labels, weight=None):
        if not (labels >= 0).any():
            return torch.zeros(())
        return cross_entropy(said[name].flatten(0, 1), labels.flatten(), weight, ignore_index=-1)

    begins = truth["event"] > 0
    distance = lambda name: (said[name] - truth[name])[begins].abs().mean()
    weight = torch.ones(said["class"].shape[-1])
    weight[0] = BACKGROUND
    of_pairs = binary_cross_entropy_with_logits(pairs, truth["pairs"], reduction="none")
    named = lambda *names: sum(kind(name, truth[name]) for name in names)
    return {"event": kind("class", truth["event"], weight), "span": distance("span"),
            "identity": named("color", "shape", "size", "texture"),
            "parts": named("other_color", "other_shape", "later_color", "way"), "end": distance("end"),
            "deed": kind("deed", truth["deed"]),
            "pairs": (of_pairs * truth["pairs_weight"]).sum() / truth["pairs_weight"].sum()}


def pick_truth(c, truth, cells):
    """Of cells [B, T G G, ..] -> of sights [B, N, ..]"""
    side = c["cells"]["image_size"] // 16
    place = (cells + torch.arange(c["num_frames"])[:, None] * side ** 2).flatten(1)
    return {name: x if name.startswith("pairs") else torch.stack([x[b, place[b]] for b in range(len(x))])
            for name, x in truth.items()}


def compute(net, inputs):
    """-> outputs, and gradients of loss_total by parameters and by what goes in"""
    torch.set_default_dtype(torch.float64)
    c = net.config
    inputs = {name: x.double() if x.is_floating_point() else x for name, x in inputs.items()}
    truth = {name[6:]: x for name, x in inputs.items() if name.startswith("truth.")}
    leaves, out, mask = {}, {}, None
    if "outputs" in inputs:
        leaves = {name: inputs[name].requires_grad_() for name in ("outputs", "features")}
        out["cells"], sights, features = pick(c, inputs["outputs"], inputs["features"])
        truth = pick_truth(c, truth, out["cells"])
        out |= {"picked.sights": sights, "picked.features": features}
    else:
        leaves = {"sights": inputs["sights"].requires_grad_()}
        sights, features, mask = inputs["sights"], None, inputs["mask"].bool()
    out["states"], out["glimpses"] = net(sights, features, mask)
    out |= remember(c, sights, out["glimpses"], mask, net.seen_scale)
    of = losses(c, out["glimpses"], out["pairs"], truth)
    total = sum(of.values()) + (out["records"] * inputs["record_weights"]).sum()
    out |= {"loss." + name: x for name, x in of.items()} | {"loss_total": total}
    is_there = truth["pairs"].gather(1, out["toys"]) > 0.5
    out["slots.events"] = of_one_slot(truth["number"].gather(1, out["events"]), out["records"][..., 0])
    out["slots.pairs"] = out["toys"].where(is_there, -1)
    if "mask" in out:
        out["mask"] = out["mask"].long()
    total.backward()
    grads = {"glance." + name: p.grad for name, p in net.named_parameters() if p.grad is not None}
    grads |= {"in." + name: x.grad for name, x in leaves.items()}
    return {name: x.detach() for name, x in out.items()}, grads


# ---- the cases ----

def names(*words, **traits):
    return [{"name": word, "token": 3 + i} | {t: True for t, of in traits.items() if word in of}
            for i, word in enumerate(words)]


CONFIG = {
    "model_type": "timeline", "architectures": ["Timeline"],
    "cells": {"num_channels": 9, "image_size": 64, "widths": [4, 6, 10]},
    "kinds": {"color": names("red", "green", "blue"), "shape": names("ball", "star"),
              "size": names("small", "large"), "texture": names("plain", "striped", "dotted"),
              "event": names("jumps", "slides", "pushes", "turns", moves_other=["pushes"],
                             changes_color=["turns"], goes_somewhere=["slides", "pushes"]),
              "way": names("left", "right", "up", "down")},
    "num_frames": 5, "num_sights": 3, "hidden_size": 24, "intermediate_size": 32, "num_attention_heads": 4,
    "glance_layers": 2, "focus_layers": 1, "text_layers": 1, "num_event_slots": 4, "num_toy_slots": 3,
    "num_counters": 2, "vocab_size": 12, "max_position_embeddings": 6, "pad_token_id": 0, "eos_token_id": 1,
    "dropout": 0.1}
BATCH = 2


def draw_parameters(net):
    with torch.no_grad():
        for name, p in net.named_parameters():
            is_gain = "norm" in name and name.endswith("weight")
            spread = 0.3 if p.ndim < 2 else 1.3 / p.shape[-1] ** 0.5
            p.copy_((1.0 if is_gain else 0.0) + spread * torch.randn(p.shape))
        net.seen_scale.copy_(torch.tensor([1.5, 1.0]))
        net.sharpness.copy_(torch.linspace(0.7, 1.6, len(POINTED)))
        net.out.weight.mul_(2)


def draw_truth(c, n_places):
    """Some places are told nothing; of the second video only one event."""
    n = {kind: len(values) for kind, values in c["kinds"].items()}
    label = lambda count: torch.randint(-1, count, (BATCH, n_places))
    event = torch.randint(-1, n["event"] + 1, (BATCH, n_places))
    event[1, 1:] = event[1, 1:].clamp(max=0)
    event[1, 0] = 2
    begins = event > 0
    where = lambda x: torch.where(begins, x, -1)
    truth = {"event": event, "number": torch.randint(-1, 3, event.shape),
             "span": 2 * torch.randn(BATCH, n_places, 2), "end": 0.3 * torch.randn(BATCH, n_places, 2),
             "deed": label(n["event"] + 2), "way": where(label(n["way"]))}
    truth |= {kind: label(n[kind]) for kind in ("color", "shape", "size", "texture")}
    truth |= {name: where(label(n[name.split("_")[1]])) for name in ("other_color", "later_color")}
    truth["other_shape"] = torch.full_like(event, -1)  # is told nowhere
    pairs = (BATCH, n["color"] * n["shape"])
    truth |= {"pairs": torch.randint(0, 2, pairs).float(),
              "pairs_weight": torch.tensor([0.0, 1, 1, 0.5, 1, 2]).expand(pairs)}
    return {"truth." + name: x for name, x in truth.items()}


def draw_cells(c):
    side = c["cells"]["image_size"] // 16
    rows = (BATCH * c["num_frames"], side ** 2)
    return {"outputs": 1.5 * torch.randn(*rows, Fields(c, SIGHT).width()),
            "features": torch.randn(*rows, c["cells"]["widths"][-1])} | draw_truth(
                c, c["num_frames"] * side ** 2)


def draw_sights(c):
    """Of the second video nearly all sights are hidden, fewer than there are slots are not."""
    n = c["num_frames"] * c["num_sights"]
    drawn = Fields(c, SIGHT).split(torch.randn(BATCH, n, Fields(c, SIGHT).width()))
    plain = {"seen": drawn["seen"].sigmoid(), "box": drawn["box"].sigmoid(), "velocity": drawn["velocity"]}
    mask = torch.rand(BATCH, n) < 0.8
    mask[1] = torch.isin(torch.arange(n), torch.tensor([4, 9, 10]))
    sights = [plain[name] if name in plain else (2 * drawn[name]).softmax(-1) for name in SIGHT]
    return {"sights": torch.cat(sights, -1), "mask": mask.long()} | draw_truth(c, n)


CASES = {"timeline_glance": (7, draw_cells), "timeline_glance_told": (8, draw_sights)}


def save(folder, stem, tensors):
    single = lambda x: x.float() if x.is_floating_point() else x
    save_file({name: single(x).contiguous().clone() for name, x in tensors.items()},
              os.path.join(folder, stem + ".safetensors"), {"format": "pt"})


def write(folder, seed, draw):
    torch.set_default_dtype(torch.float32)  # what is drawn is exactly what is saved
    torch.manual_seed(seed)
    net = Glance(CONFIG)
    draw_parameters(net)
    n_slots = CONFIG["num_event_slots"] + CONFIG["num_toy_slots"]
    inputs = draw(CONFIG)
    parameters = {"glance." + name: p.detach().clone() for name, p in net.named_parameters()}
    n = {kind: len(values) for kind, values in CONFIG["kinds"].items()}
    width = 1 + n["event"] + 1 + 3 * n["color"] + 2 * n["shape"] + n["size"] + n["texture"] + n["way"] + 6
    inputs["record_weights"] = torch.randn(BATCH, n_slots, width)
    outputs, grads = compute(net.double(), inputs)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(CONFIG, f, indent=1)
        f.write("\n")
    for stem, tensors in (("model", parameters), ("inputs", inputs), ("outputs", outputs), ("grads", grads)):
        save(folder, stem, {name: x.detach() for name, x in tensors.items()})


def check(folder):
    load = lambda stem: load_file(os.path.join(folder, stem + ".safetensors"))
    with open(os.path.join(folder, "config.json")) as f:
        net = Glance(json.load(f))
    net.load_state_dict({name.removeprefix("glance."): x for name, x in load("model").items()})
    outputs, grads = compute(net.double(), load("inputs"))
    for kind, theirs, ours in (("outputs", load("outputs"), outputs), ("grads", load("grads"), grads)):
        assert theirs.keys() == ours.keys()
        worst = max(float((ours[name] - x).abs().max() / max(1, x.abs().max())) for name, x in theirs.items())
        print(f"{folder}: {len(theirs)} {kind}, off by at most {worst:.1e}")
        assert worst < 1e-5, "not the same network"


torch.set_num_threads(1)
if sys.argv[1] == "--check":
    for name in CASES:
        check(os.path.join(sys.argv[2], name))
else:
    for name, (seed, draw) in CASES.items():
        write(os.path.join(sys.argv[1], name), seed, draw)
