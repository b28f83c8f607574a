#!/usr/bin/env python3
"""A GGUF file of LLaMA's shape with random weights in F16, for llama.cpp and us to be timed on.

    python3 -m venv peers
    peers/bin/pip install gguf
    peers/bin/python tools/bench/llama_gguf.py model.gguf

Weights are normal with a deviation of 0.02, norms are ones; the same seed gives the same file. The
vocabulary has the three tokens and the 256 bytes that sentencepiece's have, and words of letters
that mean nothing. Tensors are made and written one after the other, so a file is larger than what
is in memory; it gets its name when it is complete.
"""
import argparse
import os

import gguf
import numpy

DEVIATION, ROWS = 0.02, 1024  # so many rows are made at once


def sizes():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", help="the file to be made")
    parser.add_argument("--layers", type=int, default=22)
    parser.add_argument("--width", type=int, default=2048)
    parser.add_argument("--ffn", type=int, default=5632, help="width between the two halves of an MLP")
    parser.add_argument("--heads", type=int, default=32)
    parser.add_argument("--kv-heads", type=int, default=4)
    parser.add_argument("--vocab", type=int, default=32000)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    s = parser.parse_args()
    if s.width % s.heads or s.heads % s.kv_heads:
        parser.error("heads must divide the width, and kv-heads the heads")
    if s.vocab < 3 + 256:
        parser.error("a vocabulary has at least 259 tokens")
    return s


def word(i):
    letters = ""
    while True:
        letters = chr(ord("a") + i % 26) + letters
        i = i // 26 - 1
        if i < 0:
            return "\u2581" + letters


def add_tokens(writer, n):
    types = gguf.TokenType
    n_words = n - 3 - 256
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens + [word(i) for i in range(n_words)])
    writer.add_token_scores([0.0] * len(tokens) + [-float(i) for i in range(n_words)])
    writer.add_token_types([types.UNKNOWN, types.CONTROL, types.CONTROL] + [types.BYTE] * 256 +
                           [types.NORMAL] * n_words)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


def add_sizes(writer, s):
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_vocab_size(s.vocab)
    writer.add_context_length(s.context)
    writer.add_embedding_length(s.width)
    writer.add_block_count(s.layers)
    writer.add_feed_forward_length(s.ffn)
    writer.add_head_count(s.heads)
    writer.add_head_count_kv(s.kv_heads)
    writer.add_rope_dimension_count(s.width // s.heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)


def tensors(s):
    """Names and shapes in the order of the file; those of one dimension are norms."""
    kv_width = s.width // s.heads * s.kv_heads
    yield "token_embd.weight", (s.vocab, s.width)
    for i in range(s.layers):
        yield f"blk.{i}.attn_norm.weight", (s.width,)
        yield f"blk.{i}.attn_q.weight", (s.width, s.width)
        yield f"blk.{i}.attn_k.weight", (kv_width, s.width)
        yield f"blk.{i}.attn_v.weight", (kv_width, s.width)
        yield f"blk.{i}.attn_output.weight", (s.width, s.width)
        yield f"blk.{i}.ffn_norm.weight", (s.width,)
        yield f"blk.{i}.ffn_gate.weight", (s.ffn, s.width)
        yield f"blk.{i}.ffn_up.weight", (s.ffn, s.width)
        yield f"blk.{i}.ffn_down.weight", (s.width, s.ffn)
    yield "output_norm.weight", (s.width,)
    yield "output.weight", (s.vocab, s.width)


def dtype(shape):
    return numpy.dtype(numpy.float32 if len(shape) == 1 else numpy.float16)


def values(shape, rng):
    if len(shape) == 1:
        return numpy.ones(shape, dtype(shape))
    made = numpy.empty(shape, dtype(shape))
    for i in range(0, shape[0], ROWS):
        rows = made[i:i + ROWS]
        rows[:] = DEVIATION * rng.standard_normal(rows.shape, numpy.float32)
    return made


s = sizes()
making = s.path + ".making"
writer = gguf.GGUFWriter(making, "llama")
add_sizes(writer, s)
add_tokens(writer, s.vocab)
for name, shape in tensors(s):
    n_bytes = int(numpy.prod(shape)) * dtype(shape).itemsize
    writer.add_tensor_info(name, shape, dtype(shape), n_bytes)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_ti_data_to_file()
rng = numpy.random.default_rng(s.seed)
for _, shape in tensors(s):
    writer.write_tensor_data(values(shape, rng))
writer.close()
os.rename(making, s.path)
