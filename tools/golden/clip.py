#!/usr/bin/env python3
"""Writes test/fixtures/golden/clip_odd/: a CLIP whose two towers have nothing in common, with all of
its states and attentions, as transformers computes them.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python tools/golden/clip.py test/fixtures/golden/clip_odd

Every parameter is drawn at random, biases and norms too, so that a forgotten one shows. Beside the
names that the library gives its outputs: vision.penultimate is the input of the last layer, and
..._unnormalised are the projections before they are scaled to unit length. The inputs named second.*
are another batch, without padding and without a mask; its outputs have the same prefix.
"""
import os
import sys

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(11)
torch.set_num_threads(1)

END = 57
config = CLIPConfig(
    projection_dim=20,
    logit_scale_init_value=1.75,
    text_config=dict(hidden_size=24, intermediate_size=42, num_hidden_layers=3, num_attention_heads=2,
                     vocab_size=61, max_position_embeddings=13, hidden_act="gelu", layer_norm_eps=1e-3,
                     bos_token_id=56, eos_token_id=END, pad_token_id=3),
    vision_config=dict(hidden_size=30, intermediate_size=38, num_hidden_layers=2, num_attention_heads=3,
                       image_size=15, patch_size=5, num_channels=9, hidden_act="gelu",
                       layer_norm_eps=1e-4),
    attn_implementation="eager",
)
model = CLIPModel(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        if name == "logit_scale":
            continue
        centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        spread = 0.3 if p.ndim < 2 else 1.4 / p[0].numel() ** 0.5
        p.copy_(centre + spread * torch.randn(p.shape))


def texts(lengths, padded):
    ids = torch.full((len(lengths), padded), 3)
    for row, n in zip(ids, lengths):
        row[0] = 56
        row[1:n - 1] = torch.randint(4, 56, (n - 2,))
        row[n - 1] = END
    return ids, torch.stack([(torch.arange(padded) < n).long() for n in lengths])


def compute(pixels, ids, mask):
    with torch.no_grad():
        all_of_it = dict(output_hidden_states=True, output_attentions=True)
        r = model(pixel_values=pixels, input_ids=ids, attention_mask=mask)
        vision = model.vision_model(pixel_values=pixels, **all_of_it)
        text = model.text_model(input_ids=ids, attention_mask=mask, **all_of_it)
        named = {
            "image_embeds": r.image_embeds, "text_embeds": r.text_embeds,
            "logits_per_image": r.logits_per_image, "logits_per_text": r.logits_per_text,
            "image_features_unnormalised": model.visual_projection(vision.pooler_output),
            "text_features_unnormalised": model.text_projection(text.pooler_output),
            "vision.embeddings": vision.hidden_states[0],
            "vision.penultimate": vision.hidden_states[-2],
            "text.embeddings": text.hidden_states[0],
        }
        for tower, output in (("vision", vision), ("text", text)):
            named[f"{tower}.last_hidden_state"] = output.last_hidden_state
            named[f"{tower}.pooler_output"] = output.pooler_output
            named |= {f"{tower}.hidden_states.{i}": x for i, x in enumerate(output.hidden_states)}
            named |= {f"{tower}.attentions.{i}": x for i, x in enumerate(output.attentions)}
    return named


first = {"pixel_values": torch.randn(2, 9, 15, 15)}
first["input_ids"], first["attention_mask"] = texts([11, 5, 2], 11)
second = {"pixel_values": torch.randn(1, 9, 15, 15), "input_ids": texts([13, 13], 13)[0]}

inputs = first | {f"second.{name}": x for name, x in second.items()}
outputs = compute(first["pixel_values"], first["input_ids"], first["attention_mask"])
outputs |= {f"second.{name}": x
            for name, x in compute(second["pixel_values"], second["input_ids"], None).items()
            if "states" not in name and "attentions" not in name}

model.save_pretrained(out)
for stem, tensors in (("inputs", inputs), ("outputs", outputs)):
    save_file({name: x.contiguous().clone() for name, x in tensors.items()},
              os.path.join(out, stem + ".safetensors"), {"format": "pt"})
