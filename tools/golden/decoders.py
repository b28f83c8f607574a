#!/usr/bin/env python3
"""Writes small OPT and GPT-2 models whose configurations switch what published ones leave alone, with
what transformers computes of them, in folders of test/fixtures/golden/: opt_plain (no biases, norms
without weights, a head of its own, no last norm), gpt2_by_layer (an MLP of another width, products of
queries and keys divided by their layer, a head of its own, another activation and eps) and
gpt2_unscaled (products as they are).

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python tools/golden/decoders.py test/fixtures/golden

Every parameter is drawn at random. Rows are padded on the left; OPT counts its positions by the mask,
for GPT-2 they are given. single.*: the first row as if it had no padding.
"""
import os
import sys

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, OPTConfig, OPTForCausalLM

torch.set_num_threads(1)
ENDS = dict(bos_token_id=2, eos_token_id=2, pad_token_id=1)
CASES = {
    "opt_plain": (OPTForCausalLM, OPTConfig(
        hidden_size=24, word_embed_proj_dim=24, ffn_dim=36, num_hidden_layers=2, num_attention_heads=3,
        vocab_size=50, max_position_embeddings=32, activation_function="gelu", enable_bias=False,
        layer_norm_elementwise_affine=False, _remove_final_layer_norm=True, tie_word_embeddings=False,
        **ENDS)),
    "gpt2_by_layer": (GPT2LMHeadModel, GPT2Config(
        n_embd=24, n_inner=40, n_layer=3, n_head=2, vocab_size=50, n_positions=32,
        activation_function="relu", layer_norm_epsilon=1e-3, scale_attn_by_inverse_layer_idx=True,
        tie_word_embeddings=False, **ENDS)),
    "gpt2_unscaled": (GPT2LMHeadModel, GPT2Config(
        n_embd=24, n_layer=2, n_head=3, vocab_size=50, n_positions=32, scale_attn_weights=False,
        **ENDS)),
}
LENGTH, PADDED = 11, 4


def draw(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_norm = p.ndim == 1 and name.endswith("weight")
            spread = 0.3 if p.ndim < 2 else 1.2 / p[0].numel() ** 0.5
            if "wte" in name or "wpe" in name or "embed_" in name or "lm_head" in name:
                spread = 0.7
            p.copy_(float(is_norm) + spread * torch.randn(p.shape))


for seed, (case, (kind, config)) in enumerate(CASES.items()):
    torch.manual_seed(seed)
    config._attn_implementation = "eager"
    config.architectures = [kind.__name__]
    model = kind(config).eval()
    draw(model)
    ids = torch.randint(3, config.vocab_size, (2, LENGTH))
    mask = torch.ones_like(ids)
    mask[1, :PADDED], ids[1, :PADDED] = 0, 1
    inputs = {"input_ids": ids, "attention_mask": mask}
    if "gpt2" in case:
        inputs["position_ids"] = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        batch = model(**inputs, output_hidden_states=True)
        single = model(input_ids=ids[:1], output_hidden_states=True, output_attentions=True)
    outputs = {"logits": batch.logits, "single.logits": single.logits,
               "single.last_hidden_state": single.hidden_states[-1]}
    outputs |= {f"single.hidden_states.{i}": x for i, x in enumerate(single.hidden_states)}
    outputs |= {f"single.attentions.{i}": x for i, x in enumerate(single.attentions)}
    folder = os.path.join(sys.argv[1], case)
    os.makedirs(folder, exist_ok=True)
    config.to_json_file(os.path.join(folder, "config.json"), use_diff=False)
    tied = {} if not config.tie_word_embeddings else {"lm_head.weight"}
    plain = lambda tensors: {k: v.detach().clone().contiguous() for k, v in tensors.items() if k not in tied}
    save_file(plain(model.state_dict()), os.path.join(folder, "model.safetensors"))
    save_file(plain(inputs), os.path.join(folder, "inputs.safetensors"))
    save_file(plain(outputs), os.path.join(folder, "outputs.safetensors"))
