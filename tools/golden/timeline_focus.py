#!/usr/bin/env python3
"""Writes a case of the focus of Timeline (net/joint/timeline.h), with losses and gradients: timeline_focus.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 safetensors
    venv/bin/python tools/golden/timeline_focus.py test/fixtures/golden
    venv/bin/python tools/golden/timeline_focus.py --check test/fixtures/golden

The network is written anew here, from the headers' descriptions, on PyTorch's own layers, question after
question without padding. --check computes the case from its files and compares.

Every parameter is drawn at random, norms, biases and differences of keys too, and what masks hide holds
numbers that would show. All is computed in double precision, without dropout. Gradients are those of
loss_total, the weighted sum of the losses.
"""
import json
import os
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, gelu, normalize

N_BUMPS, N_COUNTS, N_EVENTS = 16, 7, 8
KINDS = {"color": ["red", "blue", "green"], "shape": ["ball", "star"], "size": ["large", "small"],
         "texture": ["plain", "striped"], "event": ["jump", "spin", "hit"],
         "way": ["left", "right", "up", "down"]}
NAMED = ["class", "color", "shape", "size", "texture", "other_color", "other_shape", "later_color", "way"]
FIELDS = ["confidence", *NAMED, "span", "places"]
LOSSES = {"options": 1.0, "open": 0.7, "pointer": 0.4, "counted": 0.3}


def config():
    tokens = iter(range(3, 100))
    return {"model_type": "timeline", "hidden_size": 20, "intermediate_size": 28, "num_attention_heads": 2,
            "glance_layers": 1, "memory_layers": 2, "focus_layers": 3, "text_layers": 2, "num_event_slots": 3, "num_toy_slots": 2,
            "num_counters": 3, "num_frames": 4, "num_sights": 2, "vocab_size": 24,
            "max_position_embeddings": 7, "pad_token_id": 0, "eos_token_id": 1, "dropout": 0.1,
            "cells": {"num_channels": 9, "image_size": 32, "widths": [4, 4, 4]},
            "kinds": {kind: [{"name": name, "token": next(tokens)} for name in names]
                      for kind, names in KINDS.items()}}


def field_sizes():
    n = {kind: len(names) for kind, names in KINDS.items()}
    plain = {"confidence": 1, "class": n["event"] + 1, "span": 2, "places": 4}
    return [plain[f] if f in plain else n[f.split("_")[-1]] for f in FIELDS]


# ---- the network; B videos, Q questions of each, S slots, U answers, C the width ----

def linear(n_in, n_out, bias=True):
    return nn.Linear(n_in, n_out, bias=bias)


def attend(q, k, v, n_heads, mask=None):
    """q: [T, C], k, v: [S, C], mask: bool [S] -> [T, C], and the shares [H, T, S]"""
    heads = lambda x: x.unflatten(-1, (n_heads, -1)).transpose(0, 1)
    scores = heads(q) @ heads(k).mT / (q.shape[-1] // n_heads) ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    p = scores.softmax(-1)
    return (p @ heads(v)).transpose(0, 1).flatten(1), p


class SelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.n_heads = c["num_attention_heads"]
        self.query, self.key, self.value, self.out = (linear(c["hidden_size"], c["hidden_size"])
                                                      for _ in range(4))

    def forward(self, x, there=None):
        return self.out(attend(self.query(x), self.key(x), self.value(x), self.n_heads, there)[0])


def mlp(c):
    return nn.ModuleDict({"in": linear(c["hidden_size"], c["intermediate_size"]),
                          "out": linear(c["intermediate_size"], c["hidden_size"])})


def think(parts, x):
    return parts["out"](gelu(parts["in"](x)))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(c["hidden_size"]), nn.LayerNorm(c["hidden_size"])
        self.attention, self.mlp = SelfAttention(c), mlp(c)

    def forward(self, x, there=None):
        x = x + self.attention(self.norm1(x), there)
        return x + think(self.mlp, self.norm2(x))


class FocusLayer(nn.Module):
    """Of one question: words, then its answer's vector."""

    def __init__(self, c, counts):
        super().__init__()
        width, self.n_heads, self.n_counters = c["hidden_size"], c["num_attention_heads"], c["num_counters"]
        for i in range(3):
            setattr(self, f"norm{i}", nn.LayerNorm(width))
        self.own, self.mlp = SelfAttention(c), mlp(c)
        self.query, self.difference = linear(width, width, False), linear(width, width, False)
        self.value, self.out = linear(width, width), linear(width, width)
        self.has_counters = counts
        if counts:
            self.size = width // self.n_heads
            self.count_norm = nn.LayerNorm(width)
            self.count_query = linear(width, self.n_counters * self.size)
            self.count_key = linear(width, self.n_counters * self.size)
            self.count_bias = nn.Parameter(torch.empty(self.n_counters))
            self.counts = linear(self.n_counters * (1 + N_COUNTS), width)

    def count(self, x, memory, confidence):
        q = self.count_query(self.count_norm(x)).unflatten(-1, (self.n_counters, -1))  # [H, d]
        k = self.count_key(memory).unflatten(-1, (self.n_counters, -1))  # [S, H, d]
        scores = (q * k).sum(-1) / self.size ** 0.5 + self.count_bias  # [S, H]
        self.counted = scores[:, 0]
        n = (scores.sigmoid() * confidence[:, None]).sum(0)[:, None]  # [H, 1]
        return self.counts(torch.cat([n, (-0.6 * (n - torch.arange(N_COUNTS)) ** 2).exp()], 1).flatten())

    def forward(self, x, memory, there, confidence):
        x = x + self.own(self.norm0(x))
        k = memory @ (self.query.weight + self.difference.weight).T
        seen, p = attend(self.query(self.norm1(x)), k, memory + self.value(memory), self.n_heads, there)
        x = x + 0.7 * seen + self.out(seen)
        if self.has_counters:
            counted = self.count(x[-1], memory, confidence * there)
            x = torch.cat([x[:-1], x[-1:] + counted])
        return x + think(self.mlp, self.norm2(x)), p


def table(n, width):
    return nn.Embedding(n, width)


class Focus(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config = c
        width, n_layers = c["hidden_size"], c["focus_layers"]
        self.words = table(c["vocab_size"], width)
        self.focus, self.text = nn.Module(), nn.Module()
        f, t = self.focus, self.text
        f.places, f.answer = table(c["max_position_embeddings"] + 1, width), table(1, width)
        f.ranks, f.toy = table(c["num_event_slots"] + c["num_toy_slots"], width), table(1, width)
        for part in ("other_color", "other_shape", "later_color", "way"):
            setattr(f, part, linear(width, width, False))
        f.rest = nn.ModuleList([linear(7 + 6 * N_BUMPS, width), linear(width, width)])
        f.memory = nn.ModuleList([Layer(c) for _ in range(c["memory_layers"])])
        f.memory_norm, f.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        f.layers = nn.ModuleList([FocusLayer(c, i >= n_layers - 2) for i in range(n_layers)])
        f.head, f.pointer, f.no_slot = linear(width, width), linear(width, width), table(1, width)
        f.scale, f.strict = nn.Parameter(torch.empty(())), nn.Parameter(torch.empty(()))
        f.meeting, f.trust = linear(width, width), linear(width, 1)
        t.places = table(c["max_position_embeddings"], width)
        t.layers = nn.ModuleList([Layer(c) for _ in range(c["text_layers"])])
        t.norm, t.head = nn.LayerNorm(width), linear(width, width)

    def fields(self, rows):
        return dict(zip(FIELDS, rows.split(field_sizes(), -1)))

    def vectors_of(self, field):
        kind = "event" if field == "class" else field.split("_")[-1]
        ids = [name["token"] for name in self.config["kinds"][kind]]
        rows = self.words.weight[ids]
        if field == "class":
            return torch.cat([rows, self.focus.toy.weight])
        part = getattr(self.focus, field, None)
        return rows if part is None else part(rows)

    def slots(self, records):
        said, f = self.fields(records), self.focus
        x = said["confidence"] * sum(said[name] @ self.vectors_of(name) for name in NAMED)
        when_where = torch.cat([said["span"], said["places"]], -1)
        centres = torch.linspace(0, 1, N_BUMPS)
        bumps = (-((when_where[..., None] - centres) * (N_BUMPS - 1)) ** 2).exp().flatten(-2)
        rest = torch.cat([said["confidence"], when_where, bumps], -1)
        return x + f.rest[1](gelu(f.rest[0](rest))) + f.ranks.weight

    def text_vector(self, ids):
        if len(ids) == 0:
            return self.text.head.bias + torch.zeros_like(self.words.weight[0])
        words = self.words(ids)
        x = words + self.text.places.weight[:len(ids)]
        for layer in self.text.layers:
            x = layer(x)
        return self.text.head(self.text.norm(x).mean(0)) + words.mean(0)

    def remember(self, slots, there):
        """Of one video."""
        for layer in self.focus.memory:
            slots = layer(slots, there)
        return self.focus.memory_norm(slots)

    def ask(self, ids, memory, there, confidence):
        """One question. -> its answer's vector [C], the shares of every layer, and what the last two count"""
        f, shares = self.focus, []
        places = torch.cat([f.places.weight[:len(ids)], f.places.weight[-1:]])
        begin = f.answer.weight + 0.5 * self.words(ids).sum(0)
        x = torch.cat([self.words(ids), begin]) + places
        for layer in f.layers:
            x, p = layer(x, memory, there, confidence)
            shares.append(p)
        return f.norm(x[-1]), shares, [layer.counted for layer in f.layers[-2:]]

    def places(self, memory):
        return torch.cat([memory, self.focus.no_slot.weight])

    def fits(self, memory, answers):
        met = normalize(answers + self.focus.meeting(answers), dim=-1)
        return (normalize(self.places(memory), dim=-1) @ met.T - 1) * self.focus.strict.exp()

    def point(self, answer, memory, there):
        places = self.places(memory)
        fit = places @ self.focus.pointer(answer) / len(answer) ** 0.5
        return fit.masked_fill(~torch.cat([there, torch.tensor([True])]), -1e9)

    def forward(self, inputs):
        records = inputs["records"].double()
        there, asked = inputs["mask"], inputs["text_mask"]
        slots = self.slots(records)
        memory, confidence = torch.stack([self.remember(*video) for video in zip(slots, there)]), records[..., 0]
        answers = torch.stack([self.text_vector(ids[mask]) for ids, mask in
                               zip(inputs["answer_ids"], inputs["answer_mask"])])
        n_videos, n_questions, n_tokens = inputs["ids"].shape
        fits = torch.stack([self.fits(of, answers) for of in memory])
        states, pointers, last, trusts, counted = [], [], [], [], []
        for b in range(n_videos):
            for q in range(n_questions):
                state, shares, counts = self.ask(inputs["ids"][b, q][asked[b, q]], memory[b], there[b], confidence[b])
                states.append(state)
                pointers.append(self.point(state, memory[b], there[b]))
                last.append(shares[-1][:, -1])  # [H, S]
                met = (pointers[-1].softmax(0) @ fits[b].exp() + 1e-6).log()
                trusts.append((0.5 + self.focus.trust(state)) * met)
                counted.append(torch.stack(counts))
        by_question = lambda x: torch.stack(x).unflatten(0, (n_videos, n_questions))
        answer = by_question(states)
        logits = self.focus.scale.exp() * normalize(answer + self.focus.head(answer), dim=-1) @ normalize(answers, dim=-1).T
        logits = logits + by_question(trusts)
        counted = by_question(counted).movedim(2, 0)  # [2, B, Q, S]
        n_layers = self.config["focus_layers"]
        return {"slots": slots, "answers": answers, "answer": answer, "logits": logits,
                "pointer": by_question(pointers), "fits": fits, "counted.0": counted[1], "counted.1": counted[0],
                f"focus.attentions.{n_layers - 1}": by_question(last).transpose(1, 2)}


# ---- losses, question by question ----

def focal(log_p):
    return -(1 - log_p.exp()) ** 1.5 * log_p


def evidence(q, b, inputs, n_slots):
    """-> which slots are evidence"""
    events = inputs["slot_events"][b]
    meant = [int(e >= 0 and inputs["events"][q, e] == 1) for e in events]
    meant += [int(pair >= 0 and inputs["pairs"][q, pair] == 1) for pair in inputs["slot_pairs"][b]]
    assert len(meant) == n_slots
    return meant


def shares_of(meant):
    """Also that of none."""
    return torch.tensor(meant + [int(sum(meant) == 0)]) / max(1, sum(meant))


def losses(out, inputs):
    logits, pointers = out["logits"].flatten(0, 1), out["pointer"].flatten(0, 1)
    counted = torch.stack([out[f"counted.{i}"].flatten(0, 1) for i in range(2)], 1)  # [B Q, 2, S]
    per_video = out["logits"].shape[1]
    sums, weights = dict.fromkeys(LOSSES, 0), dict.fromkeys(LOSSES, 0)
    for q, (row, pointer) in enumerate(zip(logits, pointers)):
        weight, right = inputs["weight"][q].double(), inputs["open"][q]
        terms = {"options": focal(row[inputs["options"][q]].log_softmax(0)[inputs["right"][q]])}
        if right >= 0:
            chosen = (inputs["rivals"][q] == 1) | (torch.arange(len(row)) == right)
            terms["open"] = focal(row.masked_fill(~chosen, -torch.inf).log_softmax(0)[right])
        if inputs["told"][q] == 1:
            meant = evidence(q, q // per_video, inputs, len(pointer) - 1)
            terms["pointer"] = -(shares_of(meant) * pointer.log_softmax(0)).sum()
            terms["counted"] = sum(binary_cross_entropy_with_logits(x, torch.tensor(meant).double(), reduction="sum")
                                   for x in counted[q])
        for name, term in terms.items():
            sums[name] = sums[name] + weight * term
            weights[name] = weights[name] + weight
    return {"loss_" + name: sums[name] / weights[name] for name in LOSSES}


def compute(net, inputs):
    """-> outputs and losses, and gradients of their weighted sum"""
    out = net(inputs)
    found = losses(out, inputs)
    found["loss_total"] = sum(share * found["loss_" + name] for name, share in LOSSES.items())
    found["loss_total"].backward()
    grads = {name: p.grad for name, p in net.named_parameters()}
    return {name: x.detach() for name, x in (out | found).items()}, grads


# ---- the case ----

def draw_parameters(net):
    with torch.no_grad():
        for name, p in net.named_parameters():
            is_norm = "norm" in name and name.endswith("weight")
            spread = 0.3 if p.ndim < 2 else 1.2 / p.shape[-1] ** 0.5
            if name.endswith(("words.weight", "toy.weight", "answer.weight")):
                spread = 0.6
            p.copy_((1.0 if is_norm else 0.0) + spread * torch.randn(p.shape))
        net.focus.scale.fill_(1.2)
        net.focus.strict.fill_(0.9)


def first_of(lengths, n):
    return torch.arange(n) < torch.tensor(lengths)[:, None]


def draw_records(net, shape):
    rows = torch.rand(*shape, sum(field_sizes()))
    said = net.fields(rows)
    for name in NAMED:
        said[name].copy_(torch.softmax(3 * torch.randn(said[name].shape), -1))
    for name in ("other_color", "later_color", "way"):  # there is none
        said[name][:, ::2] = 0
    return rows


def draw_inputs(net, c):
    n_videos, n_questions, n_tokens, n_answers, n_options = 2, 3, 6, 7, 4
    n_events, n_slots = c["num_event_slots"], c["num_event_slots"] + c["num_toy_slots"]
    n, n_pairs = n_videos * n_questions, len(KINDS["color"]) * len(KINDS["shape"])
    words = lambda *shape: torch.randint(3, c["vocab_size"], shape)
    right = torch.randint(0, n_options, (n,))
    options = torch.stack([torch.randperm(n_answers)[:n_options] for _ in range(n)])
    weight, told, open_ = torch.rand(n) + 0.2, torch.ones(n), options.gather(1, right[:, None])[:, 0]
    weight[4], told[1], open_[2] = 0, 0, -1
    inputs = {"records": draw_records(net, (n_videos, n_slots)),
              "mask": torch.tensor([[1] * n_slots, [1, 1, 0, 1, 1]]).bool(),
              "ids": words(n_videos, n_questions, n_tokens),
              "text_mask": first_of([6, 3, 5, 2, 4, 6], n_tokens).view(n_videos, n_questions, n_tokens),
              "answer_ids": words(n_answers, 4), "answer_mask": first_of([1, 3, 2, 4, 1, 2, 0], 4),
              "options": options, "right": right, "open": open_, "weight": weight, "told": told,
              "rivals": torch.randint(0, 2, (n, n_answers)).float(),
              "events": torch.zeros(n, N_EVENTS), "pairs": torch.zeros(n, n_pairs),
              "slot_events": torch.tensor([[0, -1, 2], [4, 4, -1]]), "slot_pairs": torch.tensor([[5, -1], [0, 1]])}
    for q, events in enumerate([[0, 2], [0], [], [4], [4], [6]]):
        inputs["events"][q, events] = 1
    for q, pairs in enumerate([[], [3], [5, 2], [1], [], [0, 1]]):
        inputs["pairs"][q, pairs] = 1
    assert inputs["slot_events"].shape[1] == n_events
    return inputs


def save(folder, stem, tensors):
    single = lambda x: x.float() if x.is_floating_point() else x
    save_file({name: single(x).contiguous().clone() for name, x in tensors.items()},
              os.path.join(folder, stem + ".safetensors"), {"format": "pt"})


def write(folder):
    c = config()
    torch.manual_seed(9)
    net = Focus(c)
    draw_parameters(net)
    inputs = draw_inputs(net, c)
    parameters = {name: p.detach().clone() for name, p in net.named_parameters()}
    outputs, grads = compute(net.double(), inputs)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(c, f, indent=1)
        f.write("\n")
    for stem, tensors in (("model", parameters), ("inputs", inputs), ("outputs", outputs), ("grads", grads)):
        save(folder, stem, tensors)


def check(folder):
    load = lambda stem: load_file(os.path.join(folder, stem + ".safetensors"))
    with open(os.path.join(folder, "config.json")) as f:
        net = Focus(json.load(f))
    net.load_state_dict(load("model"))
    for stem, ours in zip(("outputs", "grads"), compute(net.double(), load("inputs"))):
        theirs = load(stem)
        assert theirs.keys() == ours.keys()
        worst = max(float((ours[name] - x).abs().max() / max(1, x.abs().max())) for name, x in theirs.items())
        print(f"{folder}: {len(theirs)} {stem}, off by at most {worst:.1e}")
        assert worst < 1e-5, "not the same network"


torch.set_num_threads(1)
if sys.argv[1] == "--check":
    check(os.path.join(sys.argv[2], "timeline_focus"))
else:
    write(os.path.join(sys.argv[1], "timeline_focus"))
