#!/usr/bin/env python3
"""Writes test/fixtures/sampler/cases.json: logits, and the probabilities that transformers makes of them.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python tools/golden/sampler.py test/fixtures/sampler/cases.json

Each case has logits, the ids that were said, the options that are not their defaults, and the probabilities of
transformers' classes, one after the other as its generate has them. Combinations are every fifth of all
settings of the options below, over a few rows of logits; those in which rounding decides whether a token stays are
left out.
"""
import itertools
import json
import os
import sys

import torch
from transformers.generation.logits_process import (LogitsProcessorList, MinPLogitsWarper,
                                                    RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper,
                                                    TopKLogitsWarper, TopPLogitsWarper)

DEFAULTS = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0}
VALUES = {"temperature": [0.3, 1.0, 1.7], "top_k": [0, 1, 5, 1000], "top_p": [1e-6, 0.5, 0.9, 1.0],
          "min_p": [0.0, 0.05, 1.0], "repetition_penalty": [1.0, 1.3, 0.7]}


def processors(o, shift=0.0):
    """Those of generate, in its order. shift moves the borders of top-p and min-p a little."""
    out = LogitsProcessorList()
    if o["repetition_penalty"] != 1:
        out.append(RepetitionPenaltyLogitsProcessor(o["repetition_penalty"]))
    if o["temperature"] != 1:
        out.append(TemperatureLogitsWarper(o["temperature"]))
    if o["top_k"] != 0:
        out.append(TopKLogitsWarper(o["top_k"]))
    if o["top_p"] < 1:
        out.append(TopPLogitsWarper(min(max(o["top_p"] + shift, 0.0), 1.0)))
    if 0 < o["min_p"] < 1:
        out.append(MinPLogitsWarper(min(max(o["min_p"] + shift, 0.0), 1.0)))
    elif o["min_p"] == 1:
        out.append(MinPLogitsWarper(1.0))
    return out


def probs(logits, said, o, shift=0.0):
    ids = torch.tensor([said], dtype=torch.int64)
    return processors(o, shift)(ids, torch.tensor([logits], dtype=torch.float32)).softmax(-1)[0]


def is_certain(logits, said, o):
    kept = [(probs(logits, said, o, shift) > 0).tolist() for shift in (-1e-6, 0.0, 1e-6)]
    return kept[0] == kept[1] == kept[2]


def rows():
    """(name, logits, said)"""
    g = torch.Generator().manual_seed(11)
    smooth = (torch.randn(13, generator=g) * 2).tolist()
    yield "random", smooth, [0, 3, 3, 7]
    yield "steep", (torch.randn(13, generator=g) * 12).tolist(), [12]
    tied = [1.0, 3.0, -2.0, 3.0, 1.0, 1.0, 0.5, -2.0, 2.0, 1.0, 1.0, 3.0, 0.5]
    yield "ties", tied, [1, 2, 4]
    yield "all equal", [0.25] * 9, []
    yield "one token", [1.5], [0]


def case(name, logits, said, options):
    o = {**DEFAULTS, **options}
    return {"name": name, "logits": logits, "said": said,
            **{k: v for k, v in o.items() if v != DEFAULTS[k]},
            "probs": [float(f"{p:.7g}") for p in probs(logits, said, o).tolist()]}


def combinations():
    n = 0
    for name, logits, said in rows():
        for values in itertools.product(*VALUES.values()):
            o = dict(zip(VALUES, values))
            n += 1
            # Every fifth: 5 shares no factor with the lengths of the lists, so each pair of values is met.
            if n % 5 == 0 and is_certain(logits, said, o):
                yield case(f"{name}, combination {n}", logits, said, o)


def edges():
    third = [0.0, 0.0, 0.0]
    yield case("top-p of equal tokens keeps the later ones", third, [], {"top_p": 0.5})
    yield case("top-p 0 keeps one", third, [], {"top_p": 0.0})
    yield case("top-k at a tie keeps all of it", [2.0, 1.0, 1.0, 1.0, 0.0], [], {"top_k": 2})
    yield case("top-p after top-k counts what is left", [2.0, 1.9, 1.8, 1.7, 1.6], [],
               {"top_k": 2, "top_p": 0.52})
    yield case("min-p 1 keeps all that are likeliest", [2.0, 1.0, 2.0, 0.0], [], {"min_p": 1.0})
    yield case("the penalty is paid once", [2.0, -1.0, 0.0], [0, 0, 0, 1, 1], {"repetition_penalty": 2.0})
    yield case("temperature comes before min-p", [2.0, 1.0, 0.0], [], {"temperature": 3.0, "min_p": 0.5})


cases = list(edges()) + list(combinations())
for c in cases:
    c["logits"] = [float(f"{x:.9g}") for x in c["logits"]]
os.makedirs(os.path.dirname(os.path.abspath(sys.argv[1])), exist_ok=True)
with open(sys.argv[1], "w", encoding="utf-8") as f:
    f.write('{"transformers": "5.23.0", "cases": [\n')
    f.write(",\n".join(json.dumps(c) for c in cases))
    f.write("\n]}\n")
print(len(cases), "cases")
