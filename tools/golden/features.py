#!/usr/bin/env python3
"""Writes test/fixtures/features/: a small CLIP, seven pictures, and the features of them in three
layouts, as torch, transformers and Pillow compute them.

    python3 -m venv venv
    venv/bin/pip install torch==2.13.0 transformers==5.23.0 pillow==13.0.0
    venv/bin/python tools/golden/features.py test/fixtures/features

clip/             the model; 16 x 16 patches, as Video-ChatGPT's 256 spatial rows need
frames/           the pictures, a video at 25 frames a second
features.safetensors
    frames        [7, 8]      a unit vector for each picture
    mist          [7, 17, 8]  the picture and its 4 x 4 tiles
    video-chatgpt [356, 16]   means over patches, zeros, means over frames
plans.json        which frames of how many the layouts look at
"""
import json
import os
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

out = sys.argv[1]
os.makedirs(f"{out}/frames", exist_ok=True)
torch.manual_seed(5)
torch.set_num_threads(1)

SIDE = 224
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

# ---- the model ----

tower = dict(intermediate_size=24, num_hidden_layers=2, num_attention_heads=2)
config = CLIPConfig(
    projection_dim=8,
    text_config=dict(hidden_size=12, vocab_size=20, max_position_embeddings=6, bos_token_id=18,
                     eos_token_id=19, pad_token_id=19, **tower),
    vision_config=dict(hidden_size=16, image_size=SIDE, patch_size=14, **tower),
)
model = CLIPModel(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        if name == "logit_scale":
            continue
        centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        spread = 0.3 if p.ndim < 2 else 1.4 / p[0].numel() ** 0.5
        p.copy_(centre + spread * torch.randn(p.shape))
model.save_pretrained(f"{out}/clip")
with open(f"{out}/clip/preprocessor_config.json", "w") as f:
    json.dump({"image_processor_type": "CLIPImageProcessor", "do_resize": True, "do_center_crop": True,
               "do_rescale": True, "do_normalize": True, "size": {"shortest_edge": SIDE},
               "crop_size": {"height": SIDE, "width": SIDE}, "resample": 3,
               "rescale_factor": 1 / 255, "image_mean": MEAN.astype(float).round(8).tolist(),
               "image_std": STD.astype(float).round(8).tolist()}, f, indent=2)
    f.write("\n")

# ---- the pictures: soft colours under noise, so that each filter shows ----

rng = np.random.default_rng(7)
N, WIDTH, HEIGHT = 7, 40, 26
frames = []
for i in range(N):
    soft = Image.fromarray(rng.integers(0, 256, (4, 5, 3), np.uint8)).resize((WIDTH, HEIGHT), Image.BILINEAR)
    noisy = np.asarray(soft, np.int32) + rng.integers(-20, 21, (HEIGHT, WIDTH, 3))
    frames.append(Image.fromarray(noisy.clip(0, 255).astype(np.uint8)))
    frames[-1].save(f"{out}/frames/{i:02d}.png", optimize=True)


def normalised(image):
    return torch.from_numpy(((np.asarray(image, np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))


def whole(image):
    """The shorter side to SIDE, the middle of the longer one."""
    width = int(SIDE * image.width / image.height)
    image = image.resize((width, SIDE), Image.BICUBIC)
    left = (width - SIDE) // 2
    return normalised(image.crop((left, 0, left + SIDE, SIDE)))


def tiles(image):
    big = normalised(image.resize((4 * SIDE, 4 * SIDE), Image.BICUBIC))
    return [big[:, y:y + SIDE, x:x + SIDE] for y in range(0, 4 * SIDE, SIDE) for x in range(0, 4 * SIDE, SIDE)]


def nearest(image):
    x = torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy())[None].float()
    x = torch.nn.functional.interpolate(x, size=(SIDE, SIDE))
    return normalised(x[0].to(torch.uint8).permute(1, 2, 0).numpy())


def features(pixels):
    with torch.no_grad():
        return model.visual_projection(model.vision_model(pixel_values=pixels).pooler_output)


# ---- which frames ----

def mist_frames(n_all, begin=0, end=None, most=32):
    edges = np.linspace(begin, n_all if end is None else end, min(most, n_all) + 1).astype(int)
    return [int((a + b - 1) // 2) for a, b in zip(edges, edges[1:])]


def chat_frames(n_all, most=100):
    n = min(n_all, most)
    apart = (n_all - 1) / n
    return [(int(np.round(apart * i)) + int(np.round(apart * (i + 1)))) // 2 for i in range(n)]


plans = []
for n_all in (1, 2, 7, 31, 32, 33, 50, 99, 100, 101, 102, 250, 333, 1001, 4097):
    for layout, choose in (("mist", mist_frames), ("video-chatgpt", chat_frames)):
        plans.append({"layout": layout, "n_frames": n_all, "fps": 25.0, "frames": choose(n_all)})
for n_all, fps, start, end in ((300, 25.0, 2.5, 9.7), (1000, 29.97, 3.3, 21.25), (500, 30.0, 5.0, 100.0)):
    begin, stop = (min(t * fps, n_all) for t in (start, end))
    plans.append({"layout": "mist", "n_frames": n_all, "fps": fps, "start_s": start, "end_s": end,
                  "frames": mist_frames(n_all, begin, stop)})
with open(f"{out}/plans.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(p) for p in plans) + "\n]\n")

# ---- the features ----

unit = torch.nn.functional.normalize(features(torch.stack([whole(x) for x in frames])), dim=-1)

seen = [frames[i] for i in mist_frames(N)]
mist = torch.stack([features(torch.stack([whole(x), *tiles(x)])) for x in seen])

seen = torch.stack([nearest(frames[i]) for i in chat_frames(N)])
with torch.no_grad():
    states = model.vision_model(pixel_values=seen, output_hidden_states=True).hidden_states[-2][:, 1:]
temporal = torch.zeros(100, states.shape[-1])
temporal[:len(seen)] = states.mean(1)
chat = torch.cat([temporal, states.mean(0)])

save_file({"frames": unit.contiguous(), "mist": mist.contiguous(), "video-chatgpt": chat.contiguous()},
          f"{out}/features.safetensors")
