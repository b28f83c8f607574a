#!/usr/bin/env python3
"""pipelines.py OUT - one small tokenizer for each component of tokenizer.json, and what the
Hugging Face tokenizers library makes of texts with it (version 0.23.3).

Needs: pip install tokenizers sentencepiece protobuf. Writes OUT/pipelines.json, which
test/text/pipeline.c reads; OUT/sentencepiece has the charsmap that some of them use."""
import base64
import json
import sys

from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import Tokenizer

VISIBLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
HIDDEN = [b for b in range(256) if b not in VISIBLE]
BYTES = [chr(b) for b in VISIBLE] + [chr(0x100 + i) for i in range(len(HIDDEN))]
MERGES = ["t h", "th e", "i n", "\u0120 t", "\u0120t he", "c a", "ca t", "in g", "h e", "1 2", "s </w>",
          "t </w>", "a </w>", "\u0120 \u0120", "x x", "xx xx", "\u00c3 \u00a9"]

TEXTS = [
    ("the cat's  thing\n", None),
    (" Stra\u00dfe, \u00c9t\u00e9 e\u0301! 123 4567", None),
    ("\u6f22\u5b57\u3068 \U0001f600 \u0130I \ufb01 q\u0307\u0323", "two  the"),
    ("a<s>b </s>  [x]  [x]cat Cat", "<s>the"),
    ("", None),
    ("   ", " \t\n"),
    ("don't_stop-it ... x2y__ \u200da\u00bd\u00a0", None),
    ("xxxxxxx aaaaa", None),
]


# For models that are not BPE: long words, characters that are left out or replaced, clusters.
MORE_TEXTS = TEXTS + [
    ("x" * 101 + " " + "x" * 100 + " " + "\u00e9" * 100, "x" * 9),
    ("the\u0001cat\u00ad \ufffd\u200bt\u3000h\u00a0e\u2028\r\n\u0085\ue000", None),
    ("\u0001the 'the; \uff21!\u2460\u00a0\ufb01\u0301 e\u0301\u0327\t\tthe'", "';the  \n"),
    ("caf\u00e9\u6f22the\uf900\u3053\u3093\U00020000\ud55c\uad6d \u1112\u1161\u11ab", None),
    ("do not don't the's n't . , ! ' the ' \"the\" [MASK][CLS]the", None),
    ("ththth inging thethe \u2581the \u2581 <unk>\u2603\u2604 \u2603 \u2603\u2603", "\u2603"),
    ("<0x41> \U0001f468\u200d\U0001f469 \U0001f1e9\U0001f1ea \u0928\u092e\u0938\u094d\u0924\u0947", None),
]


def byte_model(merges=MERGES, vocab=BYTES, suffix=None, **more):
    vocab = dict.fromkeys(vocab)
    if suffix:
        vocab |= dict.fromkeys(c + suffix for c in list(vocab))
    merges = [m for m in merges if all(p in vocab or p in
              {a.replace(" ", "") for a in merges} for p in m.split(" "))]
    vocab |= dict.fromkeys(m.replace(" ", "") for m in merges)
    vocab |= dict.fromkeys(["<unk>", "<s>", "</s>"])
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
             "end_of_word_suffix": suffix, "fuse_unk": False, "byte_fallback": False,
             "ignore_merges": False, "vocab": {t: i for i, t in enumerate(vocab)}, "merges": merges}
    return model | more


def letters_model(**more):
    """Few characters, so that most are unknown."""
    vocab = ["<unk>", "<s>", "</s>", *"abcdeghinopqstx123", "\u2581", " ", ",", "th", "the", "in", "ing"]
    return {"type": "BPE", "vocab": {t: i for i, t in enumerate(vocab)},
            "merges": [["t", "h"], ["th", "e"], ["i", "n"], ["in", "g"]]} | more


def hex_model(**more):
    """Unknown characters become bytes."""
    model = letters_model(unk_token="<unk>", byte_fallback=True, **more)
    for b in range(256):
        model["vocab"][f"<0x{b:02X}>"] = len(model["vocab"])
    return model


def words_model(**more):
    """WordPiece, of few letters."""
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdeghinopqstx123'.,!<>", "\u00e9", "\u6f22", "the",
             "cat", "t\u00e9", "xxxx", "##t", "##h", "##e", "##x", "##xx", "##\u00e9", "##s", "##ing", "##ca", "##\u0301"]
    return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {t: i for i, t in enumerate(vocab)}} | more


PIECES = [("<unk>", 0), ("<s>", 0), ("</s>", 0), ("\u2581", -2), ("\u2581the", -3), ("\u2581t", -3.5), ("he", -3.5),
          ("th", -4), ("the", -4), ("e", -4), ("in", -4), ("g", -4), ("ing", -8), ("t", -5), ("h", -5), ("i", -5),
          ("n", -5), ("x", -3), ("xx", -6), ("xxx", -9.5), ("a", -5), ("c", -5), ("ca", -10), ("at", -9.75),
          ("\u00e9", -6), ("'", -6), (".", -6), ("1", -6.25), ("2", -6.125), ("12", -12.375), ("\u2603\u2603", -50),
          ("fi", -7), ("!", -7), ("\u2581the\u2581c", -9), (" ", -8), ("b", -1e-9), ("B", 0.1), ("s", 0.2), ("o", 0.7)]


def scores_model(pieces=PIECES, **more):
    return {"type": "Unigram", "unk_id": 0, "vocab": [list(p) for p in pieces], "byte_fallback": False} | more


def hex_scores_model(n=256, **more):
    return scores_model(PIECES + [(f"<0x{b:02X}>", -1) for b in range(n)], byte_fallback=True, **more)


def token(content, **flags):
    return {"id": 0, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True} | flags


BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
PLAIN_BYTES = BYTE_LEVEL | {"use_regex": False}


def make(model=None, **sections):
    t = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
         "pre_tokenizer": BYTE_LEVEL, "post_processor": None, "decoder": BYTE_LEVEL,
         "model": model or byte_model()}
    t |= sections
    ids = t["model"]["vocab"]
    if isinstance(ids, list):
        ids = {text: i for i, (text, _) in enumerate(ids)}
    missing = [k["content"] for k in t["added_tokens"] if k["content"] not in ids]
    for k in t["added_tokens"]:
        c = k["content"]
        k["id"] = ids[c] if c in ids else len(ids) + missing.index(c)
    return t


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}, PLAIN_BYTES]}


def template(single, pair, **tokens):
    def part(p):
        name, _, kind = p.partition(":")
        what = {"Sequence": {"id": name, "type_id": int(kind or 0)}}
        return what if name in "AB" else {"SpecialToken": {"id": name, "type_id": int(kind or 0)}}
    return {"type": "TemplateProcessing", "single": [part(p) for p in single.split()],
            "pair": [part(p) for p in pair.split()],
            "special_tokens": {k: {"id": k, "ids": v, "tokens": [k] * len(v)} for k, v in tokens.items()}}


def cases():
    yield "byte level", make()
    yield "byte level, space in front", make(pre_tokenizer=BYTE_LEVEL | {"add_prefix_space": True})
    yield "byte level, no expression", make(pre_tokenizer=PLAIN_BYTES)
    yield "nothing but the model", make(letters_model(), pre_tokenizer=None, decoder=None)
    for form in "NFC", "NFD", "NFKC", "NFKD":
        yield form, make(normalizer={"type": form})
    yield "Lowercase", make(normalizer={"type": "Lowercase"})
    yield "StripAccents of NFD", make(normalizer={"type": "Sequence", "normalizers": [
        {"type": "NFD"}, {"type": "StripAccents"}]})
    for left, right in (True, True), (True, False), (False, True):
        yield f"Strip {left} {right}", make(
            normalizer={"type": "Strip", "strip_left": left, "strip_right": right})
    yield "Replace a text", make(normalizer={"type": "Replace", "pattern": {"String": "the"}, "content": "12"})
    yield "Replace an expression by nothing", make(
        normalizer={"type": "Replace", "pattern": {"Regex": "[aeiou ]+"}, "content": ""})
    yield "Prepend", make(normalizer={"type": "Prepend", "prepend": "\u2581x"})
    yield "bytes as a normalizer", make(normalizer={"type": "ByteLevel"}, pre_tokenizer=None)
    yield "llama", make(hex_model(fuse_unk=True), pre_tokenizer=None, normalizer={
        "type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"},
                                            {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
        decoder={"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
            {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})
    for behavior in "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous":
        yield f"Split {behavior}", make(pre_tokenizer=split("[aeiou]|\\s", behavior))
        yield f"Split {behavior}, inverted", make(pre_tokenizer=split("[aeiou]|\\s", behavior, True))
    yield "Split at a text", make(pre_tokenizer=split("th", kind="String"))
    yield "Split where nothing is", make(pre_tokenizer=split("(?=[A-Z0-9])|$"))
    yield "Split as GPT-4 does", make(pre_tokenizer=split(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
        " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"))
    for kind in "Whitespace", "WhitespaceSplit":
        yield kind, make(pre_tokenizer={"type": kind}, decoder=None)
    yield "Punctuation", make(pre_tokenizer={"type": "Punctuation"})
    yield "Punctuation MergedWithPrevious", make(
        pre_tokenizer={"type": "Punctuation", "behavior": "MergedWithPrevious"})
    for one in True, False:
        yield f"Digits {one}", make(pre_tokenizer={"type": "Digits", "individual_digits": one})
    for scheme in "always", "first", "never":
        space = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": scheme != "never"}
        yield f"Metaspace {scheme}", make(letters_model(unk_token="<unk>"), pre_tokenizer=space, decoder=space,
                                          added_tokens=[token("[x]")])
    yield "unknown characters", make(letters_model(unk_token="<unk>"), pre_tokenizer=None)
    yield "unknown characters, fused", make(letters_model(unk_token="<unk>", fuse_unk=True), pre_tokenizer=None)
    yield "unknown characters as bytes", make(hex_model(), pre_tokenizer=None, decoder={"type": "ByteFallback"})
    yield "end of word", make(byte_model(suffix="</w>", unk_token="<unk>"),
                              decoder={"type": "BPEDecoder", "suffix": "</w>"})
    yield "prefix", make(byte_model(merges=[], vocab=BYTES + ["##t", "##h", "##e", "##\u0120"],
                                    continuing_subword_prefix="##", unk_token="<unk>"))
    yield "words that need no merging", make(byte_model(vocab=BYTES + ["cat's", "\u0120thing"], ignore_merges=True))
    yield "merges as pairs", make(byte_model() | {"merges": [m.split(" ") for m in MERGES if "</w>" not in m]})
    ids = byte_model()["vocab"]
    start, end = ids["<s>"], ids["</s>"]
    marks = [token("<s>"), token("</s>")]
    yield "RobertaProcessing", make(added_tokens=marks, post_processor={
        "type": "RobertaProcessing", "sep": ["</s>", end], "cls": ["<s>", start], "trim_offsets": True,
        "add_prefix_space": False})
    yield "BertProcessing", make(post_processor={"type": "BertProcessing", "sep": ["</s>", end], "cls": ["<s>", start]})
    yield "trimmed offsets", make(post_processor=BYTE_LEVEL | {"add_prefix_space": False})
    yield "trimmed offsets, space in front", make(pre_tokenizer=BYTE_LEVEL | {"add_prefix_space": True},
                                                  post_processor=BYTE_LEVEL | {"add_prefix_space": True})
    yield "template", make(post_processor=template("<s> A:0 </s>", "<s> A:0 </s> B:1 </s>:1 A:2", **{
        "<s>": [start], "</s>": [end, ids["the"]]}))
    yield "trimming, then a template", make(post_processor={"type": "Sequence", "processors": [
        BYTE_LEVEL, template("<s> A", "<s> A <s>:1 B:1", **{"<s>": [start]})]})
    for flag in "single_word", "lstrip", "rstrip", "normalized":
        yield f"added tokens, {flag}", make(
            normalizer={"type": "Lowercase"}, added_tokens=[token(c, **{flag: True}) for c in
                                                            ("<s>", "</s>", "[x]", "cat", "[x", "<")])
    yield "added tokens that are not special", make(added_tokens=[
        token("<s>", special=False), token("[x]", special=False), token("\n")])
    yield "decoder of steps", make(decoder={"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"Regex": "[\u0120x]+"}, "content": "-"},
        {"type": "Strip", "content": "-", "start": 0, "stop": 1}, {"type": "Fuse"}]})
    yield "no decoder", make(decoder=None)


def describe(t, text, pair):
    e = t.encode(text, pair) if pair is not None else t.encode(text)
    plain = t.encode(text, pair, add_special_tokens=False) if pair is not None else t.encode(
        text, add_special_tokens=False)
    return {"text": text, "text_pair": pair, "ids": e.ids, "offsets": [list(o) for o in e.offsets],
            "type_ids": e.type_ids, "ids_no_special": plain.ids, "decoded": t.decode(e.ids, skip_special_tokens=False),
            "decoded_skip_special": t.decode(e.ids, skip_special_tokens=True)}


def bert(model=None, lower=True, accents=None, **sections):
    marks = [token(c) for c in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")]
    return make(model or words_model(), added_tokens=marks, pre_tokenizer={"type": "BertPreTokenizer"}, normalizer={
        "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": accents,
        "lowercase": lower}, decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}, **sections)


def sequence(kind, *parts):
    return {"type": "Sequence", kind: list(parts)}


def more_cases(charsmap):
    yield "WordPiece", bert(post_processor=template("[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1",
                                                   **{"[CLS]": [2], "[SEP]": [3]}))
    yield "WordPiece, cased", bert(lower=False)
    for lower in True, False:
        for accents in True, False:
            yield f"WordPiece, lower {lower}, accents {accents}", bert(lower=lower, accents=accents)
    plain = bert()
    plain["normalizer"] |= {"clean_text": False, "handle_chinese_chars": False}
    yield "WordPiece of texts that are not cleaned", plain
    yield "WordPiece of short words", bert(words_model(max_input_chars_per_word=4))
    yield "WordPiece without a prefix", bert(words_model(continuing_subword_prefix=""))
    yield "WordPiece with a prefix that no token has", bert(words_model(continuing_subword_prefix="@@"))
    yield "WordPiece, not cleaned up", bert() | {"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False}}
    yield "WordPiece as one word", make(words_model(), pre_tokenizer=None, decoder=None)
    space = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    mapped = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}
    right = {"type": "Strip", "strip_left": False, "strip_right": True}
    end = template("A </s>", "A </s> B </s>", **{"</s>": [2]})
    marks = [token("<s>"), token("</s>"), token("<unk>")]
    t5 = {"pre_tokenizer": space, "decoder": space, "added_tokens": marks, "post_processor": end,
          "normalizer": sequence("normalizers", mapped, right, spaces)}
    yield "Unigram", make(scores_model(), **t5)
    yield "Unigram with bytes", make(hex_scores_model(), **t5 | {"decoder": sequence(
        "decoders", {"type": "ByteFallback"}, space)})
    yield "Unigram with some bytes", make(hex_scores_model(200), **t5)
    yield "Unigram, equal scores", make(scores_model([(p, -len(p) / 4) for p, _ in PIECES]), **t5)
    yield "Unigram, all scores the same", make(scores_model([(p, 0) for p, _ in PIECES]), **t5)
    yield "Unigram, scores above zero", make(scores_model([(p, -s) for p, s in PIECES]), **t5)
    yield "Unigram of whole texts", make(scores_model(), pre_tokenizer=None, decoder=None, normalizer=None)
    yield "Unigram, another unknown token", make(scores_model(unk_id=3), **t5)
    yield "Precompiled", make(hex_model(), normalizer=mapped, pre_tokenizer=None, decoder={"type": "ByteFallback"})
    yield "ALBERT", make(scores_model(), added_tokens=marks, decoder=space, post_processor=end,
                         normalizer=sequence("normalizers", {"type": "Replace", "pattern": {"String": "``"}, "content": '"'},
                                             {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, mapped),
                         pre_tokenizer=sequence("pretokenizers", {"type": "WhitespaceSplit"}, space))
    yield "Unigram, first", make(scores_model(), **t5 | {
        "pre_tokenizer": space | {"prepend_scheme": "first"}, "decoder": space | {"prepend_scheme": "first"}})


def main():
    with open(sys.argv[1] + "/sentencepiece/rules.model", "rb") as f:
        charsmap = proto.ModelProto.FromString(f.read()).normalizer_spec.precompiled_charsmap
    models, out = [], []
    all = [(*c, TEXTS) for c in cases()]
    all += [(*c, MORE_TEXTS) for c in more_cases(base64.b64encode(charsmap).decode())]
    for name, content, texts in all:
        t = Tokenizer.from_str(json.dumps(content))
        model = content.pop("model")
        if model not in models:
            models.append(model)
        out.append({"name": name, "model": models.index(model), "sections": text_of(content),
                    "texts": [describe(t, *x) for x in texts]})
    with open(sys.argv[1] + "/pipelines.json", "w", encoding="utf-8") as f:
        f.write('{"models": [\n' + ",\n".join(text_of(text_of(m)) for m in models) + '\n],\n"cases": [\n' +
                ",\n".join(text_of(c) for c in out) + "\n]}\n")


def text_of(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


main()
