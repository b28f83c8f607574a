#!/usr/bin/env python3
"""Writes golden cases of networks with other sizes and switches than those of ../shared/golden:
gpt2_scaled, t5_gated_small, mt5_scaled, mt5_tied, opt_no_bias, blip2_opt_cross_every, instructblip_llama_grouped,
instructblip_video.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0 safetensors
    venv/bin/python tools/golden/variants.py test/fixtures/golden
    venv/bin/python tools/golden/variants.py --check CASE_FOLDER...

Networks are transformers'; what newer versions do differently (where the rows of an image go, which
positions count) is done here step by step. --check computes cases that an older version wrote, by their
files, and holds outputs and tokens to them.

Every parameter is drawn at random, norms and biases too. All is computed in single precision, in one
thread. Of draws that come too close to a tie, or that generate little else than one token, the next is
taken.
"""
import itertools
import json
import os
import sys

import torch
import transformers
from case import MARGIN, choose, draw_parameters, write_case
from safetensors.torch import load_file

VERSIONS = ("architectures", "model_type", "torch_dtype", "transformers_version")
TIED = {"gpt2": ["lm_head.weight"], "opt": ["lm_head.weight"], "blip-2": ["language_model.lm_head.weight"],
        "t5": ["decoder.embed_tokens.weight", "encoder.embed_tokens.weight"],
        "mt5": ["decoder.embed_tokens.weight", "encoder.embed_tokens.weight", "lm_head.weight"]}


# ---- networks ----

def scales_states(name, c, version):
    """Of mT5, whose class scales none any more."""
    return name.startswith("MT5") and c["tie_word_embeddings"] and version.startswith("4.")


def build(c):
    name, version = c["architectures"][0], c["transformers_version"]
    c = {key: value for key, value in c.items() if key not in VERSIONS}
    kind = getattr(transformers, name)
    net = kind(kind.config_class(**c, attn_implementation="eager")).eval()
    if c.get("d_model") and scales_states(name, c, version):
        net.lm_head.register_forward_pre_hook(lambda _, x: (x[0] * c["d_model"] ** -0.5,))
    if kind is transformers.T5ForConditionalGeneration and not c.get("tie_word_embeddings", True):
        net.lm_head.weight = torch.nn.Parameter(net.lm_head.weight.clone())  # newer versions tie it all the same
    return net


def stored(net, c):
    """The state dict without what is tied."""
    tied = list(TIED.get(c["model_type"], []))
    if c["model_type"] == "t5" and c.get("tie_word_embeddings", True):
        tied.append("lm_head.weight")
    return {name: x for name, x in net.state_dict().items() if name not in tied}


# ---- choosing, token after token ----

def positions_of(mask):
    """Counts what is seen; what is hidden is at 1."""
    return (mask.cumsum(-1) - 1).masked_fill(mask == 0, 1)


def generate(scores_of, ids, n_new, eos, pad):
    """scores_of(ids) -> [B, V]; ids [B, L] to which new ones are put. A row that has met eos goes on with
    pad. -> ids, scores [B, n_new, V], smallest margin among rows that go on"""
    scores, margins, on = [], [], torch.ones(len(ids), dtype=torch.bool)
    for _ in range(n_new):
        scores.append(scores_of(ids))
        margins += [choose(row[None])[1] for row in scores[-1][on]]
        chosen = scores[-1].argmax(-1).where(on, torch.tensor(pad))
        ids, on = torch.cat([ids, chosen[:, None]], 1), on & (chosen != eos)
    return ids, torch.stack(scores, 1), min(margins)


def ones_after(mask, n):
    return torch.cat([mask, torch.ones(len(mask), n, dtype=mask.dtype)], 1)


# ---- outputs of every kind ----

def decoder(net, c, inputs):
    def scores_of(ids):
        mask = ones_after(inputs["attention_mask"], ids.shape[1] - inputs["input_ids"].shape[1])
        return net(input_ids=ids, attention_mask=mask, **positions(mask)).logits

    positions = lambda mask: {"position_ids": positions_of(mask)} if "position_ids" in inputs else {}
    ids, scores, margin = generate(lambda ids: scores_of(ids)[:, -1], inputs["input_ids"], 10,
                                   c["eos_token_id"], c["pad_token_id"])
    single = net(input_ids=inputs["input_ids"][:1], output_hidden_states=True, output_attentions=True)
    base = net.model.decoder if c["model_type"] == "opt" else net.transformer
    return {"logits": scores_of(inputs["input_ids"]), "generated_ids": ids, "step_scores": scores,
            "single.logits": single.logits, "single.attentions.0": single.attentions[0],
            "single.hidden_states.0": single.hidden_states[0],
            "single.hidden_states.1": single.hidden_states[1],
            "single.last_hidden_state": base(input_ids=inputs["input_ids"][:1])[0]}, margin


def encoder_decoder(net, c, inputs):
    n, start = len(inputs["input_ids"]), c["decoder_start_token_id"]
    texts = {key: inputs[key] for key in ("input_ids", "attention_mask")}
    ids, scores, margin = generate(lambda ids: net(**texts, decoder_input_ids=ids).logits[:, -1],
                                   torch.full((n, 1), start), 10, c["eos_token_id"], c["pad_token_id"])
    out = net(**inputs, output_hidden_states=True, output_attentions=True)
    return {"logits": out.logits, "generated_ids": ids, "step_scores": scores,
            "cross_attentions.1": out.cross_attentions[1],
            "decoder_hidden_states.1": out.decoder_hidden_states[1],
            "encoder_attentions.0": out.encoder_attentions[0],
            "encoder_last_hidden_state": out.encoder_last_hidden_state}, margin


def speak(net, c, rows, inputs, positions):
    """Rows of an image before the text. positions(mask) -> more arguments. -> logits, ids, scores, margin"""
    text, eye = c["text_config"], torch.ones(rows.shape[:2], dtype=torch.long)
    model, n_text = net.language_model, inputs["input_ids"].shape[1]
    mask = torch.cat([eye, inputs["attention_mask"]], 1)

    def logits_of(ids, positions):
        x = torch.cat([rows, model.get_input_embeddings()(ids)], 1)
        seen = ones_after(mask, ids.shape[1] - n_text)
        return model(inputs_embeds=x, attention_mask=seen, **positions(seen)).logits

    ids, scores, margin = generate(lambda ids: logits_of(ids, positions)[:, -1], inputs["input_ids"], 8,
                                   text.get("eos_token_id", 2), text.get("pad_token_id", 1))
    start = torch.full((len(ids), 1), text.get("bos_token_id", 2))
    ids = torch.cat([start, ids[:, n_text:]], 1)
    return lambda positions: logits_of(inputs["input_ids"], positions), ids, scores, margin


NOTHING = lambda mask: {}
COUNTED = lambda mask: {"position_ids": positions_of(mask)}
THROUGH = lambda mask: {"position_ids": torch.arange(mask.shape[1]).expand(mask.shape)}


def blip2(net, c, inputs):
    vision = net.vision_model(inputs["pixel_values"], output_hidden_states=True)
    queries = net.query_tokens.expand(len(inputs["pixel_values"]), -1, -1)
    qformer = net.qformer(query_embeds=queries, encoder_hidden_states=vision.last_hidden_state,
                          output_hidden_states=True)
    rows = net.language_projection(qformer.last_hidden_state)
    logits, ids, scores, margin = speak(net, c, rows, inputs, NOTHING)
    return {"vision.hidden_states.0": vision.hidden_states[0],
            "vision.last_hidden_state": vision.last_hidden_state, "vision.pooler_output": vision.pooler_output,
            "qformer.hidden_states.1": qformer.hidden_states[1],
            "qformer.last_hidden_state": qformer.last_hidden_state, "language_projection": rows,
            "logits": logits(NOTHING), "generated_ids": ids, "step_scores": scores}, margin


def instruct_blip(net, c, inputs):
    n_queries, pixels = c["num_query_tokens"], inputs["pixel_values"]
    n_frames = pixels.shape[1] if pixels.dim() == 5 else 1  # of each text
    vision = net.vision_model(pixels.flatten(0, -4))

    def look(ids, seen):
        queries = net.query_tokens.expand(len(ids), -1, -1)
        mask = torch.cat([torch.ones(queries.shape[:2], dtype=torch.long), seen], 1)
        return net.qformer(input_ids=ids, attention_mask=mask, query_embeds=queries,
                           encoder_hidden_states=vision.last_hidden_state[:len(ids)],
                           output_hidden_states=True)

    ids, seen = (inputs["qformer_" + name].repeat_interleave(n_frames, 0)
                 for name in ("input_ids", "attention_mask"))
    qformer = look(ids, seen)
    projected = net.language_projection(qformer.last_hidden_state[:, :n_queries])
    rows = projected.view(len(pixels), n_frames * n_queries, -1)
    logits, new, scores, margin = speak(net, c, rows, inputs, COUNTED)
    return {"vision.last_hidden_state": vision.last_hidden_state,
            "qformer.hidden_states.0": qformer.hidden_states[0],
            "qformer.hidden_states.1": qformer.hidden_states[1],
            "qformer.last_hidden_state": qformer.last_hidden_state,
            "qformer.other_text.queries": look(ids.flip(0), seen.flip(0)).last_hidden_state[:, :n_queries],
            "language_projection": projected, "logits": logits(THROUGH),
            "logits_masked_positions": logits(COUNTED), "single.logits": logits(THROUGH)[:1],
            "generated_ids": new, "step_scores": scores}, margin


COMPUTE = {"gpt2": decoder, "opt": decoder, "t5": encoder_decoder, "mt5": encoder_decoder, "blip-2": blip2,
           "instructblip": instruct_blip, "instructblipvideo": instruct_blip}


def gradients(net, inputs):
    labels = inputs["input_ids"][:1].clone()
    labels[:, :4] = -100
    with torch.enable_grad():
        loss = net(input_ids=inputs["input_ids"][:1], labels=labels).loss
        loss.backward()
    grads = {"d_loss_d_param." + name: p.grad for name, p in net.named_parameters()}
    return grads | {"labels": labels, "loss": loss.detach()}


# ---- held to cases of an older version ----

def meant(name, x, inputs):
    """Without what comes out where the mask hides: it means nothing."""
    if name in ("logits", "logits_masked_positions") and "decoder_input_ids" not in inputs:
        n = inputs["attention_mask"].shape[1]
        return torch.cat([x[:, :-n].flatten(0, 1), x[:, -n:][inputs["attention_mask"].bool()]])
    if name == "encoder_last_hidden_state":
        return x[inputs["attention_mask"].bool()]
    return x


def going_on(ids, c, n_steps):
    """bool [B, n_steps] of steps before which a row has not met eos"""
    text = c.get("text_config", c)
    over = (ids[:, -n_steps:] == text.get("eos_token_id", 2)).cumsum(1)
    return torch.cat([torch.ones(len(ids), 1, dtype=torch.bool), over[:, :-1] == 0], 1)


def check(folder):
    with open(os.path.join(folder, "config.json")) as f:
        c = json.load(f)
    weights, inputs, outputs = (load_file(os.path.join(folder, stem + ".safetensors"))
                                for stem in ("model", "inputs", "outputs"))
    net = build(c)
    wrong = net.load_state_dict(weights, strict=False)
    assert not wrong.unexpected_keys and set(wrong.missing_keys) == set(net.state_dict()) - set(stored(net, c))
    found, _ = COMPUTE[c["model_type"]](net, c, inputs)
    assert set(found) == set(outputs), set(found) ^ set(outputs)
    assert torch.equal(found["generated_ids"], outputs["generated_ids"]), "tokens"
    scores = outputs["step_scores"]
    on = going_on(outputs["generated_ids"], c, scores.shape[1])
    for name, theirs in outputs.items():
        ours = found[name]
        if name == "step_scores":
            ours, theirs = ours[on], theirs[on]
        ours, theirs = meant(name, ours, inputs), meant(name, theirs, inputs)
        atol = 2e-4 if "logits" in name or "scores" in name else 2e-5
        assert torch.allclose(ours, theirs, rtol=1e-4, atol=atol), f"{name}: {(ours - theirs).abs().max()}"
    print(folder, "agrees")


# ---- cases ----

def config(architecture, model_type, **more):
    return {"architectures": [architecture], "model_type": model_type, "torch_dtype": "float32",
            "transformers_version": "4.45.2"} | more


GPT2 = config("GPT2LMHeadModel", "gpt2", activation_function="gelu_new", attn_pdrop=0.1, bos_token_id=2,
              embd_pdrop=0.1, eos_token_id=2, initializer_range=0.02, layer_norm_epsilon=1e-4, n_embd=21,
              n_head=3, n_inner=34, n_layer=3, n_positions=48, pad_token_id=2,
              reorder_and_upcast_attn=False, resid_pdrop=0.1, scale_attn_by_inverse_layer_idx=True,
              scale_attn_weights=True, use_cache=True, vocab_size=70)
T5 = config("T5ForConditionalGeneration", "t5", classifier_dropout=0.0, d_ff=36, d_kv=6, d_model=20,
            decoder_start_token_id=0, dense_act_fn="gelu_new", dropout_rate=0.1, eos_token_id=1,
            feed_forward_proj="gated-gelu", initializer_factor=1.0, is_encoder_decoder=True,
            is_gated_act=True, layer_norm_epsilon=1e-5, num_decoder_layers=3, num_heads=3, num_layers=2,
            pad_token_id=0, relative_attention_max_distance=14, relative_attention_num_buckets=10,
            tie_word_embeddings=False, use_cache=True, vocab_size=60)
MT5 = {key: value for key, value in T5.items() if not key.startswith("relative_attention")} | config(
    "MT5ForConditionalGeneration", "mt5", tie_word_embeddings=True)
OPT = config("OPTForCausalLM", "opt", _remove_final_layer_norm=False, activation_function="relu",
             attention_dropout=0.0, bos_token_id=2, do_layer_norm_before=True, dropout=0.1, enable_bias=False,
             eos_token_id=2, ffn_dim=60, hidden_size=24, init_std=0.02, layer_norm_elementwise_affine=False,
             layerdrop=0.0, max_position_embeddings=40, num_attention_heads=2, num_hidden_layers=4,
             pad_token_id=1, use_cache=True, vocab_size=70, word_embed_proj_dim=24)
BLIP2 = config("Blip2ForConditionalGeneration", "blip-2", image_text_hidden_size=16, image_token_index=None,
               initializer_factor=1.0, initializer_range=0.02, num_query_tokens=3,
               use_decoder_only_language_model=True,
               qformer_config=dict(cross_attention_frequency=1, encoder_hidden_size=16, hidden_size=18,
                                   intermediate_size=22, max_position_embeddings=32,
                                   model_type="blip_2_qformer", num_attention_heads=3, num_hidden_layers=2,
                                   vocab_size=60),
               text_config=dict(ffn_dim=28, hidden_size=20, max_position_embeddings=32, model_type="opt",
                                num_attention_heads=4, num_hidden_layers=2, vocab_size=70,
                                word_embed_proj_dim=20),
               vision_config=dict(hidden_size=16, image_size=21, intermediate_size=30,
                                  model_type="blip_2_vision_model", num_attention_heads=4,
                                  num_hidden_layers=2, patch_size=7))
INSTRUCTBLIP = config("InstructBlipForConditionalGeneration", "instructblip", image_token_index=None,
                      initializer_factor=1.0, initializer_range=0.02, num_query_tokens=5,
                      tie_word_embeddings=False, use_decoder_only_language_model=True,
                      qformer_config=dict(cross_attention_frequency=3, encoder_hidden_size=12, hidden_size=14,
                                          intermediate_size=18, max_position_embeddings=16,
                                          model_type="instructblip_qformer", num_attention_heads=2,
                                          num_hidden_layers=4, vocab_size=50),
                      text_config=dict(architectures=["LlamaForCausalLM"], attention_bias=False,
                                       bos_token_id=1, eos_token_id=2, hidden_act="silu", hidden_size=20,
                                       initializer_range=0.02, intermediate_size=26,
                                       max_position_embeddings=48, mlp_bias=False, model_type="llama",
                                       num_attention_heads=2, num_hidden_layers=2, num_key_value_heads=1,
                                       pad_token_id=0, pretraining_tp=1, rms_norm_eps=1e-5,
                                       rope_scaling=None, rope_theta=5000.0, tie_word_embeddings=False,
                                       vocab_size=70),
                      vision_config=dict(hidden_size=12, image_size=21, intermediate_size=20,
                                         model_type="instructblip_vision_model", num_attention_heads=2,
                                         num_hidden_layers=3, patch_size=7))
INSTRUCTBLIP_VIDEO = INSTRUCTBLIP | config(
    "InstructBlipVideoForConditionalGeneration", "instructblipvideo", num_query_tokens=3, video_token_index=None,
    qformer_config=INSTRUCTBLIP["qformer_config"] | dict(cross_attention_frequency=2, num_hidden_layers=2,
                                                         model_type="instructblipvideo_qformer"),
    vision_config=INSTRUCTBLIP["vision_config"] | dict(qkv_bias=False, num_hidden_layers=2,
                                                       model_type="instructblipvideo_vision_model"))
del INSTRUCTBLIP_VIDEO["image_token_index"]
LEFT = "rows are padded on the left; compare logits only where attention_mask is 1; single.* = input_ids[:1] without a mask"
BEFORE = "no image_token_index: the projected queries come before the text embeddings, also before the left padding of row 1; logits cover queries + text; generated_ids: one leading id (the text model's bos_token_id), then the new tokens"
PADDED = "row 1 is padded on the right; decoder_attention_mask hides its places 0 and 4: compare nothing there"
CASES = {
    "gpt2_scaled": (500, GPT2, [
        LEFT, "scale_attn_by_inverse_layer_idx: scores of layer i are divided by i + 1 besides the root of the head's width; n_inner is set; layer_norm_epsilon 1e-4",
        "grads: mean next-token cross entropy on input_ids[:1] with the first 4 labels ignored (-100); the gradient of transformer.wte.weight is the sum of both uses (output layer tied, lm_head.weight not stored)"]),
    "t5_gated_small": (600, T5, [
        "10 buckets, distance 14 (texts of 24 reach beyond); heads * d_kv = 18 is not d_model = 20; 2 encoder and 3 decoder layers; layer_norm_epsilon 1e-5; row 1 is padded on the right"]),
    "mt5_scaled": (1100, MT5, [
        "as transformers 4.45 had mT5 whose embeddings are tied: states are divided by the root of d_model before the last layer, which is the token table", PADDED]),
    "mt5_tied": (1200, MT5 | {"transformers_version": "5.23.0"}, [
        "as transformers 5.x writes mT5: tie_word_embeddings is always true, and states are never scaled", PADDED]),
    "opt_no_bias": (700, OPT, [
        LEFT, "enable_bias false: no biases in attention and feed-forward; layer_norm_elementwise_affine false: norms have neither weight nor bias (also final_layer_norm of the decoder), eps 1e-5"]),
    "blip2_opt_cross_every": (800, BLIP2, [
        BEFORE, "cross_attention_frequency 1: every layer of the Q-Former looks at the image; text_config keys not given have OPT's defaults (start 2, end 2, padding 1); positions count what the mask shows"]),
    "instructblip_llama_grouped": (900, INSTRUCTBLIP, [
        BEFORE, "cross_attention_frequency 3: layers 0 and 3 of 4; both heads share the one key and value head; rope_theta 5000; rms_norm_eps 1e-5",
        "the Q-Former sequence is the queries followed by the instruction tokens (padded on the right); qformer.other_text.queries: the same images with the instruction rows exchanged",
        "the forward call (logits, single.logits = row 0, which has no padding) counts positions through the padding, generation counts only positions whose mask is 1; logits_masked_positions are the logits with the latter"]),
    "instructblip_video": (1000, INSTRUCTBLIP_VIDEO, [
        BEFORE, "pixel_values are 4 frames of each text; every frame is looked at beside the text's instruction, and the rows of all frames stand one behind the other; vision.* and qformer.* are of frames, a text's together",
        "qkv_bias false: no biases of queries, keys and values in the tower",
        "qformer.other_text.queries: the same frames with the instruction rows exchanged"]),
}


def masked(n_rows, length, hidden, left, low, high, pad):
    """Random ids whose last row has `hidden` paddings -> ids, mask"""
    ids, mask = torch.randint(low, high, (n_rows, length)), torch.ones(n_rows, length, dtype=torch.long)
    mask[-1, slice(0, hidden) if left else slice(length - hidden, None)] = 0
    return ids.where(mask == 1, torch.tensor(pad)), mask


def draw_inputs(c):
    kind = c["model_type"]
    if kind in ("gpt2", "opt"):
        ids, mask = masked(2, 14, 5, True, 3, c["vocab_size"], c["pad_token_id"])
        inputs = {"input_ids": ids, "attention_mask": mask}
        return inputs | ({"position_ids": positions_of(mask)} if kind == "gpt2" else {})
    if kind in ("t5", "mt5"):
        ids, mask = masked(2, 24, 9, False, 3, c["vocab_size"], 0)
        start = torch.randint(3, c["vocab_size"], (2, 7))
        start[:, 0] = c["decoder_start_token_id"]
        inputs = {"input_ids": ids, "attention_mask": mask, "decoder_input_ids": start}
        if kind == "mt5":
            inputs["decoder_attention_mask"] = torch.ones(2, 7, dtype=torch.long)
            inputs["decoder_attention_mask"][1, [0, 4]] = 0
        return inputs
    side, text = c["vision_config"]["image_size"], c["text_config"]
    ids, mask = masked(2, 6, 2, True, 3, text["vocab_size"], text.get("pad_token_id", 1))
    frames = [4] if kind == "instructblipvideo" else []
    inputs = {"pixel_values": torch.randn(2, *frames, 3, side, side), "input_ids": ids, "attention_mask": mask}
    if kind.startswith("instructblip"):
        ids, mask = masked(2, 7, 3, False, 1, c["qformer_config"]["vocab_size"], 0)
        inputs |= {"qformer_input_ids": ids, "qformer_attention_mask": mask}
    return inputs


def std(name, shape):
    if name.endswith(("lm_head.weight", "wte.weight", "model.decoder.embed_tokens.weight")):
        return 3 / shape[1] ** 0.5
    if name.endswith(("wpe.weight", "embed_positions.weight", "class_embedding", "position_embedding")):
        return 0.5
    if name.endswith(("embed_tokens.weight", "embeddings.weight", "shared.weight", "query_tokens",
                      "relative_attention_bias.weight")):
        return 1.0
    if ".c_" in name:  # stored [in, out]
        return 1.2 / shape[0] ** 0.5
    return None


def write(folder, first_seed, c, notes):
    kind = c["model_type"]
    text = c.get("text_config", c)
    for seed in itertools.count(first_seed):
        torch.manual_seed(seed)
        net = build(c)
        weights = stored(net, c)
        draw_parameters(weights, std)
        inputs = draw_inputs(c)
        outputs, margin = COMPUTE[kind](net, c, inputs)
        new = outputs["generated_ids"][:, -outputs["step_scores"].shape[1]:]
        if margin > MARGIN and min(len(set(row)) for row in new.tolist()) >= 4:
            break
    files = {"model": weights, "inputs": inputs, "outputs": outputs}
    if kind == "gpt2":
        files["grads"] = gradients(net, inputs)
    generation = {"_from_model_config": True, "transformers_version": "4.45.2"}
    for key in ("bos", "eos", "pad", "decoder_start"):
        value = text.get(key + "_token_id", {"bos": 2, "eos": 2, "pad": 1}.get(key) if kind == "blip-2" else None)
        if value is not None:
            generation[key + "_token_id"] = value
    name = type(net).__name__
    write_case(folder, c, files, {"reference_class": f"{type(net).__module__}.{name} (5.23)",
                                  "greedy_min_margin": margin, "notes": notes}, generation)
    print(os.path.basename(folder), "seed", seed, "margin", round(margin, 4), new.tolist(),
          "logits' deviation", round(outputs["logits"].std().item(), 2))


torch.set_num_threads(1)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()
if sys.argv[1] == "--check":
    for folder in sys.argv[2:]:
        check(folder)
else:
    for name, case in CASES.items():
        write(os.path.join(sys.argv[1], name), *case)
