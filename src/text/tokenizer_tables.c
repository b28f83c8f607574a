#include "text/tokenizer_tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/pre_tokenizer_priv.h"
#include "text/sentencepiece_priv.h"
#include "text/tokenizer_priv.h"

enum {
    MAX_ADDED = 10000, // each is compared with all others
    MAX_TOKEN_BYTES = 4096,
    MAX_PIECE_BYTES = 512, // each is looked up with all that begin it
};

/* ---- how texts are cut ---- */

static const char words_of_llama3[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/* One pattern after the other. */
static const char *const cut_llama3[] = {words_of_llama3, NULL};
static const char *const cut_smollm[] = {"\\p{N}", ask_words_of_gpt2, NULL};
static const char *const cut_default[] = {"[\\p{P}\\$\\+<=>\\^~\\|]+", ask_words_of_gpt2,
                                          "\\p{N}+", "[0-9][0-9][0-9]", NULL};

typedef struct {
    const char *name;
    ask_recipe_kind kind;
    const char *const *words; // NULL: the kind's
    bool ignore_merges, add_bos;
} cut;

static const cut cuts[] = {
    {.name = "gpt-2", .kind = ASK_RECIPE_GPT2},
    {.name = "qwen2", .kind = ASK_RECIPE_QWEN2},
    {.name = "llama-bpe",
     .kind = ASK_RECIPE_GPT2,
     .words = cut_llama3,
     .ignore_merges = true,
     .add_bos = true},
    {.name = "smollm", .kind = ASK_RECIPE_GPT2, .words = cut_smollm},
    {.name = "default", .kind = ASK_RECIPE_GPT2, .words = cut_default},
};

static const cut *find_cut(const ask_tokenizer_tables *from, ask_error *err)
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        if (strcmp(cuts[i].name, from->cut) == 0) return &cuts[i];
    ask_fail(err, ASK_ERR_MODEL,
             "%s: texts are not cut as \"%.60s\"; there are: gpt-2, llama-bpe, qwen2, "
             "smollm, default",
             from->name, from->cut);
    return NULL;
}

/* ---- tokens ---- */

/* The text of a token with a NUL behind it, in the arena. */
static const char *take_text(ask_arena *arena, const ask_tokenizer_tables *from, size_t id,
                             ask_error *err)
{
    const ask_table_token *t = &from->tokens[id];
    int most = from->cut ? MAX_TOKEN_BYTES : MAX_PIECE_BYTES;
    if (t->n_bytes > (size_t)most) {
        ask_fail(err, ASK_ERR_MODEL, "%s: token %zu has %zu bytes; at most %d are read",
                 from->name, id, t->n_bytes, most);
        return NULL;
    }
    if (t->n_bytes == 0 || !ask_utf8_valid(t->text, t->n_bytes) ||
        memchr(t->text, 0, t->n_bytes)) {
        ask_fail(err, ASK_ERR_MODEL, "%s: token %zu is %s", from->name, id,
                 t->n_bytes == 0 ? "empty" : "not UTF-8 text");
        return NULL;
    }
    const char *text = ask_arena_strndup(arena, t->text, t->n_bytes);
    if (!text) ask_fail_memory(err);
    return text;
}

static bool check_size(const ask_tokenizer_tables *from, ask_error *err)
{
    size_t n_added = 0;
    for (size_t i = 0; i < from->n_tokens; i++)
        n_added += from->tokens[i].type == ASK_TOKEN_CONTROL ||
                   from->tokens[i].type == ASK_TOKEN_USER_DEFINED;
    if (from->n_tokens == 0 || from->n_tokens > ASK_VOCAB_MAX_ID)
        return ask_fail(err, ASK_ERR_MODEL, "%s: a vocabulary of %zu tokens is not read",
                        from->name, from->n_tokens);
    return n_added <= MAX_ADDED ||
           ask_fail(err, ASK_ERR_MODEL,
                    "%s: has %zu control and user-defined tokens; at most %d are read",
                    from->name, n_added, MAX_ADDED);
}

/* ---- sentencepiece ---- */

static bool take_piece(ask_sentencepiece *m, ask_arena *arena,
                       const ask_tokenizer_tables *from, size_t id, ask_error *err)
{
    const ask_table_token *t = &from->tokens[id];
    const char *text = take_text(arena, from, id, err);
    if (!text) return false;
    if (!isfinite(t->score))
        return ask_fail(err, ASK_ERR_MODEL, "%s: the score of token %zu is no number",
                        from->name, id);
    m->pieces[id] = (ask_scored_piece){.text = text,
                                       .n_bytes = (uint32_t)t->n_bytes,
                                       .score = t->score,
                                       .type = (ask_piece_type)t->type};
    if (t->type == ASK_TOKEN_UNKNOWN && m->unknown == m->n) m->unknown = id;
    m->byte_fallback |= t->type == ASK_TOKEN_BYTE;
    return true;
}

static bool read_sentencepiece(ask_tokenizer *t, const ask_tokenizer_tables *from,
                               const ask_roles *roles, ask_error *err)
{
    ask_sentencepiece m = {.n = from->n_tokens,
                           .kind = ASK_SENTENCEPIECE_BPE,
                           .unknown = from->n_tokens,
                           .dummy_space = true,
                           .mark_spaces = true,
                           .symbols_are_added = true};
    m.pieces = ask_arena_array(t->parts.arena, m.n, sizeof *m.pieces);
    if (!m.pieces) return ask_fail_memory(err);
    for (size_t i = 0; i < m.n; i++)
        if (!take_piece(&m, t->parts.arena, from, i, err)) return false;
    if (m.unknown == m.n)
        return ask_fail(err, ASK_ERR_MODEL, "%s: no token is of the type unknown",
                        from->name);
    return ask_tokenizer_take_sentencepiece(t, &m, from->name, NULL, roles, err);
}

/* ---- bytes ---- */

static bool make_vocab(ask_vocab *v, ask_arena *arena, const ask_tokenizer_tables *from,
                       ask_error *err)
{
    if (!ask_vocab_init(v, arena, from->n_tokens, (int64_t)from->n_tokens - 1, err))
        return false;
    for (size_t i = 0; i < from->n_tokens; i++) {
        const char *text = take_text(arena, from, i, err);
        if (!text) return false;
        int32_t other = ask_vocab_find(v, text, from->tokens[i].n_bytes);
        if (other >= 0)
            return ask_fail(err, ASK_ERR_MODEL, "%s: tokens %d and %zu have the same text",
                            from->name, (int)other, i);
        if (!ask_vocab_add(v, arena, text, (int32_t)i, err)) return false;
    }
    return true;
}

/* What is found in a text before it is cut. */
static bool list_added(ask_added_token **out, size_t *n, ask_arena *arena,
                       const ask_vocab *v, const ask_tokenizer_tables *from, ask_error *err)
{
    *n = 0;
    *out = ask_arena_array(arena, MAX_ADDED, sizeof **out);
    if (!*out) return ask_fail_memory(err);
    for (size_t i = 0; i < from->n_tokens; i++) {
        bool is_control = from->tokens[i].type == ASK_TOKEN_CONTROL;
        if (is_control || from->tokens[i].type == ASK_TOKEN_USER_DEFINED)
            (*out)[(*n)++] = (ask_added_token){.content = ask_vocab_at(v, (int64_t)i)->text,
                                               .special = is_control};
    }
    return true;
}

static bool add_merge(ask_bpe *b, const ask_tokenizer_tables *from, size_t i,
                      ask_error *err)
{
    const ask_table_merge *m = &from->merges[i];
    const char *space = m->n_bytes > 1 ? memchr(m->text + 1, ' ', m->n_bytes - 1) : NULL;
    if (!space)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: merge %zu: expected two tokens with a space between",
                        from->name, i);
    size_t n_left = (size_t)(space - m->text);
    char *missing;
    if (ask_bpe_add_merge(b, m->text, n_left, space + 1, m->n_bytes - n_left - 1,
                          (uint32_t)i, &missing))
        return true;
    if (!missing) return ask_fail_memory(err);
    ask_fail(err, ASK_ERR_MODEL, "%s: merge %zu: the token %s is not in the vocabulary",
             from->name, i, missing);
    free(missing);
    return false;
}

static bool read_recipe(ask_tokenizer *t, const cut *how, const ask_tokenizer_tables *from,
                        const ask_roles *roles, ask_error *err)
{
    ask_arena *arena = t->parts.arena;
    ask_recipe r = {
        .kind = how->kind, .words = how->words, .ignore_merges = how->ignore_merges};
    ask_added_token *added;
    size_t n;
    if (!list_added(&added, &n, arena, &t->model.bpe.vocab, from, err) ||
        !ask_recipe_read(&r, arena, NULL, roles, &t->model.bpe.vocab, added, n, err) ||
        !ask_json_opt_bool(&r.add_bos, ask_roles_config(roles, "add_bos_token"), NULL,
                           how->add_bos, err) ||
        !ask_json_opt_bool(&r.add_eos, ask_roles_config(roles, "add_eos_token"), NULL,
                           false, err))
        return false;
    return ask_tokenizer_read_recipe(t, &r, roles, err);
}

static bool read_bytes(ask_tokenizer *t, const ask_tokenizer_tables *from,
                       const ask_roles *roles, ask_error *err)
{
    const cut *how = find_cut(from, err);
    if (!how || !make_vocab(&t->model.bpe.vocab, t->parts.arena, from, err) ||
        !read_recipe(t, how, from, roles, err) ||
        !ask_bpe_reserve_merges(&t->model.bpe, t->parts.arena, from->n_merges, err))
        return false;
    for (size_t i = 0; i < from->n_merges; i++)
        if (!add_merge(&t->model.bpe, from, i, err)) return false;
    return ask_bpe_prepare(&t->model.bpe, t->parts.arena, err);
}

/* ---- the whole ---- */

static bool read_tables(ask_tokenizer *t, const ask_tokenizer_tables *from, ask_error *err)
{
    ask_json *config =
        ask_json_parse(from->config, strlen(from->config), from->name, NULL, err);
    const ask_roles roles = {.config = config};
    bool ok = config && check_size(from, err) &&
              (from->cut ? read_bytes(t, from, &roles, err)
                         : read_sentencepiece(t, from, &roles, err));
    ask_json_free(config);
    return ok;
}

ask_tokenizer *ask_tokenizer_of_tables(const ask_tokenizer_tables *tables, ask_error *err)
{
    ask_tokenizer *t = ask_tokenizer_new(err);
    if (!t) return NULL;
    if (read_tables(t, tables, err)) return t;
    ask_fail_as(err, ASK_ERR_MODEL);
    ask_tokenizer_close(t);
    return NULL;
}
