#!/usr/bin/env python3
"""sentencepiece_models.py OUT - tiny sentencepiece models of the types BPE and Unigram with different
options, and what references make of texts with them; test/text/sentencepiece.c reads them.

    python3 -m venv venv
    venv/bin/pip install sentencepiece==0.2.3 transformers==4.45.2 protobuf
    venv/bin/python tools/golden/sentencepiece_models.py test/fixtures/tokenizer/sentencepiece

OUT/<name>.model are the models. OUT/models.json: for each of them, ids by the sentencepiece
library. OUT/folders.json: files beside a model, and ids by transformers' LlamaTokenizer or
LlamaTokenizerFast, of a spiece.model by T5Tokenizer or T5TokenizerFast, with start and end tokens
as the class puts them. The two differ in places: each case says which of them is followed there."""
import io
import json
import os
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as proto
from transformers import LlamaTokenizer, LlamaTokenizerFast, T5Tokenizer, T5TokenizerFast

WORDS = """the a cat dog ball red blue green small large throws catches rolls behind before after
table cup person opens door puts takes walks away quickly slowly what is who does how many times
where left right hand box book 2 3 10 25 video frame second question answer yes no don't it's"""

TEXTS = [
    "the red ball rolls behind the box",
    "What is  on the   table?  ",
    "  two spaces before, and a tab\there\nand a line",
    "caf\u00e9 \u6f22\u5b57 \U0001f3a5 na\u00efve",
    "aaaaaaa aaa aa a bbbbb",
    "\u2581mark\u2581 \u2581 itself",
    "\ufb01nd \u2460 \uff21\uff22 x\u00a0y \u3000wide",
    "",
    " ",
    "   ",
    "a<sep>b <sep>  <sep><sep>the end",
    "the<ctl>end aa aaa",
    "<s>the cat</s> <unk> dog",
    "<0x41> 2310 25",
    "<image> the<image>cat <image>",
    "fill <extra_id_0> the<extra_id_1>gap  <extra_id_99> dog",
    "\r\nthe\r\n  cat\u3000\u3000dog \x01\u200b!",
    "dogs; cats! (boxes) [MASK]x [MASK] y",
]


def train(**options):
    model = io.BytesIO()
    lines = []
    words = WORDS.split()
    for i in range(4000):
        n = 3 + i * 7 % 8
        lines.append(" ".join(words[(i * i * 31 + k * k * 17 + i * k) % len(words)] for k in range(n)))
    settings = dict(model_type="bpe", vocab_size=420, byte_fallback=True, character_coverage=1.0,
                    normalization_rule_name="identity", remove_extra_whitespaces=False,
                    add_dummy_prefix=True, hard_vocab_limit=False, minloglevel=2, num_threads=1)
    spm.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model,
                                   **(settings | options))
    return edited(model.getvalue(), forget_paths)


def unigram(**options):
    return train(**(dict(model_type="unigram", vocab_size=150, byte_fallback=False,
                         remove_extra_whitespaces=True) | options))


def edited(model, edit):
    m = proto.ModelProto.FromString(model)
    edit(m)
    return m.SerializeToString()


def forget_paths(m):
    m.normalizer_spec.ClearField("normalization_rule_tsv")


def tie_scores(m):
    for p in m.pieces:
        if p.type == 1:
            p.score = -float(len(p.piece) % 3)


def negate_scores(m):
    for p in m.pieces:
        if p.type == 1:
            p.score = -p.score


def no_escape(m):
    m.normalizer_spec.escape_whitespaces = False
    for p in m.pieces:
        p.piece = p.piece.replace("\u2581", " ")


def rules(*pairs):
    """A normalizer of a few rules, in a file as the trainer wants it."""
    f = tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False, encoding="utf-8")
    for a, b in pairs:
        f.write(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n")
    f.close()
    return f.name


RULES = rules(("\ufb01", "fi"), ("\uff21", "a"), ("\uff22", "b"), ("\u2460", "1"), ("\u3000", " "),
              ("\u00a0", " "), ("e\u0301", "\u00e9"), ("\t", " "), ("\n", " "), ("'", ""), ("!", " !"),
              ("\u6f22", "the cat"), (";", "  "))

plain = train()
MODELS = {
    "plain": plain,
    "no_bytes": train(byte_fallback=False, vocab_size=150),
    "no_prefix": train(add_dummy_prefix=False),
    "suffix": train(treat_whitespace_as_suffix=True),
    "tight": train(remove_extra_whitespaces=True),
    "tight_suffix": train(remove_extra_whitespaces=True, treat_whitespace_as_suffix=True),
    "symbols": train(user_defined_symbols=["<sep>", "the ", "aa", "aaa", " <image>"],
                     control_symbols=["<ctl>"], remove_extra_whitespaces=True),
    "rules": train(normalization_rule_tsv=RULES),
    "rules_tight": train(normalization_rule_tsv=RULES, remove_extra_whitespaces=True,
                         user_defined_symbols=["\uff21", "don't"]),
    "ties": edited(plain, tie_scores),
    "unmarked": edited(plain, no_escape),
    "unigram": unigram(),
    "unigram_bytes": unigram(byte_fallback=True, vocab_size=420),
    "unigram_map": unigram(normalization_rule_tsv=RULES),
    "unigram_loose": unigram(remove_extra_whitespaces=False, add_dummy_prefix=False),
    "unigram_suffix": unigram(treat_whitespace_as_suffix=True),
    "unigram_phrases": unigram(split_by_whitespace=False, vocab_size=250),
    "unigram_symbols": unigram(user_defined_symbols=["<sep>", "the ", "aa", "aaa", " <image>"],
                               control_symbols=["<ctl>"], normalization_rule_tsv=RULES),
    "unigram_ties": edited(unigram(), tie_scores),
    "unigram_positive": edited(unigram(), negate_scores),
    "t5": unigram(pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
    "t5_map": unigram(pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_tsv=RULES),
    "other_ids": train(pad_id=0, unk_id=3, bos_id=-1, eos_id=1, user_defined_symbols=["<sep>"]),
}


def token(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False,
            "single_word": False, "special": True} | flags


def listed(*tokens):
    """added_tokens_decoder, which names the three of the model too."""
    all = [token("<unk>"), token("<s>"), token("</s>"), *tokens]
    n = len(proto.ModelProto.FromString(plain).pieces)
    return {str(i if i < 3 else n + i - 3): t for i, t in enumerate(all)}


N = len(proto.ModelProto.FromString(plain).pieces)
CONFIG = "tokenizer_config.json"
# name: the model, which class is followed where the two differ, and the files beside it.
FOLDERS = {
    "nothing": ("plain", None, {}),
    # a text that begins with a space gets no other one
    "not legacy": ("plain", "fast", {CONFIG: {"legacy": False}}),
    "end token": ("plain", None, {CONFIG: {"add_eos_token": True, "legacy": None}}),
    "no start token": ("plain", None, {CONFIG: {"add_bos_token": False}}),
    "neither legacy nor a space in front": (
        "plain", None, {CONFIG: {"legacy": False, "add_prefix_space": False}}),
    # the fast class looks for tokens of such a file, and of such a map, in the normalized text
    "added file": ("plain", "slow", {"added_tokens.json": {"<image>": N, "[MASK]": N + 1}}),
    "added file, not legacy": ("plain", "fast", {
        "added_tokens.json": {"<image>": N, "[MASK]": N + 1}, CONFIG: {"legacy": False}}),
    "listed tokens": ("plain", None, {CONFIG: {"added_tokens_decoder": listed(
        token("<image>", special=False), token("[MASK]", lstrip=True, rstrip=True))}}),
    # the slow class does not know the flag
    "single words": ("plain", "fast", {CONFIG: {"added_tokens_decoder": listed(
        token("[MASK]", single_word=True))}}),
    "a map": ("plain", "slow", {"special_tokens_map.json": {
        "bos_token": token("<s>", normalized=True), "eos_token": token("</s>", normalized=True),
        "unk_token": token("<unk>", normalized=True), "pad_token": "[MASK]"}}),
    "more special tokens": (
        "plain", None, {CONFIG: {"additional_special_tokens": ["<image>", "<sep>"]}}),
    # control pieces without a role are special to the fast class
    "a padding token": ("plain", "fast", {CONFIG: {"pad_token": "[MASK]", "eos_token": "dog"}}),
    # the fast class does not know the normalizer, and makes symbols added tokens
    "symbols": ("symbols", "slow", {"special_tokens_map.json": {
        "additional_special_tokens": ["<ctl>"]}}),
    "rules": ("rules", "slow", {CONFIG: {"tokenizer_class": "LlamaTokenizer"}}),
}


N5 = len(proto.ModelProto.FromString(MODELS["t5"]).pieces)
# The same for T5's classes. The slow one gives other ids to tokens that are listed. The fast one puts
# no mark in front of a text that begins with one, and to it the spaces of a text are nothing but spaces.
T5_TEXTS = [t for t in TEXTS if not t.startswith("\u2581")]
T5_FOLDERS = {
    "T5": ("t5", None, {}),
    "T5, fewer extra ids": ("t5", None, {CONFIG: {"extra_ids": 2}}),
    "T5, listed extra ids": ("t5", None, {CONFIG: {
        "extra_ids": 2, "additional_special_tokens": ["<extra_id_0>", "<extra_id_1>"]}}),
    "T5, more special tokens": ("t5", "fast", {CONFIG: {
        "extra_ids": 3, "additional_special_tokens": ["<image>"]}}),
    "T5, not legacy": ("t5", "fast", {CONFIG: {"legacy": False}}),
    "T5, listed tokens": ("t5", None, {CONFIG: {"added_tokens_decoder": {
        str(N5 + 99 - i): token(f"<extra_id_{i}>", lstrip=True, rstrip=True) for i in range(100)}}}),
    "T5, a class": ("t5", None, {CONFIG: {"tokenizer_class": "T5Tokenizer", "pad_token": "<pad>"}}),
    "T5, rules": ("t5_map", "slow", {}),
}


def folder_case(name, file, slow_class, fast_class, texts, model, followed, files):
    with tempfile.TemporaryDirectory() as d:
        open(f"{d}/{file}", "wb").write(MODELS[model])
        for beside, content in files.items():
            open(f"{d}/{beside}", "w").write(json.dumps(content))
        slow = slow_class.from_pretrained(d)
        fast = fast_class.from_pretrained(d)
        rows = []
        for text in texts:
            ids = {"slow": slow(text)["input_ids"], "fast": fast(text)["input_ids"]}
            if not followed and ids["slow"] != ids["fast"]:
                sys.exit(f"{name}: {text!r}: slow and fast differ")
            rows.append({"text": text, "ids": ids[followed or "fast"]})
    return {"name": name, "model": model, "file": file, "texts": rows,
            "files": [{"name": beside, "text": json.dumps(content)} for beside, content in files.items()]}


out = sys.argv[1]
os.makedirs(out, exist_ok=True)
models = []
for name, model in MODELS.items():
    open(f"{out}/{name}.model", "wb").write(model)
    sp = spm.SentencePieceProcessor(model_proto=model)
    texts = [t for t in TEXTS if "<s>" not in t and "<ctl>" not in t]  # plain text to the library
    models.append({"name": name, "texts": [{"text": t, "ids_no_special": sp.encode(t)} for t in texts]})
folders = [folder_case(name, "tokenizer.model", LlamaTokenizer, LlamaTokenizerFast, TEXTS, *rest)
           for name, rest in FOLDERS.items()]
folders += [folder_case(name, "spiece.model", T5Tokenizer, T5TokenizerFast, T5_TEXTS, *rest)
            for name, rest in T5_FOLDERS.items()]
for file, content in (("models", models), ("folders", folders)):
    with open(f"{out}/{file}.json", "w", encoding="utf-8") as f:
        json.dump(content, f, ensure_ascii=False, indent=None, separators=(",", ":"))
        f.write("\n")
