#!/usr/bin/env python3
"""Writes test/fixtures/golden/gif_qa_frames/: a GIF-QA with fewer queries than frames, an adapter on
two kinds of layers, more tokens before its rows, and a text_config that scales attention by layer; with
its traces, both readings of the masked loss and their gradients, computed in f64 by transformers'
Blip2QFormerModel and GPT2LMHeadModel.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python tools/golden/gif_qa.py test/fixtures/golden/gif_qa_frames

What is not theirs is written from the description in net/joint/gif_qa.h and gif_qa_loss.h.
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file
from torch.nn.functional import cosine_similarity, cross_entropy, layer_norm, linear
from transformers import Blip2QFormerConfig, Blip2QFormerModel, GPT2Config, GPT2LMHeadModel

out = sys.argv[1]
os.makedirs(os.path.join(out, "adapter"), exist_ok=True)
torch.manual_seed(3)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

W, Q, FIRST, FRAMES, RANK, ALPHA = 14, 3, 4, 6, 2, 3
ANSWER = 2  # tokens of "answer "
asker = dict(hidden_size=12, num_hidden_layers=4, num_attention_heads=3, intermediate_size=20,
             encoder_hidden_size=10, cross_attention_frequency=3, hidden_act="gelu", layer_norm_eps=1e-6,
             use_qformer_text_input=False, vocab_size=40)
text = dict(vocab_size=45, n_positions=40, n_embd=16, n_inner=24, n_layer=3, n_head=2,
            activation_function="gelu_new", layer_norm_epsilon=1e-4, scale_attn_by_inverse_layer_idx=True,
            bos_token_id=44, eos_token_id=44)
qformer = Blip2QFormerModel(Blip2QFormerConfig(**asker, attn_implementation="eager")).eval()
llm = GPT2LMHeadModel(GPT2Config(**text, attn_implementation="eager")).eval()


def draw(shape, name):
    if len(shape) < 2:
        return float("norm" in name.lower() or ".ln_" in name) * name.endswith("weight") + 0.2 * torch.randn(shape)
    fan = shape[0] if ".c_" in name else shape[-1]
    return torch.randn(shape) * (0.7 if "wte" in name or "wpe" in name else fan ** -0.5)


own = {"image_proj.weight": (10, W), "image_proj.bias": (10,), "llm_proj.weight": (16, 12),
       "llm_proj.bias": (16,), "query_tokens": (1, Q, 12), "mvm_decoder.head.weight": (16, 16),
       "mvm_decoder.head.bias": (16,), "mvm_decoder.norm.weight": (16,), "mvm_decoder.norm.bias": (16,)}
own = {k: draw(s, k).float().double().requires_grad_() for k, s in own.items()}
params = dict(own)
for prefix, net in (("Qformer.", qformer), ("llm.", llm)):
    for name, p in net.named_parameters():
        with torch.no_grad():
            p.copy_(draw(p.shape, name).float().double())
        params[prefix + name] = p

adapter = {}
for i, block in enumerate(llm.transformer.h):
    for part, n_in, n_out in (("attn.c_attn", 16, 48), ("mlp.c_proj", 24, 16)):
        a, b = draw((RANK, n_in), "a").float().double(), draw((n_out, RANK), "b").float().double()
        a.requires_grad_(), b.requires_grad_()
        layer = f"transformer.h.{i}.{part}"
        for which, t in (("A", a), ("B", b)):
            adapter[f"base_model.model.{layer}.lora_{which}.weight"] = t
            params[f"llm.{layer}.lora_{which}.weight"] = t
        module = block.attn.c_attn if "attn" in part else block.mlp.c_proj
        module.forward = (lambda x, old=module.forward, a=a, b=b:
                          old(x) + ALPHA / RANK * linear(linear(x, a), b))

PROMPTS, LENGTH = (9, 11), 15
ids = torch.randint(1, 44, (2, LENGTH))
mask, labels = torch.ones_like(ids), torch.full_like(ids, -100)
for row, (prompt, end) in enumerate(zip(PROMPTS, (15, 13))):
    ids[row, end - 1], ids[row, end:], mask[row, end:] = 44, 0, 0
    labels[row, prompt:end] = ids[row, prompt:end]
keep = torch.tensor([[0, 2], [1, 2]])
inputs = {"frame_features": torch.randn(2, FRAMES, W).float(), "text_ids": ids, "text_mask": mask,
          "labels": labels, "prompt_length": torch.tensor(PROMPTS), "keep_index": keep}


def put(x, rows):
    return torch.cat([x[:, :FIRST], rows, x[:, FIRST:]], 1)


def read(rows):
    n = rows.shape[1]
    embeds = put(llm.transformer.wte(ids), rows)
    r = llm(inputs_embeds=embeds, attention_mask=put(mask, torch.ones(2, n, dtype=torch.long)),
            output_hidden_states=True)
    wanted = put(labels, torch.full((2, n), -100))
    ce = cross_entropy(r.logits[:, :-1].flatten(0, 1), wanted[:, 1:].flatten(), ignore_index=-100)
    return embeds, r.hidden_states[-1], r.logits, ce


def at(x, index):
    return torch.stack([row[i] for row, i in zip(x, index)])


image = linear(inputs["frame_features"].double(), own["image_proj.weight"], own["image_proj.bias"])
found = qformer(query_embeds=own["query_tokens"].expand(2, -1, -1), encoder_hidden_states=image).last_hidden_state
visual = linear(found, own["llm_proj.weight"], own["llm_proj.bias"])
embeds, states, logits, ce = read(visual)
_, kept_states, kept_logits, ce_dropped = read(at(visual, keep))
stays = torch.zeros(2, Q, 1)
for row, index in zip(stays, keep):
    row[index] = 1
_, clear_states, clear_logits, _ = read(visual * stays)

target = at(states[:, FIRST:FIRST + Q], keep)
guess = linear(kept_states[:, FIRST:FIRST + keep.shape[1]], own["mvm_decoder.head.weight"], own["mvm_decoder.head.bias"])
guess = layer_norm(guess, (16,), own["mvm_decoder.norm.weight"], own["mvm_decoder.norm.bias"], 1e-5)
clear = at(clear_states[:, FIRST:FIRST + Q], keep)
rmse = lambda a, b: ((a - b) ** 2).mean((1, 2)).sqrt().mean()
losses = {"ce": ce, "ce_dropped": ce_dropped,
          "mvm_stllm": (2 - 2 * cosine_similarity(guess, target.detach(), dim=-1)).mean(),
          "mvm_rmse": rmse(clear, target), "mvm_rmse_stop": rmse(clear, target.detach())}
losses["total_stllm"] = ce_dropped + losses["mvm_stllm"]
losses["total_rmse"] = ce + losses["mvm_rmse"]
next_ids = put(ids, torch.zeros(2, Q, dtype=torch.long))[:, 1:]
nll = cross_entropy(logits[:, :-1].transpose(1, 2), next_ids, reduction="none")
counted = torch.stack([(torch.arange(1, LENGTH + Q) > n + Q - ANSWER) & (i != 0) for n, i in zip(PROMPTS, next_ids)])

outputs = {"image_proj": image, "qformer.last_hidden_state": found, "visual": visual, "inputs_embeds": embeds,
           "last_hidden_state": states, "logits": logits, "stllm.last_hidden_state": kept_states,
           "stllm.logits": kept_logits, "stllm.decoded": guess, "stllm.target": target,
           "rmse.last_hidden_state": clear_states, "rmse.logits": clear_logits,
           "ce_published_positions": (nll * counted).sum(1) / counted.sum(1)}
outputs |= {f"loss.{k}": v for k, v in losses.items()}
grads = {}
for loss, value in losses.items():
    for name, g in zip(params, torch.autograd.grad(value, params.values(), retain_graph=True, allow_unused=True)):
        if g is not None and ("lora" in name or "proj" in name or "query_" in name or "wpe" in name or "mvm" in name):
            grads[f"{loss}.d.{name}"] = g

answers, scores = [], []
for row, n in enumerate(PROMPTS):
    x = put(llm.transformer.wte(ids[row:row + 1, :n]), visual[row:row + 1])
    answers.append([]), scores.append([])
    for _ in range(5):
        step = llm(inputs_embeds=x).logits[0, -1]
        first, second = step.topk(2).values.tolist()
        assert first - second > 0.02, "another seed"
        scores[-1].append(step), answers[-1].append(step.argmax())
        assert answers[-1][-1] != 44, "another seed"
        x = torch.cat([x, llm.transformer.wte(answers[-1][-1]).view(1, 1, -1)], 1)
outputs["answer_ids"] = torch.tensor(answers)
outputs["step_scores"] = torch.stack([torch.stack(s) for s in scores])


def save(name, tensors):
    plain = {k: v.detach().clone().contiguous() for k, v in tensors.items()}
    save_file({k: v.float() if v.is_floating_point() else v for k, v in plain.items()}, os.path.join(out, name))


save("inputs.safetensors", inputs)
save("outputs.safetensors", outputs)
save("grads.safetensors", grads)
save("model.safetensors", {k: v for k, v in params.items() if ".lora_" not in k})
save("adapter/adapter_model.safetensors", adapter)
with open(os.path.join(out, "adapter", "adapter_config.json"), "w") as f:
    json.dump(dict(peft_type="LORA", r=RANK, lora_alpha=ALPHA, target_modules=["c_attn", "mlp.c_proj"],
                   fan_in_fan_out=True, bias="none"), f, indent=1)
with open(os.path.join(out, "config.json"), "w") as f:
    json.dump(dict(frame_dim=W, num_query_tokens=Q, context_length=FIRST, qformer_config=asker, text_config=text), f, indent=1)
