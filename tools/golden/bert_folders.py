#!/usr/bin/env python3
"""bert_folders.py OUT - a small vocab.txt, alone and with the files beside it that say more, and
what transformers' BertTokenizerFast makes of texts with it; test/text/wordpiece.c reads them.

    python3 -m venv venv
    venv/bin/pip install transformers==4.45.2
    venv/bin/python tools/golden/bert_folders.py test/fixtures/tokenizer

Writes OUT/bert_folders.json."""
import json
import os
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

from transformers import AutoTokenizer, BertTokenizerFast

VOCAB = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz0123456789AC",
         *".,!?'<>[]-_", "the", "what", "is", "cat", "dog", "ca", "##t", "##s", "##ing", "##e", "##l", "##o", "hel",
         "##lo", "caf\u00e9", "cafe", "\u00e9", "##\u00e9", "\u6f22", "\u5b57", "##\u5b57", "\u4e5d", "stra", "##\u00df", "##ss", "20", "##25",
         "don", "unk", "frame", "question"]
TEXTS = [
    ("what is the cat doing?", None),
    ("What is  THE cat?\tHello caf\u00e9 cafe\u0301!", "the Dogs' \u6f22\u5b57"),
    ("", None),
    (" \n ", "."),
    ("[CLS] the [MASK][MASK] cat [SEP] [PAD][UNK]", None),
    ("a [DEC] b[DEC] [dec] <video>the <video> [X]", "[DEC]"),
    ("zz" * 60 + " " + "ca" + "t" * 98 + " cat" + "s" * 97, None),
    ("don't do not, the's . '", "\u4e5d\u5b57the\u0001\u00ad\ufffd \u200b2025"),
    ("stra\u00dfe stra\u1e9ee \u0130stanbul \U0001f600 \ufb01", None),
]


def token(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False,
            "special": True} | flags


def lines(vocab, end="\n"):
    return "".join(t + end for t in vocab)


N = len(VOCAB)
CONFIG, MAP, ADDED, WORDS = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt"
FOLDERS = {
    "alone": {},
    "cased": {CONFIG: {"do_lower_case": False}},
    "cased, without accents": {CONFIG: {"do_lower_case": False, "strip_accents": True}},
    "lower case, with accents": {CONFIG: {"strip_accents": False, "do_lower_case": True}},
    "ideographs in words": {CONFIG: {"tokenize_chinese_chars": False, "strip_accents": None}},
    "a class": {CONFIG: {"tokenizer_class": "BertTokenizer"}},
    "DistilBERT's": {CONFIG: {"tokenizer_class": "DistilBertTokenizerFast"}},
    "a model of another name": {"config.json": {"model_type": "distilbert"}},
    "a decoder's start, as InstructBLIP's": {
        CONFIG: {"bos_token": "[DEC]", "do_lower_case": True, "truncation_side": "left"}, ADDED: {"[DEC]": N},
        MAP: {"bos_token": "[DEC]", "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]",
              "cls_token": "[CLS]", "mask_token": "[MASK]"}},
    "listed tokens": {CONFIG: {"added_tokens_decoder": {
        "0": token("[PAD]"), "2": token("[UNK]"), "3": token("[CLS]"), "4": token("[SEP]"), "5": token("[MASK]"),
        str(N): token("[DEC]", lstrip=True), str(N + 1): token("<video>", special=False, rstrip=True)}}},
    "more special tokens": {CONFIG: {"additional_special_tokens": ["<video>", "[X]"]}},
    "a mask that takes the space before it": {MAP: {"mask_token": token("[MASK]", lstrip=True)}},
    "other marks": {CONFIG: {"cls_token": "the", "sep_token": ".", "unk_token": "unk"}},
    "lines of Windows": {WORDS: lines(VOCAB, "\r\n")},
    "no end of the last line": {WORDS: lines(VOCAB)[:-1]},
    "a token twice, and an empty one": {WORDS: lines(VOCAB[:30] + ["the", ""] + VOCAB[30:])},
}


def describe(t, text, pair):
    e = t(text, pair, return_offsets_mapping=True)
    plain = t(text, pair, add_special_tokens=False)
    return {"text": text, "text_pair": pair, "ids": e["input_ids"],
            "offsets": [list(o) for o in e["offset_mapping"]], "ids_no_special": plain["input_ids"],
            "decoded": t.decode(e["input_ids"], clean_up_tokenization_spaces=False),
            "decoded_skip_special": t.decode(e["input_ids"], True, clean_up_tokenization_spaces=False)} | (
        {"type_ids": e["token_type_ids"]} if "token_type_ids" in e else {})


def folder_case(name, files):
    files = {WORDS: lines(VOCAB)} | files
    with tempfile.TemporaryDirectory() as d:
        for file, content in files.items():
            with open(f"{d}/{file}", "w", encoding="utf-8", newline="") as f:
                f.write(content if file == WORDS else json.dumps(content))
        says = "config.json" in files or "tokenizer_class" in files.get(CONFIG, {})
        t = (AutoTokenizer if says else BertTokenizerFast).from_pretrained(d)
        roles = {r: -1 if getattr(t, r + "_token_id") is None else getattr(t, r + "_token_id")
                 for r in ("bos", "eos", "unk", "sep", "pad", "cls", "mask")}
        rows = [describe(t, *x) for x in TEXTS]
        n = max(t.get_vocab().values()) + 1
    return {"name": name, "n_tokens": n, "roles": roles, "texts": rows,
            "files": [{"name": file, "text": content if file == WORDS else json.dumps(content)}
                      for file, content in files.items()]}


with open(sys.argv[1] + "/bert_folders.json", "w", encoding="utf-8") as f:
    f.write("[\n" + ",\n".join(json.dumps(folder_case(*c), ensure_ascii=False, separators=(",", ":"))
                               for c in FOLDERS.items()) + "\n]\n")
