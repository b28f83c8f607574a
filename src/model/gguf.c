/* The tokenizer and the chat template of a GGUF file. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/gguf_priv.h"
#include "text/tokenizer_tables.h"
#include "weights/gguf_config.h"

#define MODEL_KEY "tokenizer.ggml.model"
#define CUT_KEY "tokenizer.ggml.pre"
#define TOKENS_KEY "tokenizer.ggml.tokens"

bool model_gguf_has_tokenizer(const ask_gguf *g)
{
    return ask_gguf_find(g, MODEL_KEY) != NULL;
}

/* ---- tables ---- */

/* What is read, and into what. */
typedef struct {
    const ask_gguf *g;
    ask_arena *arena;
    ask_tokenizer_tables tables;
    ask_table_token *tokens;
    char *cut;
} reading;

/* An array of that many items; any number with -1. */
static const ask_gguf_value *need_array(const reading *r, const char *key, int64_t n,
                                        ask_error *err)
{
    const ask_gguf_value *v = ask_gguf_need(r->g, key, err);
    if (!v) return NULL;
    if (v->type == ASK_GGUF_ARRAY && (n < 0 || v->n_items == (uint64_t)n)) return v;
    if (v->type != ASK_GGUF_ARRAY)
        ask_fail(err, ASK_ERR_MODEL,
                 "%s: key \"%s\": expected an array, got a value of "
                 "type %s",
                 ask_gguf_path(r->g), key, ask_gguf_type_name(v->type));
    else
        ask_fail(err, ASK_ERR_MODEL, "%s: key \"%s\": %llu items for %lld tokens",
                 ask_gguf_path(r->g), key, (unsigned long long)v->n_items, (long long)n);
    return NULL;
}

static bool read_tokens(reading *r, ask_error *err)
{
    const ask_gguf_value *v = need_array(r, TOKENS_KEY, -1, err);
    if (!v) return false;
    r->tokens = ask_arena_array(r->arena, (size_t)v->n_items, sizeof *r->tokens);
    if (!r->tokens) return ask_fail_memory(err);
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w);) {
        ask_gguf_text text;
        if (!ask_gguf_to_text(&text, &w.item, err)) return false;
        r->tokens[w.item.index] = (ask_table_token){
            .text = text.data, .n_bytes = text.n_bytes, .type = ASK_TOKEN_NORMAL};
    }
    r->tables.tokens = r->tokens;
    r->tables.n_tokens = (size_t)v->n_items;
    return true;
}

static bool read_types(reading *r, ask_error *err)
{
    const ask_gguf_value *v =
        need_array(r, "tokenizer.ggml.token_type", (int64_t)r->tables.n_tokens, err);
    if (!v) return false;
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w);) {
        int64_t type;
        if (!ask_gguf_to_int(&type, &w.item, ASK_TOKEN_NORMAL, ASK_TOKEN_BYTE, err))
            return false;
        r->tokens[w.item.index].type = (ask_token_type)type;
    }
    return true;
}

static bool read_scores(reading *r, ask_error *err)
{
    const ask_gguf_value *v =
        need_array(r, "tokenizer.ggml.scores", (int64_t)r->tables.n_tokens, err);
    if (!v) return false;
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w);) {
        double score;
        if (!ask_gguf_to_double(&score, &w.item, err)) return false;
        r->tokens[w.item.index].score = (float)score;
    }
    return true;
}

static bool read_merges(reading *r, ask_error *err)
{
    const ask_gguf_value *v = need_array(r, "tokenizer.ggml.merges", -1, err);
    if (!v) return false;
    ask_table_merge *merges = ask_arena_array(r->arena, (size_t)v->n_items, sizeof *merges);
    if (!merges) return ask_fail_memory(err);
    for (ask_gguf_walk w = {0}; ask_gguf_next(v, &w);) {
        ask_gguf_text text;
        if (!ask_gguf_to_text(&text, &w.item, err)) return false;
        merges[w.item.index] = (ask_table_merge){text.data, text.n_bytes};
    }
    r->tables.merges = merges;
    r->tables.n_merges = (size_t)v->n_items;
    return true;
}

/* Files from before the key have "default" in mind. */
static bool read_cut(reading *r, ask_error *err)
{
    const ask_gguf_value *v = ask_gguf_find(r->g, CUT_KEY);
    if (v && !(r->cut = ask_gguf_to_string(v, err))) return false;
    r->tables.cut = v ? r->cut : "default";
    return true;
}

/* ---- the tokenizer ---- */

static bool read_tables(reading *r, ask_error *err)
{
    ask_gguf_text model;
    const ask_gguf_value *v = ask_gguf_need(r->g, MODEL_KEY, err);
    if (!v || !ask_gguf_to_text(&model, v, err)) return false;
    bool is_bytes = ask_gguf_text_is(model, "gpt2");
    if (!is_bytes && !ask_gguf_text_is(model, "llama"))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: key \"%s\": the tokenizer \"%.*s\" is not read; there are: "
                        "llama (sentencepiece's BPE), gpt2 (BPE of bytes)",
                        ask_gguf_path(r->g), MODEL_KEY,
                        model.n_bytes < 40 ? (int)model.n_bytes : 40, model.data);
    return read_tokens(r, err) && read_types(r, err) &&
           (is_bytes ? read_cut(r, err) && read_merges(r, err) : read_scores(r, err));
}

ask_tokenizer *model_gguf_tokenizer(const ask_gguf *g, ask_error *err)
{
    reading r = {.g = g, .arena = ask_arena_new(0), .tables.name = ask_gguf_path(g)};
    ask_tokenizer *t = NULL;
    char *config = NULL;
    if (!r.arena)
        ask_fail_memory(err);
    else if ((config = ask_gguf_tokenizer_config(g, err)) && read_tables(&r, err)) {
        r.tables.config = config;
        t = ask_tokenizer_of_tables(&r.tables, err);
    }
    free(config);
    free(r.cut);
    ask_arena_free(r.arena);
    return t;
}

/* ---- the chat ---- */

ask_chat *model_gguf_chat(const ask_gguf *g, const char *builtin, ask_error *err)
{
    char *config = ask_gguf_tokenizer_config(g, err);
    ask_chat *c =
        config ? ask_chat_parse(config, strlen(config), ask_gguf_path(g), builtin, err)
               : NULL;
    free(config);
    return c;
}
