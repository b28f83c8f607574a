#!/usr/bin/env python3
"""Writes golden cases of ST-LLM (Liu et al. 2024) and of its eye, the ViT-g of EVA-CLIP as LAVIS has it:
eva, and st_llm_all, st_llm_mean, st_llm_residual, st_llm_btadapter.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0 safetensors
    venv/bin/python tools/golden/st_llm.py test/fixtures/golden

The eye, the Q-Former, the joining of frames and the adapter are written anew here, from what the
repositories TencentARC/ST-LLM and salesforce/LAVIS define, in plain tensor operations under the names of
their checkpoints; the language model is transformers' LlamaForCausalLM, fed with embeddings. Where
transformers has the same network (Blip2VisionModel, Blip2QFormerModel), it must agree.

Every parameter is drawn at random, norms and biases too. All is computed in single precision, in one
thread. Of draws that come too close to a tie, or that generate little else than one token, the next is
taken.
"""
import itertools
import os
import sys

import torch
import transformers
from case import MARGIN, choose, draw_parameters, write_case
from torch import nn
from torch.nn.functional import gelu, linear, relu

PLACEHOLDER = 3  # in input_ids, where the rows of the video stand
N_NEW = 8
PREFIX = "model.stllm_model."


# ---- the network; B videos, T frames, N patches, Q queries, C the width at hand ----

def attend(q, k, v, n_heads, hidden=None):
    """[B, .., C] each; hidden: bool [B, keys]"""
    q, k, v = (x.unflatten(-1, (n_heads, -1)).transpose(1, 2) for x in (q, k, v))
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if hidden is not None:
        scores = scores.masked_fill(hidden[:, None, None], float("-inf"))
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


class EvaAttention(nn.Module):
    """The keys have no bias."""

    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.q_bias, self.v_bias = (nn.Parameter(torch.empty(width)) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        bias = torch.cat([self.q_bias, torch.zeros_like(self.q_bias), self.v_bias])
        return self.proj(attend(*linear(x, self.qkv.weight, bias).chunk(3, -1), self.n_heads))


class EvaMlp(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        return self.fc2(gelu(self.fc1(x)))


class EvaBlock(nn.Module):
    def __init__(self, c, eps):
        super().__init__()
        width = c["hidden_size"]
        self.norm1, self.norm2 = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)
        self.attn = EvaAttention(width, c["num_attention_heads"])
        self.mlp = EvaMlp(width, c["intermediate_size"])

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class SpatialBlock(EvaBlock):
    """Of the adapter: x [B, 1 + N T, C] with frames of a patch next to each other. Every frame attends to
    the one class row and its own patches; what the class row becomes is the mean over frames."""

    def forward(self, x, n_frames):
        first, patches = x[:, :1], x[:, 1:].unflatten(1, (-1, n_frames))  # [B, N, T, C]
        rows = torch.cat([first[:, None].expand(-1, n_frames, -1, -1), patches.transpose(1, 2)], 2)
        new = self.attn(self.norm1(rows.flatten(0, 1))).unflatten(0, (-1, n_frames))  # [B, T, 1 + N, C]
        new = torch.cat([new[:, :, 0].mean(1, keepdim=True), new[:, :, 1:].transpose(1, 2).flatten(1, 2)], 1)
        x = x + new
        return x + self.mlp(self.norm2(x))


class TemporalBlock(nn.Module):
    """Of the adapter: every patch attends to itself in all frames; the class row stays."""

    def __init__(self, c):
        super().__init__()
        width = c["hidden_size"]
        self.norm1 = nn.LayerNorm(width, c["layer_norm_eps"])
        self.attn = EvaAttention(width, c["num_attention_heads"])
        self.temporal_fc = nn.Linear(width, width)

    def forward(self, x, n_frames):
        rows = x[:, 1:].unflatten(1, (-1, n_frames)).flatten(0, 1)  # [B N, T, C]
        new = self.temporal_fc(self.attn(self.norm1(rows))).unflatten(0, (len(x), -1)).flatten(1, 2)
        return torch.cat([x[:, :1], x[:, 1:] + new], 1)


class Eva(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, patch, depth = c["hidden_size"], c["patch_size"], c.get("btadapter_depth", 0)
        n_patches = (c["image_size"] // patch) ** 2
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.pos_embed = nn.Parameter(torch.empty(1, 1 + n_patches, width))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, patch)})
        self.blocks = nn.ModuleList(EvaBlock(c, c["layer_norm_eps"]) for _ in range(c["num_hidden_layers"]))
        self.depth = depth
        if depth:
            self.BTAdapter_cls = nn.Parameter(torch.empty(1, 1, width))
            self.BTAdapter_S = nn.ModuleList(SpatialBlock(c, 1e-5) for _ in range(depth))
            self.BTAdapter_T = nn.ModuleList(TemporalBlock(c) for _ in range(depth))
            self.BTAdapter_position = nn.Embedding(64, width)

    def begin_branch(self, x):
        """[B, T, 1 + N, C] behind the first of the blocks that have a branch -> [B, 1 + N T, C]"""
        patches = x[:, :, 1:] + self.pos_embed[:, 1:]
        patches = patches + self.BTAdapter_position.weight[:x.shape[1], None]
        first = self.BTAdapter_cls + self.pos_embed[:, :1]
        first = (x[:, :, :1].mean(1) + first) / 2
        return torch.cat([first, patches.transpose(1, 2).flatten(1, 2)], 1)

    def branch(self, i, x, state):
        """Step i of the branch. x: [B, T, 1 + N, C]"""
        if i == 0:
            state = self.begin_branch(x)
        else:
            state = state + torch.cat([x[:, :, 0].mean(1, keepdim=True),
                                       x[:, :, 1:].transpose(1, 2).flatten(1, 2)], 1)
        n_frames = x.shape[1]
        return self.BTAdapter_S[i](self.BTAdapter_T[i](state, n_frames), n_frames)

    def join_branch(self, x, state):
        n_frames = x.shape[1]
        patches = state[:, 1:].unflatten(1, (-1, n_frames)).transpose(1, 2)  # [B, T, N, C]
        first = state[:, None, :1].expand(-1, n_frames, -1, -1)
        return (x + torch.cat([first, patches], 2)) / 2

    def forward(self, pixels, n_frames=1):
        """[B T, 3, H, W] -> hidden states: embeddings [B T, 1 + N, C], then behind every block; and the
        output"""
        x = self.patch_embed.proj(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        hidden_states, state, start = [x], None, len(self.blocks) - self.depth
        for i, block in enumerate(self.blocks):
            x = block(x)
            hidden_states.append(x)
            if i >= start:
                state = self.branch(i - start, x.unflatten(0, (-1, n_frames)), state)
        if self.depth:
            x = self.join_branch(x.unflatten(0, (-1, n_frames)), state).flatten(0, 1)
        return hidden_states, x


class BertAttention(nn.Module):
    def __init__(self, c, memory_width):
        super().__init__()
        width, self.n_heads = c["hidden_size"], c["num_attention_heads"]
        self.self = nn.ModuleDict({"query": nn.Linear(width, width), "key": nn.Linear(memory_width, width),
                                   "value": nn.Linear(memory_width, width)})
        self.output = residual(width, width, c["layer_norm_eps"])

    def forward(self, x, memory, hidden=None):
        s = self.self
        new = attend(s.query(x), s.key(memory), s.value(memory), self.n_heads, hidden)
        return self.output.LayerNorm(x + self.output.dense(new))


def residual(n_in, n_out, eps):
    return nn.ModuleDict({"dense": nn.Linear(n_in, n_out), "LayerNorm": nn.LayerNorm(n_out, eps)})


class QformerLayer(nn.Module):
    def __init__(self, c, number):
        super().__init__()
        width, inner = c["hidden_size"], c["intermediate_size"]
        self.attention = BertAttention(c, width)
        if number % c["cross_attention_frequency"] == 0:
            self.crossattention = BertAttention(c, c["encoder_hidden_size"])
        for end in ["_query"] + [""] * c["use_qformer_text_input"]:
            setattr(self, "intermediate" + end, nn.ModuleDict({"dense": nn.Linear(width, inner)}))
            setattr(self, "output" + end, residual(inner, width, c["layer_norm_eps"]))

    def think(self, x, end):
        inner, output = getattr(self, "intermediate" + end), getattr(self, "output" + end)
        return output.LayerNorm(x + output.dense(gelu(inner.dense(x))))

    def forward(self, x, n_queries, hidden, memory):
        x = self.attention(x, x, hidden)
        queries, text = x[:, :n_queries], x[:, n_queries:]
        if hasattr(self, "crossattention"):
            queries = self.crossattention(queries, memory)
        queries = self.think(queries, "_query")
        return torch.cat([queries, self.think(text, "")], 1) if text.shape[1] else queries


class Qformer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width = c["hidden_size"]
        embeddings = {"LayerNorm": nn.LayerNorm(width, c["layer_norm_eps"])}
        if c["use_qformer_text_input"]:
            embeddings["word_embeddings"] = nn.Embedding(c["vocab_size"], width)
            embeddings["position_embeddings"] = nn.Embedding(c["max_position_embeddings"], width)
        layers = nn.ModuleList(QformerLayer(c, i) for i in range(c["num_hidden_layers"]))
        self.bert = nn.ModuleDict({"embeddings": nn.ModuleDict(embeddings),
                                   "encoder": nn.ModuleDict({"layer": layers})})

    def forward(self, queries, memory, ids=None, seen=None):
        """queries [B, Q, C], ids and bool seen [B, n] of the text -> [B, Q + n, C]"""
        e, n_queries, hidden = self.bert.embeddings, queries.shape[1], None
        if ids is not None:
            text = e.word_embeddings(ids) + e.position_embeddings.weight[:ids.shape[1]]
            queries = torch.cat([queries, text], 1)
            hidden = torch.cat([torch.zeros(len(ids), n_queries, dtype=torch.bool), ~seen], 1)
        x = e.LayerNorm(queries)
        for layer in self.bert.encoder.layer:
            x = layer(x, n_queries, hidden, memory)
        return x


class Visual(nn.Module):
    """What hangs in the language model as stllm_model."""

    def __init__(self, c):
        super().__init__()
        self.config, width = c, c["hidden_size"]
        vision, qformer = c["vision_config"], c["qformer_config"]
        self.visual_encoder = Eva(vision)
        self.ln_vision = nn.LayerNorm(vision["hidden_size"], 1e-5)
        self.query_tokens = nn.Parameter(torch.empty(1, c["num_query_token"], qformer["hidden_size"]))
        self.Qformer = Qformer(qformer)
        self.llama_proj = nn.Linear(qformer["hidden_size"], width)
        if c["video_input"] == "residual":
            self.down_proj = nn.Linear(width, c["residual_hidden_size"])
            self.up_proj = nn.Linear(c["residual_hidden_size"], width)
        if c["mvm_decode"]:  # used in training alone
            self.mvm_decoder = nn.ModuleDict({"head": nn.Linear(width, width), "norm": nn.LayerNorm(width)})

    def see(self, pixels, ids=None, seen=None):
        """pixels [B, T, 3, H, W], ids and seen [B, n] -> what is found by name, rows [B, T, Q, C]"""
        n_videos, n_frames = pixels.shape[:2]
        memory = self.ln_vision(self.visual_encoder(pixels.flatten(0, 1), n_frames)[1])
        if ids is not None:
            ids, seen = (x.repeat_interleave(n_frames, 0) for x in (ids, seen))
        queries = self.query_tokens.expand(n_videos * n_frames, -1, -1)
        states = self.Qformer(queries, memory, ids, seen)
        rows = self.llama_proj(states[:, :queries.shape[1]])
        return {"ln_vision": memory, "qformer.last_hidden_state": states,
                "frame_rows": rows.unflatten(0, (n_videos, n_frames))}

    def join(self, rows):
        """[B, T, Q, C] -> [B, rows, C]"""
        way, mean = self.config["video_input"], rows.mean(1)
        if way == "mean":
            return mean
        if way == "residual":
            index = residual_index(rows.shape[1], self.config["residual_size"])
            rows = rows[:, index] + self.up_proj(relu(self.down_proj(mean)))[:, None]
        return rows.flatten(1, 2)


def residual_index(n_frames, n_kept):
    """Half numbers are rounded to even ones."""
    segment = n_frames / n_kept
    return [int(segment / 2 + round(segment * i)) for i in range(n_kept)]


# ---- transformers' networks must agree ----

def same(what, a, b):
    assert torch.allclose(a, b, rtol=1e-4, atol=2e-5), f"{what}: {(a - b).abs().max()}"


def check_eva(eva, c, pixels, hidden_states):
    config = transformers.Blip2VisionConfig(**c, attn_implementation="eager")
    other, state = transformers.Blip2VisionModel(config).eval(), {}
    for name, x in eva.state_dict().items():
        name = name.replace("blocks.", "encoder.layers.").replace("attn.proj", "attn.projection")
        name = name.replace("norm1", "layer_norm1").replace("norm2", "layer_norm2")
        name = name.replace("attn.", "self_attn.").replace("patch_embed.proj", "embeddings.patch_embedding")
        name = name.replace("cls_token", "embeddings.class_embedding")
        state[name.replace("pos_embed", "embeddings.position_embedding")] = x
    for i in range(c["num_hidden_layers"]):
        a = f"encoder.layers.{i}.self_attn."
        q, v = state.pop(a + "q_bias"), state.pop(a + "v_bias")
        state[a + "qkv.bias"] = torch.cat([q, torch.zeros_like(q), v])
    wrong = other.load_state_dict(state, strict=False)
    assert set(wrong.missing_keys) == {"post_layernorm.weight", "post_layernorm.bias"}, wrong
    assert not wrong.unexpected_keys, wrong
    theirs = other(pixels, output_hidden_states=True).hidden_states
    assert len(theirs) == len(hidden_states)
    for i, pair in enumerate(zip(theirs, hidden_states)):
        same(f"hidden states {i} of the eye", *pair)


def check_qformer(visual, found, ids, seen):
    config = transformers.Blip2QFormerConfig(**visual.config["qformer_config"], attn_implementation="eager")
    other, state = transformers.Blip2QFormerModel(config).eval(), {}
    for name, x in visual.Qformer.bert.state_dict().items():
        name = name.replace("attention.self", "attention.attention").replace("embeddings.LayerNorm", "layernorm")
        if not name.startswith("embeddings."):
            state[name] = x
    other.load_state_dict(state)
    memory = found["ln_vision"]
    queries, mask = visual.query_tokens.expand(len(memory), -1, -1), None
    if ids is not None:
        n_frames, e = len(memory) // len(ids), visual.Qformer.bert.embeddings
        ids, seen = (x.repeat_interleave(n_frames, 0) for x in (ids, seen))
        text = e.word_embeddings(ids) + e.position_embeddings.weight[:ids.shape[1]]
        mask = torch.cat([torch.ones(queries.shape[:2]), seen], 1)
        queries = torch.cat([queries, text], 1)
    theirs = other(query_embeds=queries, query_length=visual.query_tokens.shape[1], attention_mask=mask,
                   encoder_hidden_states=memory).last_hidden_state
    same("Q-Former", theirs, found["qformer.last_hidden_state"])


# ---- configurations ----

def vision_config(width, n_heads, n_layers, **more):
    return {"hidden_act": "gelu", "hidden_size": width, "image_size": 28,
            "intermediate_size": int(width * 4.3637), "layer_norm_eps": 1e-6,
            "model_type": "blip_2_vision_model", "num_attention_heads": n_heads,
            "num_hidden_layers": n_layers, "patch_size": 7, "qkv_bias": True} | more


def qformer_config(vision, width, n_heads, n_layers, inner, text, **more):
    return {"cross_attention_frequency": 2, "encoder_hidden_size": vision["hidden_size"],
            "hidden_act": "gelu", "hidden_size": width, "intermediate_size": inner,
            "layer_norm_eps": 1e-12, "max_position_embeddings": 16, "model_type": "blip_2_qformer",
            "num_attention_heads": n_heads, "num_hidden_layers": n_layers, "use_qformer_text_input": text,
            "vocab_size": 40} | more


def config(width, n_heads, n_layers, inner, vision, qformer, n_queries, video_input, **more):
    """Keys of transformers' LLaMA, then those of the published YAML, then sizes that their code fixes."""
    llama = {"architectures": ["STLLMForCausalLM"], "bos_token_id": 1, "eos_token_id": 2,
             "hidden_act": "silu", "hidden_size": width, "initializer_range": 0.02,
             "intermediate_size": inner, "max_position_embeddings": 64, "model_type": "st_llm_hf",
             "num_attention_heads": n_heads, "num_hidden_layers": n_layers, "pad_token_id": 0,
             "rms_norm_eps": 1e-6, "tie_word_embeddings": False, "torch_dtype": "float32",
             "transformers_version": "4.28.0", "use_cache": True, "vocab_size": 80}
    published = {"arch": "st_llm_hf", "vit_model": "eva_clip_g", "image_size": vision["image_size"],
                 "drop_path_rate": 0, "use_grad_checkpoint": True, "vit_precision": "fp32",
                 "freeze_vit": True, "freeze_qformer": True, "freeze_LLM": False,
                 "num_query_token": n_queries, "prompt": "", "max_txt_len": 256, "end_sym": "###",
                 "video_input": video_input, "qformer_text_input": qformer["use_qformer_text_input"],
                 "use_mask": False, "mvm_decode": False}
    return llama | published | more | {"vision_config": vision, "qformer_config": qformer}


MASKED = {"use_mask": True, "mvm_decode": True}
EYE = {"all": vision_config(24, 3, 2), "mean": vision_config(20, 2, 2, patch_size=14),
       "residual": vision_config(16, 2, 3), "btadapter": vision_config(16, 4, 3, btadapter_depth=2)}
CASES = {
    "st_llm_all": dict(
        seed=100, videos=2, frames=3, qformer_text=[6, 4], after=7,
        config=config(32, 4, 2, 40, EYE["all"], qformer_config(EYE["all"], 20, 4, 3, 36, True), 4, "all",
                      **MASKED)),
    "st_llm_mean": dict(
        seed=200, videos=2, frames=4, before=5, after=6,
        config=config(24, 2, 3, 40, EYE["mean"], qformer_config(EYE["mean"], 24, 3, 4, 32, False), 5, "mean")),
    "st_llm_residual": dict(
        seed=300, videos=1, frames=8, qformer_text=[5], after=6, uneven=6,
        config=config(40, 5, 2, 28, EYE["residual"], qformer_config(EYE["residual"], 20, 2, 3, 32, True), 3,
                      "residual", residual_size=4, prompt_template="###Human: {} ###Assistant: ",
                      residual_hidden_size=12, **MASKED)),
    "st_llm_btadapter": dict(
        seed=400, videos=2, frames=4, qformer_text=[3, 5], after=5,
        config=config(32, 2, 2, 36, EYE["btadapter"], qformer_config(EYE["btadapter"], 18, 3, 2, 30, True), 3,
                      "all", **(MASKED | {"vit_model": "eva_btadapter_g"}))),
}


# ---- notes ----

NOTES = {
    "eva": [
        "own torch code in plain operations; agrees with transformers' Blip2VisionModel (weights renamed, qkv bias = q_bias, zeros, v_bias) in every hidden state; the published code, run apart from this script with these files, loads every name and gives the output to 3e-6",
        "names of LAVIS: visual_encoder.{cls_token [1,1,C], pos_embed [1,1+N,C], patch_embed.proj.{weight [C,3,p,p],bias}, blocks.N.{norm1,norm2}.{weight,bias}, blocks.N.attn.{q_bias [C], v_bias [C], qkv.weight [3C,C], proj.{weight,bias}}, blocks.N.mlp.{fc1,fc2}.{weight,bias}}, ln_vision.{weight,bias}; rows of qkv.weight: all queries' heads, keys', values'; keys have no bias",
        "embeddings = class token, then patches (row by row), plus pos_embed; block: x + attn(norm1(x)), then x + mlp(norm2(x)); erf GELU; queries scaled by one over the root of the head's width; norms of blocks 1e-6, no norm at the end of visual_encoder, ln_vision 1e-5 (torch's default)",
        "hidden_states.0 = embeddings, hidden_states.i = behind block i - 1, output = the last of them (what visual_encoder gives), ln_vision = output behind ln_vision (what the Q-Former looks at, class row included)",
        "config.json has transformers' Blip2 vision keys; the published code has them as constants: width 1408, 39 blocks, 16 heads of 88, inner width int(1408 * 4.3637) = 6144, patch 14, image 224 (224 from its YAML image_size)",
    ],
    "st_llm": [
        "own torch code in plain operations written from the definitions of TencentARC/ST-LLM and salesforce/LAVIS; the language model is transformers' LlamaForCausalLM fed with embeddings. Q-Former rows agree with transformers' Blip2QFormerModel, the eye (without adapter) with Blip2VisionModel; the published code of eye and adapter, run apart from this script with these files, loads every name under visual_encoder and gives ln_vision to 2e-6",
        "names: LLaMA's as in transformers (model.embed_tokens, model.layers.N, model.norm, lm_head); everything visual under model.stllm_model.: visual_encoder.*, ln_vision.*, query_tokens [1,Q,Cq], Qformer.bert.embeddings.{LayerNorm,word_embeddings,position_embeddings}, Qformer.bert.encoder.layer.N.{attention,crossattention}.{self.{query,key,value},output.{dense,LayerNorm}}, .intermediate_query.dense, .output_query.{dense,LayerNorm}, and with text input .intermediate.dense, .output.{dense,LayerNorm}; llama_proj.{weight [H,Cq],bias}; residual: down_proj.{weight [R,H],bias}, up_proj.{weight [H,R],bias}. Issue 12 of TencentARC/ST-LLM lists these names from a checkpoint. LAVIS's InstructBLIP calls llama_proj llm_proj; without a language model around it the names have no prefix. Released weights come in shards named pytorch_model-0000i-of-0000n.bin",
        "also stored, as in checkpoints of transformers 4.28, and to be ignored: model.layers.N.self_attn.rotary_emb.inv_freq, model.stllm_model.embed_tokens.weight (= model.embed_tokens.weight), model.stllm_model.Qformer.bert.embeddings.position_ids (I64), model.stllm_model.mvm_decoder.{head,norm} (mvm_decode: training only), model.stllm_model.residual_index (I64, a buffer left by training)",
        "config.json: the published one has only LLaMA's keys (model_type st_llm_hf; no num_key_value_heads, no rope_theta: as many as heads, 10000); the keys of the published YAML (section model, without its paths and its model_type) stand beside them here; vision_config and qformer_config hold, under transformers' Blip2 names, what the code has as constants (vision 1408 wide, 39 blocks, 16 heads, 6144, patch 14; Q-Former = BERT base, cross-attention in layers 0, 2, 4 ..); residual_hidden_size is 1024 in the code (= rows of down_proj.weight), btadapter_depth 3. Defaults of the code for absent keys: residual_size 4, video_input none, has_qformer true, qformer_text_input false, use_mask false, mvm_decode false, vit_model eva_clip_g, max_txt_len 32, end_sym a newline",
        "use_mask and mvm_decode act in training only: all visual rows are kept here",
        "frames: every frame goes alone through eye, ln_vision (eps 1e-5) and Q-Former (all class and patch rows are looked at); Q-Former: queries and then the text's word + position embeddings (positions from 0, no token types), one LayerNorm over both (1e-12), post-norm layers: self-attention over queries and text (text padding hidden), cross-attention of queries only in layers N % cross_attention_frequency == 0, feed-forward intermediate_query/output_query for queries, intermediate/output for text rows; erf GELU; only the queries' outputs go through llama_proj. A video's text is the same for all of its frames",
        "the Q-Former reads the instruction in BERT's ids with its own special tokens (special tokens [CLS] .. [SEP] are simply ids here); in training the part between 'Human: ' and ' ###', in conversation the user's question",
        "frame_rows [B,T,Q,H] = behind llama_proj; visual [B,rows,H] = after joining, frame after frame and query after query; ln_vision, qformer.last_hidden_state: frames in the order video, frame ([B T, ..])",
        "video_input: all = T Q rows; mean = mean over frames, Q rows; residual = for each of residual_size frames r_i: its rows + up_proj(relu(down_proj(mean over all T frames))), residual_size Q rows; r_i = int(seg / 2 + round(seg i)), seg = T / residual_size in double, halves rounded to even (NumPy and Python alike)",
        "sequence: embeddings of before_ids, visual rows, embeddings of after_ids; positions 0, 1, 2 ..; ordinary causal mask, nothing hidden. input_ids: the same with the placeholder id 3 (which stands nowhere else) repeated once per visual row. qformer_text_input true (InstructBLIP base): no before_ids, the visual rows come first, then all text with the tokenizer's start token, which that code sets to </s> (id 2); false (MiniGPT-4 base): before_ids start with <s> (id 1), after_ids without start token",
        "hidden_states.0 = inputs_embeds, hidden_states.i behind layer i - 1, the last one behind model.norm; logits over the whole sequence; generated_ids = new tokens only, greedy without repetition penalty (the published conversation uses 5 beams and a penalty of 1.5), eos_token_id never met; step_scores = raw logits each was chosen from",
        "published preprocessing: shorter side 224 (bicubic), centre crop, CLIP's mean and deviation; here pixel_values are given",
        "not covered: has_qformer false (groups of four patch rows side by side through llama_proj, class row dropped), lora_r > 0, one image (use_image), pre_encoding, training",
    ],
    "st_llm_residual": ["uneven.*: the first 6 frames of the same video alone: seg = 1.5, so that round(4.5) = 4 shows; uneven.residual_index = r_i of them. T too small for residual_size (T = 2 with 4) points behind the last frame in the published code: an error there"],
    "st_llm_btadapter": [
        "vit_model eva_btadapter_g (both released QA configurations): beside the last btadapter_depth blocks of visual_encoder runs a branch over all frames of a video; names model.stllm_model.visual_encoder.{BTAdapter_cls [1,1,C], BTAdapter_position.weight [64,C], BTAdapter_T.i.{norm1,attn.{q_bias,v_bias,qkv.weight,proj},temporal_fc}, BTAdapter_S.i.{norm1,norm2,attn,mlp as in a block}}; the eye's own blocks are not changed by it",
        "branch state: one class row, then patches with the frames of a patch next to each other [B, 1 + N T, C]. Start, behind the first of those blocks: patches = x + pos_embed (again, without class) + BTAdapter_position[frame]; class = (mean over frames of x's class row + BTAdapter_cls + pos_embed's class row) / 2. Later blocks: state = state + block's output (class row = mean over frames). Then BTAdapter_T[i], then BTAdapter_S[i]",
        "BTAdapter_T: per patch over frames: patches + temporal_fc(attn(norm1(patches))), class row unchanged, norm 1e-6. BTAdapter_S: per frame over [class row, patches of the frame]: residual + attn(norm1(.)), class row's new part = mean over frames; then + mlp(norm2(.)); its norms have eps 1e-5 (torch's default), unlike the eye's 1e-6",
        "end: output = (last block's output + state laid out per frame, class row repeated for every frame) / 2; then ln_vision as always. BTAdapter_position limits T to 64",
    ],
}


# ---- writing ----

def std(name, shape):
    if name == "lm_head.weight":
        return 3 / shape[1] ** 0.5
    if name.endswith(("pos_embed", "cls_token", "BTAdapter_cls", "BTAdapter_position.weight")):
        return 0.5
    return 1.0 if "embed_tokens" in name or "embeddings.weight" in name or "query_tokens" in name else None


def write_eva(folder):
    torch.manual_seed(50)
    c = vision_config(40, 5, 3)
    net = nn.ModuleDict({"visual_encoder": Eva(c), "ln_vision": nn.LayerNorm(40, 1e-5)}).eval()
    draw_parameters(net.state_dict(), std)
    pixels = torch.randn(2, 3, 28, 28)
    hidden_states, output = net.visual_encoder(pixels)
    check_eva(net.visual_encoder, c, pixels, hidden_states)
    outputs = {f"hidden_states.{i}": x for i, x in enumerate(hidden_states)}
    outputs |= {"output": output, "ln_vision": net.ln_vision(output)}
    files = {"model": net.state_dict(), "inputs": {"pixel_values": pixels}, "outputs": outputs}
    write_case(folder, c, files, {"reference_class": "own torch derivation", "notes": NOTES["eva"]})


def draw_inputs(case):
    c, n_videos = case["config"], case["videos"]
    side = c["image_size"]
    inputs = {"pixel_values": torch.randn(n_videos, case["frames"], 3, side, side)}
    ids = lambda n: torch.randint(PLACEHOLDER + 1, c["vocab_size"], (n_videos, n))
    inputs["after_ids"] = ids(case["after"])
    if "before" in case:
        inputs["before_ids"] = ids(case["before"])
        inputs["before_ids"][:, 0] = 1
    else:
        inputs["after_ids"][:, 0] = 2
    if "qformer_text" in case:
        lengths = torch.tensor(case["qformer_text"])
        seen = torch.arange(lengths.max()) < lengths[:, None]
        ids = torch.randint(1, c["qformer_config"]["vocab_size"], seen.shape)
        inputs |= {"qformer_input_ids": ids * seen, "qformer_attention_mask": seen.long()}
    return inputs


def text_of(inputs):
    if "qformer_input_ids" in inputs:
        return inputs["qformer_input_ids"], inputs["qformer_attention_mask"].bool()
    return None, None


def compute(visual, llama, inputs):
    """-> outputs by name, smallest margin"""
    found = visual.see(inputs["pixel_values"], *text_of(inputs))
    rows = visual.join(found["frame_rows"])
    parts = [llama.model.embed_tokens(inputs[name]) if name in inputs else None
             for name in ("before_ids", "after_ids")]
    x = torch.cat([part for part in (parts[0], rows, parts[1]) if part is not None], 1)
    out = llama(inputs_embeds=x, output_hidden_states=True)
    found |= {"visual": rows, "inputs_embeds": x, "logits": out.logits}
    found |= {f"hidden_states.{i}": h for i, h in enumerate(out.hidden_states)}
    scores, ids, margins = [], [], []
    for _ in range(N_NEW):
        scores.append(llama(inputs_embeds=x).logits[:, -1])
        chosen, margin = choose(scores[-1])
        ids.append(chosen)
        margins.append(margin)
        x = torch.cat([x, llama.model.embed_tokens(chosen)[:, None]], 1)
    found |= {"generated_ids": torch.stack(ids, 1), "step_scores": torch.stack(scores, 1)}
    return found, min(margins)


def draw(case, seed):
    torch.manual_seed(seed)
    c = case["config"]
    keys = ("bos_token_id", "eos_token_id", "hidden_act", "hidden_size", "intermediate_size", "vocab_size",
            "max_position_embeddings", "num_attention_heads", "num_hidden_layers", "pad_token_id",
            "rms_norm_eps", "tie_word_embeddings")
    llama = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        **{key: c[key] for key in keys}, attn_implementation="eager")).eval()
    visual = Visual(c).eval()
    state = llama.state_dict() | {PREFIX + name: x for name, x in visual.state_dict().items()}
    draw_parameters(state, std)
    return visual, llama, state, draw_inputs(case)


def leftovers(c, state):
    """What checkpoints hold besides, and nobody needs."""
    width = c["hidden_size"] // c["num_attention_heads"]
    more = {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": 10000 ** (-torch.arange(0, width, 2) / width)
            for i in range(c["num_hidden_layers"])}
    more[PREFIX + "embed_tokens.weight"] = state["model.embed_tokens.weight"]
    n = c["qformer_config"]["max_position_embeddings"]
    more[PREFIX + "Qformer.bert.embeddings.position_ids"] = torch.arange(n)[None]
    if c["video_input"] == "residual":
        more[PREFIX + "residual_index"] = torch.tensor(residual_index(8, c["residual_size"]))
    return more


def matters(visual, llama, inputs, outputs):
    """Video and instruction are not lost in the noise of the rest: the last logits hang on them."""
    last = outputs["logits"][:, -1]
    other = inputs | {"pixel_values": inputs["pixel_values"].flip(1) * 0.5}
    changes = [(compute(visual, llama, other)[0]["logits"][:, -1] - last).abs().max()]
    if "qformer_input_ids" in inputs:
        other = inputs | {"qformer_input_ids": inputs["qformer_input_ids"].roll(1, 1)}
        changes.append((compute(visual, llama, other)[0]["logits"][:, -1] - last).abs().max())
    return min(changes) > 0.2


def write_st_llm(folder, case):
    c = case["config"]
    for seed in itertools.count(case["seed"]):
        visual, llama, state, inputs = draw(case, seed)
        outputs, margin = compute(visual, llama, inputs)
        new = outputs["generated_ids"]
        varied = all(len(set(row)) >= 5 for row in new.tolist())
        if (margin > MARGIN and varied and not (new == c["eos_token_id"]).any()
                and matters(visual, llama, inputs, outputs)):
            break
    text = text_of(inputs)
    check_qformer(visual, outputs, *text)
    if not visual.visual_encoder.depth:
        frames = inputs["pixel_values"].flatten(0, 1)
        check_eva(visual.visual_encoder, c["vision_config"], frames, visual.visual_encoder(frames)[0])
    if "uneven" in case:
        n = case["uneven"]
        found = visual.see(inputs["pixel_values"][:, :n], *text)
        outputs["uneven.visual"] = visual.join(found["frame_rows"])
        outputs["uneven.residual_index"] = torch.tensor(residual_index(n, c["residual_size"]))
        outputs["residual_index"] = torch.tensor(residual_index(case["frames"], c["residual_size"]))
    middle = torch.full(outputs["visual"].shape[:2], PLACEHOLDER)
    inputs["input_ids"] = torch.cat([inputs[name] if name else middle for name in
                                     ("before_ids", None, "after_ids") if name is None or name in inputs], 1)
    files = {"model": state | leftovers(c, state), "inputs": inputs, "outputs": outputs}
    notes = NOTES["st_llm"] + NOTES.get(os.path.basename(folder), [])
    write_case(folder, c, files, {"reference_class": "own torch derivation (LlamaForCausalLM of transformers inside)",
                                  "greedy_min_margin": margin, "placeholder_id": PLACEHOLDER,
                                  "notes": notes})
    print(os.path.basename(folder), "seed", seed, "margin", round(margin, 4), new.tolist(),
          "logits' deviation", round(outputs["logits"].std().item(), 2))


torch.set_num_threads(1)
torch.set_grad_enabled(False)
write_eva(os.path.join(sys.argv[1], "eva"))
for name, case in CASES.items():
    write_st_llm(os.path.join(sys.argv[1], name), case)
