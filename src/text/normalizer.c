#include "text/normalizer_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/bert_text_priv.h"
#include "text/byte_level_priv.h"
#include "text/grow_priv.h"
#include "text/match_priv.h"
#include "text/unicode_priv.h"

/* ---- what they do ---- */

static bool apply_form(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                       ask_error *err)
{
    return ask_piece_normal_form(p, arena, n->form, err);
}

static bool lower_character(ask_edit *e, const ask_piece *p)
{
    uint32_t c, lower[2];
    uint32_t to = e->at + ask_piece_character(&c, p, e->at);
    int n = ask_unicode_lower(lower, c);
    char bytes[8];
    size_t n_bytes = 0;
    for (int i = 0; i < n; i++)
        n_bytes += (size_t)ask_utf8_encode(bytes + n_bytes, lower[i]);
    if (n == 1 && lower[0] == c)
        ask_edit_keep(e, to);
    else
        ask_edit_replace(e, bytes, n_bytes, to);
    return e->failure == ASK_OK;
}

/* Most text is ASCII without capitals, which stays as it is. */
static uint32_t small_end(const ask_piece *p, uint32_t at)
{
    while (at < p->n_bytes && (unsigned char)p->text[at] < 0x80 &&
           (p->text[at] < 'A' || p->text[at] > 'Z'))
        at++;
    return at;
}

static bool lower(ask_piece *p, ask_arena *arena, ask_error *err)
{
    ask_edit e = ask_edit_begin(arena, p);
    do ask_edit_keep(&e, small_end(p, e.at));
    while (e.at < p->n_bytes && e.failure == ASK_OK && lower_character(&e, p));
    return ask_edit_end(p, &e, err);
}

static bool apply_lowercase(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                            ask_error *err)
{
    (void)n;
    return lower(p, arena, err);
}

/* Leaves out the characters of a set, of which none is ASCII. */
static bool drop_set(ask_piece *p, ask_arena *arena, bool (*is_in_set)(uint32_t c),
                     ask_error *err)
{
    if (ask_piece_is_ascii(p)) return true;
    ask_edit e = ask_edit_begin(arena, p);
    while (e.at < p->n_bytes && e.failure == ASK_OK) {
        uint32_t c, to = e.at + ask_piece_character(&c, p, e.at);
        if (is_in_set(c))
            ask_edit_drop(&e, to);
        else
            ask_edit_keep(&e, to);
    }
    return ask_edit_end(p, &e, err);
}

static bool apply_strip_accents(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                                ask_error *err)
{
    (void)n;
    return drop_set(p, arena, ask_unicode_is_mark, err);
}

static bool apply_bert(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                       ask_error *err)
{
    const ask_normal_form decomposed = {0};
    if ((n->clean || n->cjk) && !ask_bert_clean(p, arena, n->clean, n->cjk, err))
        return false;
    if (n->strip_accents && (!ask_piece_normal_form(p, arena, decomposed, err) ||
                             !drop_set(p, arena, ask_unicode_is_nonspacing, err)))
        return false;
    return !n->lower || lower(p, arena, err);
}

static bool apply_precompiled(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                              ask_error *err)
{
    return ask_precompiled_apply(n->map, p, arena, err);
}

/* What lies between the white space at the ends; all of the piece if it is nothing else. */
static ask_range find_middle(const ask_piece *p)
{
    ask_range middle = {p->n_bytes, p->n_bytes};
    for (uint32_t at = 0, c, n; at < p->n_bytes; at += n) {
        n = ask_piece_character(&c, p, at);
        if (ask_unicode_is_space(c)) continue;
        if (middle.begin == p->n_bytes) middle.begin = at;
        middle.end = at + n;
    }
    return middle;
}

static bool apply_strip(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                        ask_error *err)
{
    ask_range middle = find_middle(p);
    ask_edit e = ask_edit_begin(arena, p);
    if (n->left) ask_edit_drop(&e, middle.begin);
    if (n->right) {
        if (middle.begin == middle.end) middle.end = 0; // nothing but white space
        ask_edit_keep(&e, middle.end > e.at ? middle.end : e.at);
        ask_edit_drop(&e, p->n_bytes);
    }
    return ask_edit_end(p, &e, err);
}

static bool apply_replace(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                          ask_error *err)
{
    if (p->n_bytes == 0) return true;
    ask_matches m = {.arena = arena};
    if (!ask_matches_of_regex(&m, n->pattern, p->text, p->n_bytes, err)) return false;
    ask_edit e = ask_edit_begin(arena, p);
    size_t n_content = strlen(n->content);
    for (size_t i = 0; i < m.n && e.failure == ASK_OK; i++) {
        if (!m.items[i].found) {
            ask_edit_keep(&e, m.items[i].end);
        } else {
            ask_edit_drop(&e, m.items[i].end);
            ask_edit_insert(&e, n->content, n_content);
        }
    }
    return ask_edit_end(p, &e, err);
}

bool ask_piece_prepend(ask_piece *p, ask_arena *arena, const char *text, ask_error *err)
{
    if (p->n_bytes == 0) return true;
    ask_edit e = ask_edit_begin(arena, p);
    ask_edit_replace(&e, text, strlen(text), 0); // comes from the first character
    return ask_edit_end(p, &e, err);
}

static bool apply_prepend(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                          ask_error *err)
{
    return ask_piece_prepend(p, arena, n->content, err);
}

bool ask_piece_to_bytes(ask_piece *p, ask_arena *arena, ask_error *err)
{
    ask_edit e = ask_edit_begin(arena, p);
    while (e.at < p->n_bytes && e.failure == ASK_OK) {
        char bytes[4];
        uint32_t c = ask_byte_character((uint8_t)p->text[e.at]);
        ask_edit_replace(&e, bytes, (size_t)ask_utf8_encode(bytes, c), e.at + 1);
    }
    return ask_edit_end(p, &e, err);
}

static bool apply_byte_level(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                             ask_error *err)
{
    (void)n;
    return ask_piece_to_bytes(p, arena, err);
}

static bool apply_sentence(const ask_normalizer *n, ask_piece *p, ask_arena *arena,
                           ask_error *err)
{
    return ask_sentence_normalize(n->sentence, p, arena, err);
}

bool ask_normalize(const ask_normalizers *n, ask_piece *p, ask_arena *arena, ask_error *err)
{
    for (size_t i = 0; i < n->n; i++)
        if (!n->items[i].apply(&n->items[i], p, arena, err)) return false;
    return true;
}

/* ---- how they are read ---- */

typedef enum {
    NFC,
    NFD,
    NFKC,
    NFKD,
    LOWERCASE,
    STRIP_ACCENTS,
    STRIP,
    REPLACE,
    PREPEND,
    BYTE_LEVEL,
    BERT,
    PRECOMPILED,
    SEQUENCE,
    N_KINDS,
} kind;

static const char *const names[N_KINDS] = {
    [NFC] = "NFC",
    [NFD] = "NFD",
    [NFKC] = "NFKC",
    [NFKD] = "NFKD",
    [LOWERCASE] = "Lowercase",
    [STRIP_ACCENTS] = "StripAccents",
    [STRIP] = "Strip",
    [REPLACE] = "Replace",
    [PREPEND] = "Prepend",
    [BYTE_LEVEL] = "ByteLevel",
    [BERT] = "BertNormalizer",
    [PRECOMPILED] = "Precompiled",
    [SEQUENCE] = "Sequence",
};

static bool (*const appliers[N_KINDS])(const ask_normalizer *, ask_piece *, ask_arena *,
                                       ask_error *) = {
    [NFC] = apply_form,
    [NFD] = apply_form,
    [NFKC] = apply_form,
    [NFKD] = apply_form,
    [LOWERCASE] = apply_lowercase,
    [STRIP_ACCENTS] = apply_strip_accents,
    [STRIP] = apply_strip,
    [REPLACE] = apply_replace,
    [PREPEND] = apply_prepend,
    [BYTE_LEVEL] = apply_byte_level,
    [BERT] = apply_bert,
    [PRECOMPILED] = apply_precompiled,
};

/* Accents go where the text is put into lower case, unless the file says otherwise. */
static bool read_bert(ask_normalizer *n, ask_json_value v, ask_error *err)
{
    return ask_json_opt_bool(&n->clean, v, "clean_text", true, err) &&
           ask_json_opt_bool(&n->cjk, v, "handle_chinese_chars", true, err) &&
           ask_json_opt_bool(&n->lower, v, "lowercase", true, err) &&
           ask_json_opt_bool(&n->strip_accents, v, "strip_accents", n->lower, err);
}

static bool read_precompiled(ask_normalizer *n, ask_parts *parts, ask_json_value v,
                             ask_error *err)
{
    ask_precompiled *map;
    if (!ask_precompiled_read(&map, parts, v, err)) return false;
    n->map = map;
    return true;
}

static bool read_fields(ask_normalizer *n, kind k, ask_parts *parts, ask_json_value v,
                        ask_error *err)
{
    switch (k) {
    case NFC:
    case NFD:
    case NFKC:
    case NFKD:
        n->form.compatible = k == NFKC || k == NFKD;
        n->form.compose = k == NFC || k == NFKC;
        return true;
    case STRIP:
        return ask_json_get_bool(&n->left, v, "strip_left", err) &&
               ask_json_get_bool(&n->right, v, "strip_right", err);
    case REPLACE:
        n->pattern = ask_parts_read_pattern(parts, v, err);
        return n->pattern && ask_parts_read_text(&n->content, parts, v, "content", err);
    case PREPEND:
        return ask_parts_read_text(&n->content, parts, v, "prepend", err);
    case BERT:
        return read_bert(n, v, err);
    case PRECOMPILED:
        return read_precompiled(n, parts, v, err);
    default:
        return true;
    }
}

static bool read_sequence(ask_normalizers *out, ask_parts *parts, ask_json_value v,
                          ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, v, "normalizers", err)) return false;
    for (size_t i = 0; i < ask_json_count(list); i++)
        if (!ask_normalizers_read(out, parts, ask_json_item(list, i), err)) return false;
    return true;
}

static bool add(ask_normalizers *out, ask_arena *arena, ask_normalizer n, ask_error *err)
{
    ask_normalizer *items =
        ask_grow(arena, out->items, out->n, &out->capacity, out->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    out->items = items;
    items[out->n++] = n;
    return true;
}

bool ask_normalizers_add_sentence(ask_normalizers *out, ask_arena *arena,
                                  const ask_sentence *s, ask_error *err)
{
    return add(out, arena, (ask_normalizer){.apply = apply_sentence, .sentence = s}, err);
}

bool ask_normalizers_read(ask_normalizers *out, ask_parts *parts, ask_json_value v,
                          ask_error *err)
{
    if (ask_json_type_of(v) <= ASK_JSON_NULL) return true;
    size_t row;
    if (!ask_parts_read_type(&row, v, names, N_KINDS, "normalizer", err)) return false;
    if (row == SEQUENCE) return read_sequence(out, parts, v, err);
    ask_normalizer n = {.apply = appliers[row]};
    return read_fields(&n, (kind)row, parts, v, err) && add(out, parts->arena, n, err);
}
