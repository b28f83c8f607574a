#!/usr/bin/env python3
"""Writes test/fixtures/golden/clip_patches/: a CLIP whose patches fit texts too ("match_patches"), as
transformers computes them.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python tools/golden/clip_patches.py test/fixtures/golden/clip_patches

image_vectors [B, 1 + N, P] are the embedding of the picture and of each patch: the state of its token
through the last norm and the projection, scaled to unit length. `fit` [B, T] is the mean of the cosine
of the picture and of the greatest one of its patches with each text. `heat` [B, N] is, for the first
text, the mean over heads of the sum over tokens of max(0, attention * d fit / d attention) in the last
layer.
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(12)
torch.set_num_threads(1)

END, LENGTH = 30, 7
config = CLIPConfig(
    projection_dim=16,
    text_config=dict(hidden_size=20, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
                     vocab_size=31, max_position_embeddings=LENGTH, bos_token_id=29, eos_token_id=END,
                     pad_token_id=END),
    vision_config=dict(hidden_size=24, intermediate_size=28, num_hidden_layers=2, num_attention_heads=3,
                       image_size=20, patch_size=5, num_channels=3),
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

pixels = torch.randn(3, 3, 20, 20)
ids = torch.randint(0, 29, (4, LENGTH))
ids[:, 0], ids[:, -1] = 29, END

vision = model.vision_model(pixel_values=pixels, output_attentions=True)
states = model.vision_model.post_layernorm(vision.last_hidden_state)
vectors = torch.nn.functional.normalize(model.visual_projection(states), dim=-1)
r = model(pixel_values=pixels, input_ids=ids)
cosines = vectors @ r.text_embeds.T  # [B, V, T]
fit = (cosines[:, 0] + cosines[:, 1:].amax(1)) / 2
attention = vision.attentions[-1]  # [B, H, V, V]
gradient, = torch.autograd.grad(fit[:, 0].sum(), attention)
heat = (attention * gradient).clamp(min=0).sum(2).mean(1)[:, 1:]
assert (vectors[:, 0] - r.image_embeds).abs().max() < 1e-6

model.save_pretrained(out)
path = os.path.join(out, "config.json")
with open(path) as f:
    written = json.load(f)
with open(path, "w") as f:
    json.dump(written | {"match_patches": True}, f, indent=2)
    f.write("\n")
outputs = {"image_embeds": r.image_embeds, "text_embeds": r.text_embeds, "image_vectors": vectors,
           "logits_per_image": r.logits_per_image}
more = {"fit": fit, "heat": heat}
inputs = {"pixel_values": pixels, "input_ids": ids}
for stem, tensors in (("inputs", inputs), ("outputs", outputs), ("fit", more)):
    save_file({name: x.detach().contiguous().clone() for name, x in tensors.items()},
              os.path.join(out, stem + ".safetensors"), {"format": "pt"})
