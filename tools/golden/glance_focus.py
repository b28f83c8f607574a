#!/usr/bin/env python3
"""Writes four cases of Glance-Focus as its paper describes it (net/joint/glance_focus.h), with the
losses and their gradients: glance_focus_paper (options), _open (vocabulary), _count and _moment.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0 safetensors
    venv/bin/python tools/golden/glance_focus.py test/fixtures/golden
    venv/bin/python tools/golden/glance_focus.py --check FOLDER...
    venv/bin/python tools/golden/glance_focus.py --gradients FOLDER...

The network is written anew here, from its description, on PyTorch's own attention and encoder layers
and on transformers' text encoders. --check holds it, with the departures of the authors' code (`compat`),
to cases that were computed by that code: outputs and losses, and gradients where there are any.
--gradients does the same and then writes gradients into cases that have none; but for the tables of
tokens and positions, whose rows for padding PyTorch does not train, and padding counts in these cases.

Every parameter is drawn at random, biases and norms too, and hidden frames hold numbers that would show.
All is computed in double precision, without dropout. Gradients are those of loss_total, the sum of the
losses by "loss_weights"; a parameter that it does not reach has none. match.query_index is [B, M], 0 for
what is no event. No two slots have nearly the same centre, and no second assignment of events to slots
costs nearly as little: order and match do not hang on rounding.
"""
import itertools
import json
import os
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import cross_entropy, relu

BACKGROUND = 0.1  # weight of the last class
PAPER = {"added_masks": False, "tail_memory": False, "first_layer": False}


# ---- the network; B videos, R texts, T frames, Q slots, L tokens, C the width ----

def group(**children):
    module = nn.Module()
    for name, child in children.items():
        setattr(module, name, child)
    return module


class Projection(nn.Module):
    """The length of the whole matrix, not of each of its rows, is a parameter."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight_g = nn.Parameter(torch.empty(()))
        self.weight_v = nn.Parameter(torch.empty(n_out, n_in))
        self.bias = nn.Parameter(torch.empty(n_out))

    def forward(self, x):
        return relu(x @ (self.weight_g * self.weight_v / self.weight_v.norm()).T + self.bias)


class DecoderLayer(nn.Module):
    """What the glance and the focus do with one layer. Queries are added to what asks, never to what
    is taken; `hidden` is of keys."""

    def __init__(self, width, n_heads, inner):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, n_heads, batch_first=True)
        self.cross_attn_image = nn.MultiheadAttention(width, n_heads, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(width, inner), nn.Linear(inner, width)
        for i in range(1, 6):
            setattr(self, f"norm{i}", nn.LayerNorm(width))

    def look(self, x, at, hidden):
        return self.cross_attn_image(x, at, at, key_padding_mask=hidden, average_attn_weights=False)

    def among_themselves(self, x, queries):
        return self.norm1(x + self.self_attn(x + queries, x + queries, x)[0])

    def think(self, x):
        return self.norm4(x + self.linear2(relu(self.linear1(x))))

    def glance(self, x, queries, memory, hidden):
        x = self.among_themselves(x, queries)
        return self.think(self.norm3(x + self.look(x + queries, memory, hidden)[0]))

    def focus(self, x, queries, text, text_hidden, events, events_hidden, frames, frames_hidden):
        x = self.among_themselves(x, queries)
        found, on_events = self.look(text, events, events_hidden)  # no residual here
        found, on_frames = self.look(self.norm2(found), frames, frames_hidden)  # nor here
        found = self.norm3(found)  # [R, L, C]
        x = self.norm5(x + self.look(x + queries, found, text_hidden)[0])
        return self.think(x), on_events, on_frames


def text_encoder(c):
    """RoBERTa with the pooler that its checkpoints hold, though nothing is read from it; BERT without."""
    kind = {"roberta": "Roberta", "bert": "Bert"}[c["model_type"]]
    config = getattr(transformers, kind + "Config")(**c, attn_implementation="eager")
    return getattr(transformers, kind + "Model")(config, add_pooling_layer=kind == "Roberta")


def answer_head(c):
    width = c["d_model"]
    if c["head"] == "options":
        return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, 1))
    return nn.Linear(width, {"vocabulary": c["output_dim"], "count": 1, "moment": width}[c["head"]])


class GlanceFocus(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config = c
        width, n_heads, inner, n_layers = c["d_model"], c["nhead"], c["dim_feedforward"], c["num_layers"]
        encoder = [nn.TransformerEncoderLayer(width, n_heads, inner, batch_first=True)
                   for _ in range(n_layers)]
        decoder = [DecoderLayer(width, n_heads, inner) for _ in range(n_layers)]
        self.transformer = group(
            encoder=group(layers=nn.ModuleList(encoder)),
            decoder=group(layers=nn.ModuleList(decoder), norm=nn.LayerNorm(width)),
            text_encoder=text_encoder(c["text_encoder"]),
            resizer=group(fc=nn.Linear(c["text_encoder"]["hidden_size"], width),
                          layer_norm=nn.LayerNorm(width, eps=1e-12)))
        self.input_proj = group(main=nn.Sequential(Projection(c["feature_dim"], width)))
        self.query_embed = nn.Embedding(c["num_queries"], width)
        self.qa_embed = nn.Embedding(1, width)
        self.position_embeddings = nn.Embedding(c["num_queries"], width)
        self.event_class_embed = nn.Linear(width, c["event_pred_dim"])
        self.span_embed = group(layers=nn.ModuleList([nn.Linear(width, n) for n in (width, width, 2)]))
        self.answer_head = answer_head(c)

    def hidden(self, seen):
        """bool [B, n] of keys that may be looked at -> PyTorch's mask of those that may not. The
        authors' numbers are added to logits instead: 1 for what is hidden, and for every frame."""
        return (~seen).to(self.query_embed.weight.dtype) if self.config["compat"]["added_masks"] else ~seen

    def encode(self, x, hidden):
        for layer in self.transformer.encoder.layers:
            x = layer(x, src_key_padding_mask=hidden)
        return x

    def queries(self, n):
        """Those of the slots, and the question's after them: in the glance too."""
        both = torch.cat([self.query_embed.weight, self.qa_embed.weight])
        return both.expand(n, -1, -1), torch.zeros(n, *both.shape, dtype=both.dtype)

    def project(self, features):
        frames = self.input_proj.main(features)
        if self.config["frame_positions"] == "none":
            return frames
        n, width = frames.shape[1:]
        angle = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, width, 2).double() / width)
        return frames + torch.stack([angle.sin(), angle.cos()], -1).flatten(1)

    def glance(self, features, seen):
        """-> what is found (outputs by name), and frames [B, T, C] and how they are hidden"""
        frames, n_slots, found = self.project(features), self.config["num_queries"], {}
        hidden = self.hidden(seen)
        if self.config["memory"]:
            memory = self.encode(frames, hidden)
            queries, x = self.queries(len(frames))
            for layer in self.transformer.decoder.layers:
                x = layer.glance(x, queries, memory, hidden)
            slots = self.transformer.decoder.norm(x)[:, :n_slots]
            found["glance.encoder_memory"] = memory.transpose(0, 1)
        else:
            slots = self.query_embed.weight.expand(len(frames), -1, -1)
        a, b, last = self.span_embed.layers
        spans = last(relu(b(relu(a(slots))))).sigmoid()
        order = spans[..., 0].argsort(-1)
        found |= {"memory_prompt": slots, "event_class_logits": self.event_class_embed(slots),
                  "pred_spans": spans, "sort_index": order,
                  "sorted_prompt": slots.take_along_dim(order[..., None], 1)}
        return found, frames, hidden

    def read(self, ids, seen):
        states = self.transformer.text_encoder(input_ids=ids, attention_mask=seen.long())
        resizer = self.transformer.resizer
        return resizer.layer_norm(resizer.fc(states.last_hidden_state))

    def focus(self, frames, frames_hidden, prompts, text, text_seen):
        """All of as many rows as there are texts. -> answer vectors [R, C], outputs by name"""
        n_frames, n_slots, n_texts = frames.shape[1], prompts.shape[1], len(text)
        compat = self.config["compat"]
        prompts = prompts + self.position_embeddings.weight
        of_prompts = torch.full((n_texts, n_slots), compat["added_masks"]).to(frames_hidden.dtype)
        hidden = torch.cat([frames_hidden, of_prompts, self.hidden(text_seen)], 1)
        memory = self.encode(torch.cat([frames, prompts, text], 1), hidden)
        if compat["tail_memory"]:
            events, rest = slice(-n_slots, None), slice(0, -n_slots)
        else:
            events, rest = slice(n_frames, n_frames + n_slots), slice(0, n_frames)
        queries, x = self.queries(n_texts)
        for layer in self.transformer.decoder.layers:
            x, on_events, on_frames = layer.focus(x, queries, text, ~text_seen, memory[:, events],
                                                  hidden[:, events], memory[:, rest], hidden[:, rest])
            if compat["first_layer"]:
                break
        found = {"focus.text_memory_resized": text.transpose(0, 1),
                 "focus.encoder_memory": memory.transpose(0, 1),
                 "focus.event_attention": on_events, "focus.frame_attention": on_frames}
        return self.transformer.decoder.norm(x)[:, n_slots], found

    def answer(self, vectors, prompts):
        head, out = self.config["head"], self.answer_head(vectors)
        if head == "options":
            return out.view(-1, self.config["num_options"])
        if head == "count":
            return out[:, 0]
        if head == "moment":
            return (prompts @ out[..., None])[..., 0] / self.config["d_model"] ** 0.5
        return out

    def forward(self, features, frames_seen, ids, text_seen):
        found, frames, hidden = self.glance(features, frames_seen)
        share = lambda x: x.repeat_interleave(len(ids) // len(features), 0)  # [B, ..] -> [R, ..]
        prompts = share(found["sorted_prompt"])
        text = self.read(ids, text_seen)
        vectors, more = self.focus(share(frames), share(hidden), prompts, text, text_seen)
        return found | more | {"pred_answer": self.answer(vectors, prompts)}


# ---- losses ----

def qa_loss(head, answer, labels):
    if head == "count":
        known = ~labels.isnan()
        return ((answer - labels)[known] ** 2).mean()
    return cross_entropy(answer, labels, ignore_index=-1)


def match(spans, probabilities, target_spans, target_classes):
    """Of one video, by trying all. -> slots of its events, and how much worse the second best is"""
    cost = (spans[:, None] - target_spans).abs().sum(-1) - probabilities[:, target_classes]  # [Q, M]
    ways = torch.tensor(list(itertools.permutations(range(len(spans)), len(target_spans))))
    costs = cost[ways, torch.arange(len(target_spans))].sum(-1)
    return ways[costs.argmin()], costs.sort().values[:2].diff().item()


def supervised_losses(out, targets):
    classes, spans, counts = (targets["target_" + name] for name in ("classes", "spans", "counts"))
    logits, matched = out["event_class_logits"], torch.zeros_like(classes)
    of_class, of_span, margins = [], [], []
    for b, n in enumerate(counts.tolist()):
        if n == 0:
            continue
        with torch.no_grad():
            slots, margin = match(out["pred_spans"][b], logits[b].softmax(-1), spans[b, :n],
                                  classes[b, :n])
        margins.append(margin)
        matched[b, :n] = slots
        weight = torch.ones_like(logits[0, 0])
        weight[-1] = BACKGROUND
        of_class.append(cross_entropy(logits[b, slots], classes[b, :n], weight, reduction="none"))
        of_span.append((out["pred_spans"][b, slots] - spans[b, :n]).abs())
    out |= {"match.query_index": matched, "match.margin": torch.tensor(min(margins))}
    return {"loss_cls": torch.cat(of_class).mean(), "loss_l1": torch.cat(of_span).mean()}


def overlap(spans):
    """Generalised IoU of the intervals of centre and width [B, Q, 2] -> [B, Q, Q]"""
    start, end = spans[..., 0] - spans[..., 1] / 2, spans[..., 0] + spans[..., 1] / 2
    of_pairs = lambda pick, x: pick(x[:, :, None], x[:, None])
    both = (of_pairs(torch.minimum, end) - of_pairs(torch.maximum, start)).clamp(min=0)
    either = of_pairs(torch.add, spans[..., 1]) - both
    hull = of_pairs(torch.maximum, end) - of_pairs(torch.minimum, start)
    return both / either - (hull - either) / hull


def unsupervised_losses(out):
    p = out["event_class_logits"].softmax(-1)  # [B, Q, E]
    plogp = lambda x: (x * (x + 1e-6).log()).sum(-1)
    return {"loss_giou": overlap(out["pred_spans"]).triu(1).mean(), "loss_cls": plogp(p.mean(1)).mean(),
            "loss_cert": -plogp(p).mean()}


def compute(net, inputs):
    """-> outputs and losses, and gradients of their weighted sum"""
    c = net.config
    features, ids = inputs["visual_inputs"].double(), inputs["text_ids"]
    seen = inputs.get("visual_mask", torch.ones(features.shape[:2], dtype=int)).bool()
    if c["compat"]["added_masks"]:
        seen = torch.zeros_like(seen)  # see hidden()
    out = net(features, seen, ids, inputs["text_attention_mask"].bool())
    losses = {"loss_qa": qa_loss(c["head"], out["pred_answer"], inputs["qa_labels"])}
    supervised = "loss_l1" in c["loss_weights"]
    losses |= supervised_losses(out, inputs) if supervised else unsupervised_losses(out)
    losses["loss_total"] = sum(w * losses[name] for name, w in c["loss_weights"].items())
    losses["loss_total"].backward()
    grads = {name: p.grad for name, p in net.named_parameters() if p.grad is not None}
    return {name: x.detach() for name, x in (out | losses).items()}, grads


# ---- held to what the authors' code computes ----

def authors_config(c):
    head = "options" if c["qa_dataset"] in ("star", "nextqa") else "vocabulary"
    ours = {"head": head, "frame_positions": "none", "memory": True}
    return c | ours | {"compat": {"added_masks": c["masks"] == "float ones", "tail_memory": True,
                                  "first_layer": True}}


def padded_targets(inputs):
    """Theirs come one after another, ours in rows of videos."""
    counts = inputs["target_counts"].tolist()
    rows = lambda x: nn.utils.rnn.pad_sequence(x.split(counts), batch_first=True)
    return {name: rows(inputs[name].double() if x == "spans" else inputs[name])
            for x in ("classes", "spans") for name in ["target_" + x]}


def check(folder):
    """Returns the gradients as they are computed here."""
    path = lambda stem: os.path.join(folder, stem + ".safetensors")
    load = lambda stem: load_file(path(stem)) if os.path.exists(path(stem)) else {}
    with open(os.path.join(folder, "config.json")) as f:
        net = GlanceFocus(authors_config(json.load(f))).eval()
    net.load_state_dict(load("model"))
    inputs, outputs, grads = load("inputs"), load("outputs"), load("grads")
    if "target_counts" in inputs:
        inputs |= padded_targets(inputs)
        slots = torch.zeros_like(inputs["target_classes"])
        video = torch.arange(len(slots)).repeat_interleave(inputs["target_counts"])
        slots[video, outputs.pop("match.target_index")] = outputs["match.query_index"]
        outputs["match.query_index"] = slots
    out, own_grads = compute(net.double(), inputs)
    for kind, theirs, ours in (("outputs", outputs, out), ("gradients", grads, own_grads)):
        worst = max((float((ours.get(name, 0) - x).abs().max() / max(1, x.abs().max()))
                     for name, x in theirs.items()), default=0)
        print(f"{folder}: {len(theirs)} {kind}, off by at most {worst:.1e}")
        assert worst < 1e-5, "not the same network"
    return own_grads


def save(folder, stem, tensors):
    single = lambda x: x.float() if x.is_floating_point() else x
    save_file({name: single(x).contiguous().clone() for name, x in tensors.items()},
              os.path.join(folder, stem + ".safetensors"), {"format": "pt"})


# ---- the cases ----

def draw_parameters(net):
    """Tables are drawn wide and attention is sharp, or the slots of a video would hardly differ."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            is_norm = "norm" in name.lower() and name.endswith("weight")
            is_table = name.endswith(("query_embed.weight", "qa_embed.weight", "embeddings.weight"))
            spread = 0.3 if p.ndim < 2 else 1.5 if is_table else 1.4 / p.shape[-1] ** 0.5
            p.copy_((1.0 if is_norm else 0.0) + spread * torch.randn(p.shape))
            if name.endswith("in_proj_weight"):
                p[:2 * p.shape[1]] *= 1.6  # what asks and what is asked
        net.input_proj.main[0].weight_g.fill_(2 * net.config["d_model"] ** 0.5)


def first_of(lengths, n):
    return (torch.arange(n) < torch.tensor(lengths)[:, None]).long()


def draw_texts(c, lengths):
    """RoBERTa tells padding by its token, BERT by the mask alone."""
    mask = first_of(lengths, max(lengths))
    ids = torch.randint(3, c["vocab_size"], mask.shape)
    if c["model_type"] == "roberta":
        ids = torch.where(mask.bool(), ids, c["pad_token_id"])
    return {"text_ids": ids, "text_attention_mask": mask}


def draw_events(counts, n_classes):
    shape = (len(counts), max(counts))
    return {"target_classes": torch.randint(0, n_classes, shape),
            "target_spans": 0.1 + 0.6 * torch.rand(*shape, 2), "target_counts": torch.tensor(counts)}


def text_config(**other):
    return {"model_type": "roberta", "vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 24, "hidden_act": "gelu",
            "max_position_embeddings": 16, "type_vocab_size": 1, "layer_norm_eps": 1e-5,
            "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2} | other


SUPERVISED = {"loss_qa": 1, "loss_cls": 0.5, "loss_l1": 0.5}
UNSUPERVISED = {"loss_qa": 1, "loss_giou": 0.5, "loss_cls": 0.5, "loss_cert": 1}


def config(**other):
    return {"model_type": "glance_focus", "d_model": 24, "nhead": 4, "num_layers": 2, "dim_feedforward": 32,
            "num_queries": 6, "feature_dim": 12, "max_feats": 8, "output_dim": 1, "event_pred_dim": 7,
            "dropout": 0.1, "compat": "paper", "frame_positions": "none", "memory": True} | other


# How many frames and events each video has, and how many tokens each text. Where all videos are as
# long there is no mask.
CASES = {
    "glance_focus_paper": dict(
        seed=32, frames=[7, 4], tokens=[9, 6, 8, 3, 7, 9, 2, 5], events=[3, 0], labels=[2, 1],
        config=config(head="options", num_options=4, frame_positions="sine", dim_feedforward=28,
                      loss_weights=SUPERVISED, text_encoder=text_config())),
    "glance_focus_paper_open": dict(
        seed=6, frames=[5, 8, 2], tokens=[6, 4, 7, 5, 3, 6], labels=[4, 0, -1, 3, 2, 4],
        config=config(head="vocabulary", d_model=20, nhead=5, num_layers=3, dim_feedforward=26,
                      num_queries=5, output_dim=5, event_pred_dim=6, feature_dim=9,
                      loss_weights=UNSUPERVISED,
                      text_encoder=text_config(num_hidden_layers=2, hidden_size=12, vocab_size=50,
                                               num_attention_heads=3, intermediate_size=20))),
    "glance_focus_paper_count": dict(
        seed=14, frames=[3, 6], tokens=[5, 7, 4, 6], labels=[2.0, float("nan"), 0.0, 5.0],
        config=config(head="count", memory=False, d_model=16, nhead=2, dim_feedforward=40,
                      num_queries=4, loss_weights=UNSUPERVISED, text_encoder=text_config())),
    "glance_focus_paper_moment": dict(
        seed=31, frames=[5, 5, 5], tokens=[8, 5, 6], events=[4, 1, 2], labels=[3, -1, 0],
        config=config(head="moment", nhead=3, num_queries=4, frame_positions="sine", dim_feedforward=20,
                      loss_weights=SUPERVISED,
                      text_encoder=text_config(model_type="bert", type_vocab_size=2, pad_token_id=0,
                                               layer_norm_eps=1e-3))),
}


def write(folder, case):
    c = case["config"]
    torch.manual_seed(case["seed"])
    net = GlanceFocus(c | {"compat": PAPER}).eval()
    draw_parameters(net)
    n_frames = max(case["frames"])
    inputs = {"visual_inputs": torch.randn(len(case["frames"]), n_frames, c["feature_dim"]),
              "qa_labels": torch.tensor(case["labels"])}
    if min(case["frames"]) < n_frames:
        inputs["visual_mask"] = first_of(case["frames"], n_frames)
    inputs |= draw_texts(c["text_encoder"], case["tokens"])
    if "events" in case:
        inputs |= draw_events(case["events"], c["event_pred_dim"])
    parameters = {name: p.detach().clone() for name, p in net.named_parameters()}
    outputs, grads = compute(net.double(), inputs)
    gaps = outputs["pred_spans"][..., 0].sort(-1).values.diff(dim=-1)
    assert min(gaps.min(), outputs.pop("match.margin", 1)) > 1e-3, "order or match hang on rounding"

    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(c, f, indent=1)
        f.write("\n")
    for stem, tensors in (("model", parameters), ("inputs", inputs), ("outputs", outputs), ("grads", grads)):
        save(folder, stem, tensors)


torch.set_num_threads(1)
if sys.argv[1] in ("--check", "--gradients"):
    for folder in sys.argv[2:]:
        grads = check(folder)
        if sys.argv[1] == "--gradients":
            tables = (".word_embeddings.weight", ".position_embeddings.weight")
            save(folder, "grads", {name: x for name, x in grads.items() if not name.endswith(tables)})
else:
    for name, case in CASES.items():
        write(os.path.join(sys.argv[1], name), case)
