/* tokenizer.model and spiece.model, with what the small files beside it say: ids are those
 * of sentencepiece for what lies between added tokens. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/recipe_priv.h"
#include "text/sentencepiece_priv.h"
#include "text/tokenizer_priv.h"

/* Each is compared with all added tokens; published models have two, or some hundred. */
enum { MAX_CONTROLS = 10000 };

/* T5's name of it, and how many ids it has besides where the files do not say. */
#define T5_FILE "spiece.model"
enum { N_EXTRA_IDS = 100 };

/* ---- what is read ---- */

static bool check_kind(const ask_sentencepiece *m, const char *name, ask_error *err)
{
    static const char *const kinds[] = {
        [ASK_SENTENCEPIECE_UNIGRAM] = "Unigram",
        [ASK_SENTENCEPIECE_BPE] = "BPE",
        [ASK_SENTENCEPIECE_WORD] = "WORD",
        [ASK_SENTENCEPIECE_CHAR] = "CHAR",
    };
    if (m->kind == ASK_SENTENCEPIECE_BPE || m->kind == ASK_SENTENCEPIECE_UNIGRAM)
        return true;
    if (m->kind < ASK_SENTENCEPIECE_UNIGRAM || m->kind > ASK_SENTENCEPIECE_CHAR)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: the sentencepiece model is of no known type", name);
    return ask_fail(
        err, ASK_ERR_UNSUPPORTED,
        "%s: sentencepiece models of the type %s are not supported, only BPE and "
        "Unigram are",
        name, kinds[m->kind]);
}

/* Without files that tell, the name of the model does. */
static bool find_kind(ask_recipe_kind *out, const char *name, const char *dir,
                      const ask_roles *roles, ask_error *err)
{
    bool found, is_t5 = ask_ends_with(name, T5_FILE);
    if (!ask_recipe_find(&found, out, ASK_RECIPE_OF_SENTENCEPIECE,
                         is_t5 ? T5_FILE : "tokenizer.model", dir, roles, err))
        return false;
    if (!found) *out = is_t5 ? ASK_RECIPE_T5 : ASK_RECIPE_LLAMA;
    return true;
}

static size_t count_listed_extra_ids(const ask_roles *roles)
{
    ask_json_value list = ask_roles_config(roles, "additional_special_tokens");
    const char *text;
    size_t n = 0;
    for (size_t i = 0; i < ask_json_count(list); i++)
        if (ask_roles_text(&text, ask_json_item(list, i), NULL) && text)
            n += strstr(text, "<extra_id_") != NULL;
    return n;
}

/* How many tokens <extra_id_0> ... stand behind those of the model. */
static bool count_extra_ids(size_t *out, ask_recipe_kind kind, const ask_roles *roles,
                            ask_error *err)
{
    ask_json_value v = ask_roles_config(roles, "extra_ids");
    int64_t n = 0;
    if (kind == ASK_RECIPE_T5 &&
        !ask_json_opt_int(&n, v, NULL, 0, MAX_CONTROLS, N_EXTRA_IDS, err))
        return false;
    size_t n_listed = count_listed_extra_ids(roles);
    if (n > 0 && n_listed > 0 && n_listed != (size_t)n)
        return ask_json_fail(ask_roles_config(roles, "additional_special_tokens"), err,
                             "lists %zu extra ids, and extra_ids is %d", n_listed, (int)n);
    *out = (size_t)n;
    return true;
}

/* ---- the model ---- */

/* The last of them stands first. */
static bool add_extra_ids(ask_vocab *v, ask_arena *arena, size_t n_pieces, size_t n,
                          ask_error *err)
{
    char text[24];
    for (size_t i = 0; i < n; i++) {
        ask_format(text, sizeof text, "<extra_id_%zu>", n - 1 - i);
        if (ask_vocab_find(v, text, strlen(text)) < 0 &&
            !ask_vocab_add(v, arena, text, (int32_t)(n_pieces + i), err))
            return false;
    }
    return true;
}

static bool make_vocab(ask_vocab *v, ask_arena *arena, const ask_sentencepiece *m,
                       size_t n_extra_ids, const char *name, ask_error *err)
{
    size_t n = m->n + n_extra_ids;
    if (n > ASK_VOCAB_MAX_ID)
        return ask_fail(err, ASK_ERR_LIMIT, "%s: has %zu pieces; at most %d are read", name,
                        m->n, ASK_VOCAB_MAX_ID);
    if (!ask_vocab_init(v, arena, n, (int64_t)n - 1, err)) return false;
    for (size_t i = 0; i < m->n; i++) {
        const ask_scored_piece *p = &m->pieces[i];
        int32_t other = ask_vocab_find(v, p->text, p->n_bytes);
        if (other >= 0)
            return ask_fail(err, ASK_ERR_FORMAT, "%s: pieces %d and %zu have the same text",
                            name, (int)other, i);
        if (!ask_vocab_add(v, arena, p->text, (int32_t)i, err)) return false;
    }
    return add_extra_ids(v, arena, m->n, n_extra_ids, err);
}

typedef struct {
    float score;
    uint32_t id;
} scored;

static int compare_scores(const void *a, const void *b)
{
    float left = ((const scored *)a)->score, right = ((const scored *)b)->score;
    return (left < right) - (left > right);
}

/* Ranks by id: the better the score, the lower; the same for the same score. */
static bool make_ranks(uint32_t **out, ask_arena *arena, const ask_sentencepiece *m,
                       ask_error *err)
{
    scored *order = ask_arena_array(arena, m->n, sizeof *order);
    uint32_t *ranks = ask_arena_array(arena, m->n, sizeof *ranks);
    if (!order || !ranks) return ask_fail_memory(err);
    for (size_t i = 0; i < m->n; i++) order[i] = (scored){m->pieces[i].score, (uint32_t)i};
    qsort(order, m->n, sizeof *order, compare_scores);
    for (size_t i = 0; i < m->n; i++) {
        bool is_new = i > 0 && order[i].score < order[i - 1].score;
        uint32_t before = i > 0 ? ranks[order[i - 1].id] : 0;
        ranks[order[i].id] = before + is_new;
    }
    *out = ranks;
    return true;
}

/* The id of a text that merging may come to; -1: none. */
static int32_t find_normal(const ask_bpe *b, const ask_sentencepiece *m, const char *text,
                           size_t n_bytes)
{
    int32_t id = ask_vocab_find(&b->vocab, text, n_bytes);
    return id >= 0 && m->pieces[id].type == ASK_PIECE_NORMAL ? id : -1;
}

/* Any two pieces that together are a piece may be merged. Returns how many there are of one
 * piece; adds them where ranks is not NULL. */
static size_t merges_of(ask_bpe *b, const ask_sentencepiece *m, size_t id,
                        const uint32_t *ranks)
{
    const ask_scored_piece *p = &m->pieces[id];
    size_t n = 0;
    for (uint32_t at = 1; p->type == ASK_PIECE_NORMAL && at < p->n_bytes; at++) {
        if (((unsigned char)p->text[at] & 0xC0) == 0x80) continue;
        int32_t left = find_normal(b, m, p->text, at);
        if (left < 0) continue;
        int32_t right = find_normal(b, m, p->text + at, p->n_bytes - at);
        if (right < 0) continue;
        if (ranks) ask_bpe_put_merge(b, left, right, (int32_t)id, ranks[id]);
        n++;
    }
    return n;
}

/* Sentencepiece merges what makes the piece with the best score, the leftmost first: ranks
 * say the same. */
static bool make_merges(ask_bpe *b, ask_arena *arena, const ask_sentencepiece *m,
                        ask_error *err)
{
    size_t n = 0;
    uint32_t *ranks = NULL;
    for (size_t i = 0; i < m->n; i++) n += merges_of(b, m, i, NULL);
    if (!ask_bpe_reserve_merges(b, arena, n, err) || !make_ranks(&ranks, arena, m, err))
        return false;
    for (size_t i = 0; i < m->n; i++) merges_of(b, m, i, ranks);
    return true;
}

/* What is found in a text, and for what score: of symbols that the user defined, one that
 * is better than all others. */
static void find_scores(ask_unigram *u, ask_trie_text *texts, size_t *n_texts,
                        const ask_sentencepiece *m)
{
    float lowest = FLT_MAX, highest = FLT_MIN; // sums round as sentencepiece's do
    for (size_t i = 0; i < m->n; i++) {
        if (m->pieces[i].type != ASK_PIECE_NORMAL) continue;
        lowest = fminf(lowest, m->pieces[i].score);
        highest = fmaxf(highest, m->pieces[i].score);
    }
    for (size_t i = 0; i < m->n; i++) {
        const ask_scored_piece *p = &m->pieces[i];
        bool is_symbol = p->type == ASK_PIECE_USER_DEFINED;
        if (p->type != ASK_PIECE_NORMAL && !is_symbol) continue;
        u->scores[i] = is_symbol ? (float)p->n_bytes * highest - 0.1 : p->score;
        texts[(*n_texts)++] = (ask_trie_text){p->text, p->n_bytes, (int32_t)i};
    }
    u->unknown_score = lowest - (float)ASK_UNIGRAM_PENALTY;
}

static bool make_unigram(ask_unigram *u, ask_arena *arena, const ask_sentencepiece *m,
                         ask_error *err)
{
    size_t n = 0;
    ask_trie_text *texts = calloc(m->n, sizeof *texts);
    u->scores = ask_arena_array(arena, m->n, sizeof *u->scores);
    u->unknown_id = (int64_t)m->unknown;
    u->byte_fallback = m->byte_fallback;
    u->as_sentencepiece = true;
    bool ok = (texts && u->scores) || ask_fail_memory(err);
    if (ok) {
        find_scores(u, texts, &n, m);
        ok = ask_trie_build(&u->trie, arena, texts, n, err);
    }
    free(texts);
    return ok;
}

/* ---- what is around it ---- */

static ask_dummy_space dummy_of(const ask_sentencepiece *m, const ask_recipe *r)
{
    if (!r->add_prefix_space) return ASK_DUMMY_NONE;
    if (!r->legacy) return ASK_DUMMY_FIRST;
    return m->dummy_space ? ASK_DUMMY_ALWAYS : ASK_DUMMY_NONE;
}

static bool make_sentence(ask_sentence *s, ask_arena *arena, const ask_sentencepiece *m,
                          const char *name, ask_error *err)
{
    ask_error fault = {0};
    s->dummy_behind = m->space_behind;
    s->remove_spaces = m->remove_spaces;
    s->mark_spaces = m->mark_spaces;
    if (!ask_charsmap_read(&s->charsmap, m->charsmap, m->n_charsmap, &fault))
        return ask_fail(err, fault.code, "%s: %s", name, fault.message);
    for (size_t i = 0; i < m->n; i++)
        if (m->pieces[i].type == ASK_PIECE_USER_DEFINED && !m->symbols_are_added &&
            !ask_tree_add(&s->symbols, arena, m->pieces[i].text, (int32_t)i, err))
            return false;
    return true;
}

/* Symbols of a Unigram model are found by their scores. */
static bool add_sentence(ask_tokenizer *t, const ask_sentence *s, ask_error *err)
{
    bool cuts = s->symbols.nodes && t->model.kind == ASK_WORD_MODEL_BPE;
    return ask_normalizers_add_sentence(&t->normalizers, t->parts.arena, s, err) &&
           (!cuts ||
            ask_pre_tokenizers_add_sentence(&t->pre_tokenizers, t->parts.arena, s, err));
}

static bool is_added(const ask_sentencepiece *m, size_t id)
{
    ask_piece_type type = m->pieces[id].type;
    return type == ASK_PIECE_CONTROL ||
           (type == ASK_PIECE_USER_DEFINED && m->symbols_are_added);
}

static size_t count_added(const ask_sentencepiece *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) n += is_added(m, i);
    return n;
}

static ask_added_token added_of(const ask_scored_piece *p)
{
    ask_added_token t = ask_recipe_token(ASK_RECIPE_LLAMA, ASK_N_ROLES, p->text);
    t.special = p->type == ASK_PIECE_CONTROL;
    return t;
}

/* Control pieces are special tokens, as the fast class of transformers has it; and so are
 * the extra ids, which stand behind the pieces. */
static bool list_added(ask_added_token **out, size_t *n, ask_arena *arena,
                       const ask_sentencepiece *m, const ask_vocab *v, const char *name,
                       ask_error *err)
{
    size_t n_added = count_added(m), n_all = n_added + (v->n_ids - m->n);
    if (n_added > MAX_CONTROLS)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%s: has %zu control pieces; at most %d are read", name, n_added,
                        MAX_CONTROLS);
    *n = 0;
    *out = ask_arena_array(arena, n_all, sizeof **out);
    if (!*out) return ask_fail_memory(err);
    for (size_t i = 0; i < m->n; i++)
        if (is_added(m, i)) (*out)[(*n)++] = added_of(&m->pieces[i]);
    for (size_t i = m->n; i < v->n_ids; i++) {
        const ask_vocab_entry *e = ask_vocab_at(v, (int64_t)i);
        if (e) (*out)[(*n)++] = ask_recipe_token(ASK_RECIPE_T5, ASK_N_ROLES, e->text);
    }
    return true;
}

static bool read_around(ask_tokenizer *t, ask_recipe *r, const ask_sentencepiece *m,
                        const char *name, const char *dir, const ask_roles *roles,
                        ask_error *err)
{
    ask_arena *arena = t->parts.arena;
    const ask_vocab *v = ask_word_model_vocab(&t->model);
    ask_added_token *added;
    size_t n;
    ask_sentence *s = ask_arena_alloc(arena, sizeof *s);
    if (!s) return ask_fail_memory(err);
    if (!make_sentence(s, arena, m, name, err) ||
        !list_added(&added, &n, arena, m, v, name, err) ||
        !ask_recipe_read(r, arena, dir, roles, v, added, n, err))
        return false;
    s->dummy = dummy_of(m, r);
    s->keep_first = !r->add_prefix_space || !r->legacy;
    r->strip_begin = s->dummy != ASK_DUMMY_NONE && !s->dummy_behind;
    r->strip_end = s->dummy != ASK_DUMMY_NONE && s->dummy_behind;
    return ask_tokenizer_read_recipe(t, r, roles, err) && add_sentence(t, s, err);
}

static bool read_bpe(ask_tokenizer *t, ask_recipe *r, const ask_sentencepiece *m,
                     size_t n_extra_ids, const char *name, const char *dir,
                     const ask_roles *roles, ask_error *err)
{
    ask_arena *arena = t->parts.arena;
    ask_bpe *b = &t->model.bpe;
    if (!make_vocab(&b->vocab, arena, m, n_extra_ids, name, err) ||
        !make_merges(b, arena, m, err) || !read_around(t, r, m, name, dir, roles, err))
        return false;
    b->unknown = m->pieces[m->unknown].text;
    ask_bpe_find_unknown(b);
    return ask_bpe_prepare(b, arena, err);
}

static bool read_unigram(ask_tokenizer *t, ask_recipe *r, const ask_sentencepiece *m,
                         size_t n_extra_ids, const char *name, const char *dir,
                         const ask_roles *roles, ask_error *err)
{
    ask_unigram *u = &t->model.unigram;
    t->model.kind = ASK_WORD_MODEL_UNIGRAM;
    return make_vocab(&u->vocab, t->parts.arena, m, n_extra_ids, name, err) &&
           make_unigram(u, t->parts.arena, m, err) &&
           read_around(t, r, m, name, dir, roles, err);
}

bool ask_tokenizer_take_sentencepiece(ask_tokenizer *t, const ask_sentencepiece *m,
                                      const char *name, const char *dir,
                                      const ask_roles *roles, ask_error *err)
{
    ask_recipe r = {.byte_fallback = m->byte_fallback};
    size_t n_extra_ids = 0;
    if (!check_kind(m, name, err) || !find_kind(&r.kind, name, dir, roles, err) ||
        !count_extra_ids(&n_extra_ids, r.kind, roles, err))
        return false;
    return m->kind == ASK_SENTENCEPIECE_BPE
               ? read_bpe(t, &r, m, n_extra_ids, name, dir, roles, err)
               : read_unigram(t, &r, m, n_extra_ids, name, dir, roles, err);
}

bool ask_tokenizer_read_sentencepiece(ask_tokenizer *t, const char *bytes, size_t n_bytes,
                                      const char *name, const char *dir,
                                      const ask_roles *roles, ask_error *err)
{
    ask_sentencepiece m;
    return ask_sentencepiece_read(&m, t->parts.arena, bytes, n_bytes, name, err) &&
           ask_tokenizer_take_sentencepiece(t, &m, name, dir, roles, err);
}
