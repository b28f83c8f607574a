#!/usr/bin/env python3
"""Writes test/fixtures/generation/<model>.json: what transformers' generate says with tiny golden models.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python tools/golden/generation.py test/fixtures [MODEL ...]

A case has the prompt, the options that are not their defaults, the ids that follow without one that ends them, whether
one did, and for beams the score of the best. Details of beam search differ between versions of transformers.

Near ties are thrown away: with a little noise on all logits (a hundredth, four times) the same ids must come, the best
beam must be better than the second by 0.02, and the likeliest token of each greedy step by as much.
"""
import json
import os
import sys
import warnings

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, LogitsProcessor, LogitsProcessorList

MODELS = ["llama_gqa", "llama3_rope", "mistral", "qwen2", "t5", "t5_v1_1"]
MARGIN, NOISE = 0.02, 0.01
PROMPTS = 5  # that are tried, of 2 to 14 tokens: with them all beams fit 64 places


class Noise(LogitsProcessor):
    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, ids, scores):
        return scores + NOISE * (2 * torch.rand(scores.shape, generator=self.generator) - 1)


def run(model, prompt, o, seed=None):
    """(ids that follow, score of the best beam or None, margin to what was not taken)"""
    ids = torch.tensor([prompt])
    n_beams = o.get("n_beams", 1)
    with torch.no_grad():
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=o["max_tokens"],
            num_beams=n_beams, num_return_sequences=n_beams, length_penalty=o.get("length_penalty", 1.0),
            early_stopping=False, repetition_penalty=o.get("repetition_penalty", 1.0), eos_token_id=o["end_ids"],
            pad_token_id=0, return_dict_in_generate=True, output_scores=True,
            logits_processor=LogitsProcessorList([Noise(seed)] if seed is not None else []))
    ahead = 1 if model.config.is_encoder_decoder else len(prompt)  # the token from which it decodes
    said = out.sequences[0, ahead:].tolist()
    if n_beams > 1:
        # Behind the end of the best stands padding, up to the longest.
        ends = [i for i, x in enumerate(said) if x in o["end_ids"]]
        said = said[:ends[0] + 1] if ends else said
        return said, float(out.sequences_scores[0]), float(out.sequences_scores[0] - out.sequences_scores[1])
    margin = min(float(s[0].topk(2).values.diff().abs()) for s in out.scores)
    return said, None, margin


def case(model, name, prompt, **o):
    said, score, margin = run(model, prompt, o)
    noisy = [run(model, prompt, o, seed)[0] for seed in range(4)]
    if margin < MARGIN or any(n != said for n in noisy):
        return None
    ended = bool(said) and said[-1] in o["end_ids"]
    out = {"name": name, "prompt": prompt, **o, "ids": said[:-1] if ended else said, "ended": ended}
    if score is not None:
        out["score"] = float(f"{score:.7g}")
    return out


def candidates(model):
    g = torch.Generator().manual_seed(5)
    for i in range(PROMPTS):
        n = 2 + 3 * i
        prompt = torch.randint(3, model.config.vocab_size, (n,), generator=g).tolist()
        yield case(model, f"greedy, {n}", prompt, max_tokens=12, end_ids=[2])
        yield case(model, f"penalty, {n}", prompt, max_tokens=12, end_ids=[2], repetition_penalty=1.3)
        # Tokens that it says anyway, made to end the text.
        said = run(model, prompt, {"max_tokens": 12, "end_ids": [2]})[0]
        ends = sorted({said[4 % len(said)], said[7 % len(said)]})
        yield case(model, f"greedy to an end, {n}", prompt, max_tokens=12, end_ids=ends)
        for beams in (2, 3, 4):
            for penalty in (0.0, 1.0, 2.0):
                k = {"n_beams": beams, "length_penalty": penalty, "max_tokens": 8 + (i + beams) % 5}
                yield case(model, f"{beams} beams, penalty {penalty}, {n}", prompt, end_ids=[2], **k)
                found = run(model, prompt, {**k, "end_ids": [2]})[0]
                at = [found[j % len(found)] for j in range(5)]
                for j, ends in enumerate(([at[2]], [at[1], at[4]], [at[0], at[3], said[-1]])):
                    ends = sorted(set(ends))
                    yield case(model, f"{beams} beams to ends {j}, penalty {penalty}, {n}", prompt, end_ids=ends, **k)
        yield case(model, f"3 beams that repeat less, {n}", prompt, n_beams=3, max_tokens=10, end_ids=[2],
                   repetition_penalty=1.3)


warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
for name in sys.argv[2:] or MODELS:
    folder = os.path.join(sys.argv[1], "golden", name)
    kind = AutoModelForSeq2SeqLM if name.startswith("t5") else AutoModelForCausalLM
    net = kind.from_pretrained(folder, dtype=torch.float32).eval()
    net.generation_config.eos_token_id = None
    tried = list(candidates(net))
    cases = [c for c in tried if c]
    path = os.path.join(sys.argv[1], "generation", name + ".json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f'{{"transformers": "{transformers.__version__}", "cases": [\n')
        f.write(",\n".join(json.dumps(c) for c in cases))
        f.write("\n]}\n")
    print(f"{name}: {len(cases)} cases of {len(tried)}; "
          f"{sum(c['ended'] and 'score' in c for c in cases)} beams that ended")
