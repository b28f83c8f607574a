/* A BPE model from JSON: tokenizer.json's "model", or the parts of it. */
#include <stdlib.h>
#include <string.h>

#include "text/bpe_priv.h"

/* Keeps the symbols of the longest text countable: it may repeat at each character. */
enum { MAX_AFFIX_BYTES = 32 };

static bool fail_merge(ask_json_value merge, char *missing, ask_error *err)
{
    if (!missing) return ask_fail_memory(err);
    ask_json_fail(merge, err, "the token %s is not in the vocabulary", missing);
    free(missing);
    return false;
}

/* "a b" */
static bool read_merge_text(ask_bpe *b, ask_json_value v, uint32_t rank, ask_error *err)
{
    const char *text;
    if (!ask_json_get_string(&text, v, NULL, err)) return false;
    const char *space = strchr(text, ' ');
    if (!space || strchr(space + 1, ' '))
        return ask_json_fail(v, err, "expected two tokens with a space between, got %s",
                             text);
    char *missing;
    return ask_bpe_add_merge(b, text, (size_t)(space - text), space + 1, strlen(space + 1),
                             rank, &missing) ||
           fail_merge(v, missing, err);
}

/* ["a", "b"] */
static bool read_merge_pair(ask_bpe *b, ask_json_value v, uint32_t rank, ask_error *err)
{
    const char *left, *right;
    if (ask_json_count(v) != 2) return ask_json_fail(v, err, "expected two tokens");
    if (!ask_json_get_string(&left, v, "0", err) ||
        !ask_json_get_string(&right, v, "1", err))
        return false;
    char *missing;
    return ask_bpe_add_merge(b, left, strlen(left), right, strlen(right), rank, &missing) ||
           fail_merge(v, missing, err);
}

static bool read_merges(ask_bpe *b, ask_arena *arena, ask_json_value model, ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, model, "merges", err) ||
        !ask_bpe_reserve_merges(b, arena, ask_json_count(list), err))
        return false;
    for (size_t i = 0; i < ask_json_count(list); i++) {
        ask_json_value v = ask_json_item(list, i);
        bool ok = ask_json_type_of(v) == ASK_JSON_ARRAY
                      ? read_merge_pair(b, v, (uint32_t)i, err)
                      : read_merge_text(b, v, (uint32_t)i, err);
        if (!ok) return false;
    }
    return true;
}

void ask_bpe_find_unknown(ask_bpe *b)
{
    b->unknown_id =
        b->unknown ? ask_vocab_find(&b->vocab, b->unknown, strlen(b->unknown)) : -1;
}

/* A text that may be missing; NULL is then put. */
static bool read_text(const char **out, ask_arena *arena, ask_json_value model,
                      const char *key, ask_error *err)
{
    if (!ask_json_opt_string(out, model, key, NULL, err)) return false;
    if (!*out) return true;
    *out = ask_arena_strdup(arena, *out);
    return *out || ask_fail_memory(err);
}

/* A prefix or suffix; "" when it is missing. */
static bool read_affix(const char **out, ask_arena *arena, ask_json_value model,
                       const char *key, ask_error *err)
{
    if (!read_text(out, arena, model, key, err)) return false;
    if (!*out) *out = "";
    return strlen(*out) <= MAX_AFFIX_BYTES ||
           ask_json_fail(ask_json_member(model, key), err, "is longer than %d bytes",
                         MAX_AFFIX_BYTES);
}

bool ask_bpe_read_options(ask_bpe *out, ask_arena *arena, ask_json_value model,
                          ask_error *err)
{
    double dropout; // is for training only
    return read_affix(&out->prefix, arena, model, "continuing_subword_prefix", err) &&
           read_affix(&out->suffix, arena, model, "end_of_word_suffix", err) &&
           read_text(&out->unknown, arena, model, "unk_token", err) &&
           ask_json_opt_double(&dropout, model, "dropout", 0, err) &&
           ask_json_opt_bool(&out->fuse_unknown, model, "fuse_unk", false, err) &&
           ask_json_opt_bool(&out->byte_fallback, model, "byte_fallback", false, err) &&
           ask_json_opt_bool(&out->ignore_merges, model, "ignore_merges", false, err);
}

bool ask_bpe_read(ask_bpe *out, ask_arena *arena, ask_json_value model, ask_error *err)
{
    ask_json_value vocab;
    if (!ask_bpe_read_options(out, arena, model, err) ||
        !ask_json_get_object(&vocab, model, "vocab", err) ||
        !ask_vocab_read(&out->vocab, arena, vocab, err))
        return false;
    ask_bpe_find_unknown(out);
    return read_merges(out, arena, model, err) && ask_bpe_prepare(out, arena, err);
}
