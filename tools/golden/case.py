"""What the scripts that write golden cases of whole networks share: parameters drawn at random,
greedy choice with a margin, and the files of a case (../shared/golden/README.md has the layout)."""
import json
import os

import torch
from safetensors.torch import save_file

MARGIN = 0.02  # between the best candidate of every step and the second best
KINDS = {torch.float32: "F32", torch.int64: "I64"}


def is_norm(name):
    return name.endswith("weight") and any(s in name.lower() for s in ("norm", "ln_"))


def draw_parameters(state, std):
    """Fills the tensors of a state dict in order of names. std(name, shape) gives that of what is neither
    the weight of a norm (around 1) nor a vector; None for the usual, one over the root of the inputs."""
    for name, x in sorted(state.items()):
        noise = torch.randn(x.shape)
        if is_norm(name):
            x.copy_(1 + 0.2 * noise)
        elif x.dim() < 2:
            x.copy_(0.2 * noise)
        else:
            x.copy_(noise * (std(name, x.shape) or 1.2 / x[0].numel() ** 0.5))


def choose(scores):
    """[B, V] -> ids [B], and the smallest margin by which they were chosen"""
    best = scores.topk(2).values
    return scores.argmax(-1), (best[:, 0] - best[:, 1]).min().item()


def shapes(tensors):
    return {name: [KINDS[x.dtype], list(x.shape)] for name, x in sorted(tensors.items())}


def write_case(folder, config, files, meta, generation=None):
    """files: dicts of tensors by stem (model, inputs, outputs)"""
    os.makedirs(folder, exist_ok=True)
    meta = {"case": os.path.basename(folder)} | meta
    meta["files"] = {stem + ".safetensors": shapes(x) for stem, x in files.items() if stem != "model"}
    for name, value in {"config": config, "generation_config": generation, "meta": meta}.items():
        if value is not None:
            with open(os.path.join(folder, name + ".json"), "w") as f:
                json.dump(value, f, indent=1)
                f.write("\n")
    for stem, tensors in files.items():
        tensors = {name: x.detach().clone().contiguous() for name, x in tensors.items()}
        save_file(tensors, os.path.join(folder, stem + ".safetensors"), {"format": "pt"})
