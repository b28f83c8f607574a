/* text/normalizer_priv.h - normalizers: texts rewritten before they are cut.
 *
 * Read from tokenizer.json's "normalizer"; a Sequence in it becomes the list. */
#ifndef ASK_TEXT_NORMALIZER_PRIV_H
#define ASK_TEXT_NORMALIZER_PRIV_H

#include "text/normal_form_priv.h"
#include "text/parts_priv.h"
#include "text/piece_priv.h"
#include "text/precompiled_priv.h"
#include "text/sentence_priv.h"

typedef struct ask_normalizer ask_normalizer;
struct ask_normalizer {
    bool (*apply)(const ask_normalizer *n, ask_piece *p, ask_arena *arena, ask_error *err);
    ask_normal_form form;         // NFC NFD NFKC NFKD
    const ask_regex *pattern;     // Replace
    const char *content;          // Replace, Prepend
    bool left, right;             // Strip
    bool clean, cjk;              // BertNormalizer: of control characters; for ideographs
    bool strip_accents, lower;    // BertNormalizer
    const ask_precompiled *map;   // Precompiled
    const ask_sentence *sentence; // of a tokenizer.model
};

typedef struct {
    ask_normalizer *items;
    size_t n, capacity;
} ask_normalizers;

/* v may be absent or null: then there are none. */
bool ask_normalizers_read(ask_normalizers *out, ask_parts *parts, ask_json_value v,
                          ask_error *err);

/* Adds what sentencepiece does; s is borrowed. */
bool ask_normalizers_add_sentence(ask_normalizers *out, ask_arena *arena,
                                  const ask_sentence *s, ask_error *err);

/* What the text of a piece becomes; what is made lies in the arena. */
bool ask_normalize(const ask_normalizers *n, ask_piece *p, ask_arena *arena,
                   ask_error *err);

/* What others do to pieces too: each character of a text becomes those of its bytes. */
bool ask_piece_to_bytes(ask_piece *p, ask_arena *arena, ask_error *err);
bool ask_piece_prepend(ask_piece *p, ask_arena *arena, const char *text, ask_error *err);

#endif
