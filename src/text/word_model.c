#include "text/word_model_priv.h"

#include <string.h>

/* ---- reading ---- */

static bool has(ask_json_value model, const char *key)
{
    return ask_json_type_of(ask_json_member(model, key)) != ASK_JSON_ABSENT;
}

/* Old files do not say the kind, but each has members that no other has. */
static ask_word_model_kind kind_of_members(ask_json_value model)
{
    if (has(model, "max_input_chars_per_word") && !has(model, "merges"))
        return ASK_WORD_MODEL_WORDPIECE;
    return ask_json_type_of(ask_json_member(model, "vocab")) == ASK_JSON_ARRAY
               ? ASK_WORD_MODEL_UNIGRAM
               : ASK_WORD_MODEL_BPE;
}

static bool read_kind(ask_word_model_kind *out, ask_json_value model, ask_error *err)
{
    static const char *const names[ASK_N_WORD_MODELS] = {
        [ASK_WORD_MODEL_BPE] = "BPE",
        [ASK_WORD_MODEL_WORDPIECE] = "WordPiece",
        [ASK_WORD_MODEL_UNIGRAM] = "Unigram",
    };
    const char *type;
    if (!ask_json_opt_string(&type, model, "type", names[kind_of_members(model)], err))
        return false;
    for (int i = 0; i < ASK_N_WORD_MODELS; i++) {
        if (strcmp(names[i], type) != 0) continue;
        *out = (ask_word_model_kind)i;
        return true;
    }
    return ask_json_fail(
        ask_json_member(model, "type"), err,
        "the model %s is not supported, only BPE, WordPiece and Unigram are", type);
}

bool ask_word_model_read(ask_word_model *out, ask_arena *arena, ask_json_value model,
                         ask_error *err)
{
    if (!read_kind(&out->kind, model, err)) return false;
    switch (out->kind) {
    case ASK_WORD_MODEL_WORDPIECE:
        return ask_wordpiece_read(&out->wordpiece, arena, model, err);
    case ASK_WORD_MODEL_UNIGRAM:
        return ask_unigram_read(&out->unigram, arena, model, err);
    default:
        return ask_bpe_read(&out->bpe, arena, model, err);
    }
}

bool ask_word_model_read_options(ask_word_model *out, ask_arena *arena,
                                 ask_json_value model, ask_error *err)
{
    switch (out->kind) {
    case ASK_WORD_MODEL_WORDPIECE:
        return ask_wordpiece_read_options(&out->wordpiece, arena, model, err);
    case ASK_WORD_MODEL_UNIGRAM:
        return true; // all stand beside its scores
    default:
        if (!ask_bpe_read_options(&out->bpe, arena, model, err)) return false;
        ask_bpe_find_unknown(&out->bpe);
        return true;
    }
}

/* ---- looking up ---- */

const ask_vocab *ask_word_model_vocab(const ask_word_model *m)
{
    switch (m->kind) {
    case ASK_WORD_MODEL_WORDPIECE:
        return &m->wordpiece.vocab;
    case ASK_WORD_MODEL_UNIGRAM:
        return &m->unigram.vocab;
    default:
        return &m->bpe.vocab;
    }
}

int64_t ask_word_model_unknown(const ask_word_model *m)
{
    switch (m->kind) {
    case ASK_WORD_MODEL_WORDPIECE:
        return m->wordpiece.unknown_id;
    case ASK_WORD_MODEL_UNIGRAM:
        return m->unigram.unknown_id;
    default:
        return m->bpe.unknown_id;
    }
}

/* ---- encoding ---- */

void ask_word_scratch_free(ask_word_scratch *s)
{
    ask_bpe_scratch_free(&s->bpe);
    ask_unigram_scratch_free(&s->unigram);
    ask_word_tokens_free(&s->tokens);
}

bool ask_word_model_encode(const ask_word_model *m, ask_word_scratch *s, const char *word,
                           size_t n_bytes, ask_error *err)
{
    switch (m->kind) {
    case ASK_WORD_MODEL_WORDPIECE:
        return ask_wordpiece_encode(&m->wordpiece, &s->tokens, word, n_bytes, err);
    case ASK_WORD_MODEL_UNIGRAM:
        return ask_unigram_encode(&m->unigram, &s->unigram, &s->tokens, word, n_bytes, err);
    default:
        return ask_bpe_encode(&m->bpe, &s->bpe, &s->tokens, word, n_bytes, err);
    }
}
