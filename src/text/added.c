#include "text/added_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/grow_priv.h"
#include "text/unicode_priv.h"

/* ---- reading ---- */

static bool read_token(ask_added_token *t, ask_arena *arena, ask_json_value v,
                       ask_error *err)
{
    int64_t id; // the reference gives its own
    if (!ask_json_opt_int(&id, v, "id", 0, ASK_VOCAB_MAX_ID, 0, err) ||
        !ask_json_get_string(&t->content, v, "content", err) ||
        !ask_json_opt_bool(&t->single_word, v, "single_word", false, err) ||
        !ask_json_opt_bool(&t->lstrip, v, "lstrip", false, err) ||
        !ask_json_opt_bool(&t->rstrip, v, "rstrip", false, err) ||
        !ask_json_opt_bool(&t->normalized, v, "normalized", true, err) ||
        !ask_json_opt_bool(&t->special, v, "special", false, err))
        return false;
    t->content = ask_arena_strdup(arena, t->content);
    return t->content || ask_fail_memory(err);
}

static bool normalize_content(ask_added_token *t, ask_arena *arena,
                              const ask_normalizers *normalizers, ask_error *err)
{
    ask_piece p;
    t->normalized_content = t->content;
    if (!t->normalized) return true;
    if (!ask_piece_of_text(&p, arena, t->content, strlen(t->content), err) ||
        !ask_normalize(normalizers, &p, arena, err))
        return false;
    t->normalized_content = ask_arena_strndup(arena, p.n_bytes ? p.text : "", p.n_bytes);
    return t->normalized_content || ask_fail_memory(err);
}

/* next_id is for tokens that the model does not have. */
static bool add_token(ask_added *a, ask_arena *arena, ask_added_token t,
                      const ask_vocab *model, int32_t *next_id, ask_error *err)
{
    size_t n = strlen(t.content);
    int32_t id = ask_vocab_find(&a->vocab, t.content, n);
    if (id < 0) id = ask_vocab_find(model, t.content, n);
    if (id < 0) id = (*next_id)++;
    t.id = id;
    size_t place = a->by_id[id] ? a->by_id[id] - 1 : a->n_tokens++;
    a->tokens[place] = t;
    a->by_id[id] = (uint32_t)place + 1;
    return ask_vocab_add(&a->vocab, arena, t.content, id, err);
}

static bool build_trees(ask_added *a, ask_arena *arena, ask_error *err)
{
    for (size_t i = 0; i < a->n_tokens; i++) {
        const ask_added_token *t = &a->tokens[i];
        if (!ask_tree_add(t->normalized ? &a->normalized : &a->plain, arena,
                          t->normalized_content, (int32_t)i, err))
            return false;
    }
    return true;
}

bool ask_added_read(ask_added *out, ask_arena *arena, ask_json_value list,
                    const ask_vocab *model, const ask_normalizers *normalizers,
                    ask_error *err)
{
    size_t n = ask_json_count(list);
    if (ask_json_type_of(list) > ASK_JSON_NULL &&
        !ask_json_get_array(&list, list, NULL, err))
        return false;
    if (n > ASK_VOCAB_MAX_ID)
        return ask_json_fail(list, err, "has more than %d tokens", ASK_VOCAB_MAX_ID);
    int64_t max_id = (int64_t)(model->n + n > model->n_ids ? model->n + n : model->n_ids);
    out->tokens = ask_arena_array(arena, n, sizeof *out->tokens);
    out->by_id = ask_arena_array(arena, (size_t)max_id + 1, sizeof *out->by_id);
    if (!out->tokens || !out->by_id) return ask_fail_memory(err);
    if (!ask_vocab_init(&out->vocab, arena, n, max_id, err)) return false;
    int32_t next_id = (int32_t)model->n; // counted, whatever the ids of the model are
    for (size_t i = 0; i < n; i++) {
        ask_added_token t = {0};
        if (!read_token(&t, arena, ask_json_item(list, i), err)) return false;
        if (*t.content == '\0') continue;
        if (!normalize_content(&t, arena, normalizers, err) ||
            !add_token(out, arena, t, model, &next_id, err))
            return false;
    }
    return build_trees(out, arena, err);
}

/* ---- looking up ---- */

const ask_added_token *ask_added_at(const ask_added *a, int64_t id)
{
    if (id < 0 || (uint64_t)id >= a->vocab.n_ids || a->by_id[id] == 0) return NULL;
    return &a->tokens[a->by_id[id] - 1];
}

const char *ask_added_text(const ask_added_token *t)
{
    return t->normalized_content;
}

bool ask_added_is_special(const ask_added *a, const char *text, size_t n_bytes)
{
    const ask_added_token *t = ask_added_at(a, ask_vocab_find(&a->vocab, text, n_bytes));
    return t && t->special;
}

/* ---- finding them in a text ---- */

static uint32_t skip_spaces(const ask_piece *p, uint32_t at)
{
    for (uint32_t c, n; at < p->n_bytes; at += n) {
        n = ask_piece_character(&c, p, at);
        if (!ask_unicode_is_space(c)) break;
    }
    return at;
}

/* Where the character that ends at a place begins. */
static uint32_t before(const ask_piece *p, uint32_t at)
{
    do at--;
    while (at > 0 && ((unsigned char)p->text[at] & 0xC0) == 0x80);
    return at;
}

static uint32_t skip_spaces_back(const ask_piece *p, uint32_t at)
{
    while (at > 0) {
        uint32_t c, begin = before(p, at);
        ask_piece_character(&c, p, begin);
        if (!ask_unicode_is_space(c)) break;
        at = begin;
    }
    return at;
}

static bool stands_alone(const ask_piece *p, ask_range r)
{
    uint32_t c;
    if (r.begin > 0) {
        ask_piece_character(&c, p, before(p, r.begin));
        if (ask_unicode_is_word(c)) return false;
    }
    if (r.end < p->n_bytes) {
        ask_piece_character(&c, p, r.end);
        if (ask_unicode_is_word(c)) return false;
    }
    return true;
}

/* Widens a match by the white space that its token takes; `done` belongs to the last one.
 */
static ask_range widen(const ask_added_token *t, const ask_piece *p, ask_range r,
                       uint32_t done)
{
    if (t->lstrip) {
        uint32_t begin = skip_spaces_back(p, r.begin);
        r.begin = begin > done ? begin : done;
    }
    if (t->rstrip) r.end = skip_spaces(p, r.end);
    return r;
}

static bool add_between(ask_pieces *out, const ask_piece *p, uint32_t begin, uint32_t end,
                        ask_error *err)
{
    return begin >= end || ask_pieces_add(out, ask_piece_slice(p, begin, end), err);
}

/* Cuts one piece at the tokens of a tree. */
static bool cut(const ask_added *a, const ask_tree *tree, ask_pieces *out,
                const ask_piece *p, ask_error *err)
{
    uint32_t done = 0;
    for (uint32_t at = 0, end; tree->nodes && at < p->n_bytes; at = end) {
        int32_t place;
        size_t length = ask_tree_find(tree, &place, p->text + at, p->n_bytes - at);
        end = at + (length ? (uint32_t)length : 1);
        if (length == 0) continue;
        const ask_added_token *t = &a->tokens[place];
        ask_range r = {at, end};
        if (t->single_word && !stands_alone(p, r)) continue;
        r = widen(t, p, r, done);
        if (r.begin >= r.end) continue;
        if (!add_between(out, p, done, r.begin, err)) return false;
        ask_piece found = ask_piece_slice(p, r.begin, r.end);
        found.token = t->id;
        if (!ask_pieces_add(out, found, err)) return false;
        done = r.end;
    }
    return add_between(out, p, done, p->n_bytes, err);
}

bool ask_added_extract(const ask_added *a, const ask_normalizers *normalizers,
                       ask_pieces *pieces, ask_error *err)
{
    ask_pieces plain = {.arena = pieces->arena};
    for (size_t i = 0; i < pieces->n; i++)
        if (!cut(a, &a->plain, &plain, &pieces->items[i], err)) return false;
    ask_pieces all = {.arena = pieces->arena};
    for (size_t i = 0; i < plain.n; i++) {
        ask_piece *p = &plain.items[i];
        if (p->token != ASK_NO_TOKEN) {
            if (!ask_pieces_add(&all, *p, err)) return false;
        } else if (!ask_normalize(normalizers, p, pieces->arena, err) ||
                   !cut(a, &a->normalized, &all, p, err)) {
            return false;
        }
    }
    *pieces = all;
    return true;
}
