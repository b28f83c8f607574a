#!/usr/bin/env python3
"""Texts to ids by the libraries that define them, for bench/tokenizers to be compared with.

    python3 -m venv peers
    peers/bin/pip install tokenizers sentencepiece
    ASKANCE_PEERS=peers make bench ROWS=tokenizers

Speaks the language of bench/support/peer.h: tokenizers.py FILE N takes a text of N bytes, tells what
it is, gives the number of ids and FNV-1a over them as two 64-bit numbers, and then encodes once for
every line. FILE is a tokenizer.json or a tokenizer.model. One thread.
"""
import os
import struct
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.pop(0)  # this file has the name of a library
path, n_bytes = sys.argv[1], int(sys.argv[2])


def encoder():
    if path.endswith(".model"):
        import sentencepiece
        model = sentencepiece.SentencePieceProcessor(path)
        return f"sentencepiece {sentencepiece.__version__}", model.encode
    import tokenizers
    model = tokenizers.Tokenizer.from_file(path)
    return (f"tokenizers {tokenizers.__version__}",
            lambda text: model.encode(text, add_special_tokens=False).ids)


def fnv1a(ids):
    h = 14695981039346656037
    for i in ids:
        h = (h ^ i) * 1099511628211 & (1 << 64) - 1
    return h


name, encode = encoder()
text = sys.stdin.buffer.read(n_bytes).decode()
ids = encode(text)
answers = sys.stdout.buffer
answers.write(name.encode() + b"\n" + struct.pack("<QQ", len(ids), fnv1a(ids)))
answers.flush()
for _ in sys.stdin.buffer:
    encode(text)
    answers.write(b"done\n")
    answers.flush()
