#!/usr/bin/env python3
"""A training step of Glance-Focus in PyTorch, for bench/glance to be compared with.

    python3 -m venv peers
    peers/bin/pip install torch transformers safetensors
    ASKANCE_PEERS=peers make bench ROWS=glance

Speaks the language of bench/support/peer.h: glance_focus_torch.py DIR QUESTIONS FRAMES TOKENS
THREADS takes a batch (features, ids, masks, labels), tells what it is, gives the loss of that
batch without dropout as one float, and then makes one step of Adam for every line. DIR is a model
folder with a head for options; the losses are those without event labels. Attention is PyTorch's
own scaled_dot_product_attention and the optimizer its fused one; eager and compiled steps are
both tried where a compiler is there, and the faster one stays.
"""
import json
import os
import sys
import time

import numpy
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F
from transformers import RobertaConfig, RobertaModel, __version__ as transformers_version

directory = sys.argv[1].rstrip("/")
n_questions, n_frames, n_tokens, n_threads = map(int, sys.argv[2:6])
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)  # what libraries print is not an answer
torch.set_num_threads(n_threads)
torch.manual_seed(1)
with open(os.path.join(directory, "config.json")) as file:
    config = json.load(file)
width, n_heads, n_queries = config["d_model"], config["nhead"], config["num_queries"]
n_options, share = config["num_options"], config["dropout"]


class EncoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, n_heads, share, batch_first=True)
        self.linear1 = nn.Linear(width, config["dim_feedforward"])
        self.linear2 = nn.Linear(config["dim_feedforward"], width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(share)

    def forward(self, x, hidden):
        seen = self.self_attn(x, x, x, key_padding_mask=hidden, need_weights=False)[0]
        x = self.norm1(x + self.drop(seen))
        return self.norm2(x + self.drop(self.linear2(self.drop(F.relu(self.linear1(x))))))


class DecoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, n_heads, share, batch_first=True)
        self.cross_attn_image = nn.MultiheadAttention(width, n_heads, share, batch_first=True)
        self.linear1 = nn.Linear(width, config["dim_feedforward"])
        self.linear2 = nn.Linear(config["dim_feedforward"], width)
        for i in range(1, 6):
            setattr(self, f"norm{i}", nn.LayerNorm(width))
        self.drop = nn.Dropout(share)

    def look(self, query, keys, hidden=None):
        return self.drop(self.cross_attn_image(query, keys, keys, key_padding_mask=hidden,
                                               need_weights=False)[0])

    def among(self, x, place):
        seen = self.self_attn(x + place, x + place, x, need_weights=False)[0]
        return self.norm1(x + self.drop(seen))

    def end(self, x):
        return self.norm4(x + self.drop(self.linear2(self.drop(F.relu(self.linear1(x))))))

    def glance(self, x, place, memory):
        x = self.among(x, place)
        return self.end(self.norm3(x + self.look(x + place, memory)))

    def focus(self, x, place, text, hidden, events, frames):
        x = self.among(x, place)
        found = self.norm3(self.look(self.norm2(self.look(text, events)), frames))
        return self.end(self.norm5(x + self.look(x + place, found, hidden)))


class Stack(nn.Module):
    def __init__(self, layer, norm):
        super().__init__()
        self.layers = nn.ModuleList(layer() for _ in range(config["num_layers"]))
        if norm:
            self.norm = nn.LayerNorm(width)


class Resizer(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.fc = nn.Linear(n_in, width)
        self.layer_norm = nn.LayerNorm(width, eps=1e-12)
        self.drop = nn.Dropout(share)

    def forward(self, x):
        return self.drop(self.layer_norm(self.fc(x)))


class Transformer(nn.Module):
    def __init__(self, text):
        super().__init__()
        self.encoder, self.decoder = Stack(EncoderLayer, False), Stack(DecoderLayer, True)
        self.text_encoder = RobertaModel(text, add_pooling_layer=False)
        self.resizer = Resizer(text.hidden_size)


class Projection(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight_g = nn.Parameter(torch.ones(()))
        self.weight_v = nn.Parameter(torch.zeros(width, config["feature_dim"]))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return F.relu(F.linear(x, self.weight_g * self.weight_v / self.weight_v.norm(), self.bias))


class GlanceFocus(nn.Module):
    def __init__(self, text):
        super().__init__()
        self.transformer = Transformer(text)
        self.input_proj = nn.ModuleDict({"main": nn.ModuleList([Projection()])})
        self.query_embed = nn.Embedding(n_queries, width)
        self.qa_embed = nn.Embedding(1, width)
        self.position_embeddings = nn.Embedding(n_queries, width)
        self.event_class_embed = nn.Linear(width, config["event_pred_dim"])
        self.span_embed = nn.ModuleDict({"layers": nn.ModuleList(
            [nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, 2)])})
        self.answer_head = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(),
                                         nn.Linear(2 * width, 1))

    def spans(self, x):
        first, second, last = self.span_embed["layers"]
        return last(F.relu(second(F.relu(first(x))))).sigmoid()

    def forward(self, features, ids, is_text):
        t, n = self.transformer, len(ids)
        frames = self.input_proj["main"][0](features)
        place = torch.cat([self.query_embed.weight, self.qa_embed.weight]).expand(n, -1, -1)
        memory = frames
        for layer in t.encoder.layers:
            memory = layer(memory, None)
        x = torch.zeros_like(place)
        for layer in t.decoder.layers:
            x = layer.glance(x, place, memory)
        slots = t.decoder.norm(x)[:, :n_queries]
        classes, spans = self.event_class_embed(slots), self.spans(slots)
        order = spans[..., 0].argsort(dim=1, stable=True)
        prompts = slots.gather(1, order[..., None].expand_as(slots))
        text = t.resizer(t.text_encoder(ids, attention_mask=is_text).last_hidden_state)
        hidden = is_text == 0
        seen = hidden.new_zeros(n, n_frames + n_queries)
        memory = torch.cat([frames, prompts + self.position_embeddings.weight, text], 1)
        for layer in t.encoder.layers:
            memory = layer(memory, torch.cat([seen, hidden], 1))
        frames, events = memory[:, :n_frames], memory[:, n_frames:n_frames + n_queries]
        x = torch.zeros_like(place)
        for layer in t.decoder.layers:
            x = layer.focus(x, place, text, hidden, events, frames)
        logits = self.answer_head(t.decoder.norm(x)[:, n_queries]).view(-1, n_options)
        return logits, classes, spans


def overlap(spans):
    low, high = spans[..., 0] - spans[..., 1] / 2, spans[..., 0] + spans[..., 1] / 2
    inside = (torch.minimum(high[:, :, None], high[:, None]) -
              torch.maximum(low[:, :, None], low[:, None])).clamp(min=0)
    union = (high - low)[:, :, None] + (high - low)[:, None] - inside
    hull = (torch.maximum(high[:, :, None], high[:, None]) -
            torch.minimum(low[:, :, None], low[:, None]))
    return (inside / union - (hull - union) / hull).triu(1).mean()


def entropy(p):
    return -(p * (p + 1e-6).log()).sum(-1).mean()


def loss_of(batch):
    features, ids, is_text, labels = batch
    logits, classes, spans = model(features, ids, is_text)
    p = classes.softmax(-1)
    return (F.cross_entropy(logits, labels) - 0.5 * entropy(p.mean(1)) + 0.5 * overlap(spans)
            + entropy(p))


def read(dtype, *shape):
    count = int(numpy.prod(shape))
    bytes_of = sys.stdin.buffer.read(count * numpy.dtype(dtype).itemsize)
    return torch.from_numpy(numpy.frombuffer(bytes_of, dtype).reshape(shape).copy())


rows = n_questions * n_options
batch = (read("<f4", rows, n_frames, config["feature_dim"]), read("<i8", rows, n_tokens),
         read("<i8", rows, n_tokens), read("<i8", n_questions))
text = RobertaConfig(**config["text_encoder"])
model = GlanceFocus(text)
weights = load_file(os.path.join(directory, "model.safetensors"))
unknown = model.load_state_dict(weights, strict=False)
missing = [name for name in unknown.missing_keys if "position_ids" not in name]
if missing:
    sys.exit(f"{directory}: lacks {missing[0]}")
with torch.no_grad():
    model.eval()
    first = float(loss_of(batch))
    model.train()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-9, fused=True)


def step(loss_function):
    optimizer.zero_grad(set_to_none=True)
    loss_function(batch).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def seconds(loss_function):
    start = time.perf_counter()
    step(loss_function)
    return time.perf_counter() - start


ways = {"eager": loss_of}
if os.environ.get("ASKANCE_COMPILE", "1") != "0":
    ways["compiled"] = torch.compile(loss_of)
times = {}
for name, way in ways.items():
    try:
        seconds(way)
        times[name] = seconds(way)
    except Exception as problem:
        print(f"{name} does not run here: {str(problem).splitlines()[0]}", file=sys.stderr)
name = min(times, key=times.get)
answers.write(f"PyTorch {torch.__version__}, transformers {transformers_version}, {name}, "
              f"sdpa, fused Adam\n".encode())
answers.write(numpy.float32(first).tobytes())
answers.flush()
for _ in sys.stdin.buffer:
    step(ways[name])
    answers.write(b"done\n")
    answers.flush()
