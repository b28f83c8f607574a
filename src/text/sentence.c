#include "text/sentence_priv.h"

#include <string.h>

/* ---- normalizing ---- */

/* A text being normalized. */
typedef struct {
    const ask_sentence *s;
    const ask_piece *p;
    ask_edit edit;
    const char *space; // what a space becomes
    size_t n_space;
    bool is_plain;    // nothing but spaces is replaced, each by itself
    bool after_space; // and spaces are removed
} writer;

/* The least part of the text that is replaced as one, at the place where the edit is. */
typedef struct {
    const char *with; // what it becomes
    size_t n_with;
    uint32_t end;
    bool is_kept; // it becomes itself
} chunk;

static chunk next_chunk(const writer *w)
{
    uint32_t at = w->edit.at, n_left = w->p->n_bytes - at;
    const char *text = w->p->text + at;
    int32_t id;
    uint32_t c;
    chunk k = {.with = text, .n_with = n_left, .end = w->p->n_bytes, .is_kept = true};
    if (w->is_plain) return k;
    k.n_with = ask_tree_find(&w->s->symbols, &id, text, n_left);
    if (k.n_with == 0) {
        size_t n = ask_charsmap_find(&w->s->charsmap, &k.with, &k.n_with, text, n_left);
        k.is_kept = n == 0;
        k.end = at + (uint32_t)n;
        if (n > 0) return k;
        k.with = text;
        k.n_with = ask_piece_character(&c, w->p, at);
    }
    k.end = at + (uint32_t)k.n_with;
    return k;
}

static void write_kept(writer *w, chunk k)
{
    for (uint32_t at = w->edit.at; at < k.end; at++) {
        if (w->p->text[at] != ' ') continue;
        ask_edit_keep(&w->edit, at);
        ask_edit_replace(&w->edit, w->space, w->n_space, at + 1);
    }
    ask_edit_keep(&w->edit, k.end);
}

/* Writes what replaces a chunk; the first of it takes the chunk's place, as edits must. */
static void write_replaced(writer *w, chunk k)
{
    uint32_t to = w->edit.at;
    for (size_t i = 0, n; i < k.n_with; i += n) {
        const char *space = memchr(k.with + i, ' ', k.n_with - i);
        bool is_space = space == k.with + i;
        n = is_space ? 1 : (size_t)((space ? space : k.with + k.n_with) - (k.with + i));
        ask_edit_replace(&w->edit, is_space ? w->space : k.with + i,
                         is_space ? w->n_space : n, to);
    }
    ask_edit_drop(&w->edit, k.end);
}

/* A run of spaces counts for its last one, as in the tokenizers library, to which the two
 * characters of a line's end are one. */
static void move_space(writer *w)
{
    ask_edit *e = &w->edit;
    const char *at = w->p->text + e->at;
    if (e->at > 0 && *at == '\n' && at[-1] == '\r') return;
    for (size_t i = 1; e->failure == ASK_OK && i <= w->n_space && i <= e->n; i++)
        e->origin[e->n - i] = w->p->origin[e->at];
}

static void write_chunk(writer *w, chunk k)
{
    while (w->after_space && k.n_with > 0 && *k.with == ' ') {
        move_space(w);
        k.with++;
        k.n_with--;
        if (k.is_kept) ask_edit_drop(&w->edit, w->edit.at + 1);
    }
    if (k.n_with > 0) w->after_space = w->s->remove_spaces && k.with[k.n_with - 1] == ' ';
    if (k.is_kept)
        write_kept(w, k);
    else
        write_replaced(w, k);
}

/* Leaves out the spaces that the text begins with. */
static void skip_spaces(writer *w)
{
    while (w->edit.at < w->p->n_bytes) {
        chunk k = next_chunk(w);
        if (k.n_with != 1 || *k.with != ' ') return;
        ask_edit_drop(&w->edit, k.end);
    }
}

static bool begins_with_space(const writer *w)
{
    if (w->edit.at >= w->p->n_bytes) return false;
    chunk k = next_chunk(w);
    return (k.n_with > 0 && *k.with == ' ') ||
           (k.n_with >= w->n_space && memcmp(k.with, w->space, w->n_space) == 0);
}

static bool wants_dummy(const writer *w)
{
    if (w->s->dummy != ASK_DUMMY_FIRST) return w->s->dummy == ASK_DUMMY_ALWAYS;
    return w->p->original.begin == 0 && !begins_with_space(w);
}

static void drop_spaces_behind(const writer *w, ask_piece *p)
{
    while (p->n_bytes >= w->n_space &&
           memcmp(p->text + p->n_bytes - w->n_space, w->space, w->n_space) == 0)
        p->n_bytes -= (uint32_t)w->n_space;
}

bool ask_sentence_normalize(const ask_sentence *s, ask_piece *p, ask_arena *arena,
                            ask_error *err)
{
    writer w = {.s = s,
                .p = p,
                .edit = ask_edit_begin(arena, p),
                .space = s->mark_spaces ? ASK_SENTENCE_MARK : " ",
                .after_space = s->remove_spaces};
    w.n_space = strlen(w.space);
    w.is_plain = !s->symbols.nodes && !s->charsmap.units && !s->remove_spaces;
    if (s->remove_spaces) skip_spaces(&w);
    bool kept = s->keep_first && !s->dummy_behind && w.edit.at > 0;
    bool dummy = w.edit.at < p->n_bytes && (kept || wants_dummy(&w));
    if (dummy && !s->dummy_behind && w.edit.at > 0)
        ask_edit_insert(&w.edit, w.space, w.n_space); // counts for the spaces that went
    else if (dummy && !s->dummy_behind)
        ask_edit_replace(&w.edit, w.space, w.n_space, w.edit.at);
    while (w.edit.at < p->n_bytes && w.edit.failure == ASK_OK)
        write_chunk(&w, next_chunk(&w));
    ask_piece out;
    if (!ask_edit_end(&out, &w.edit, err)) return false;
    if (s->remove_spaces) drop_spaces_behind(&w, &out);
    if (dummy && s->dummy_behind) {
        ask_edit behind = ask_edit_begin(arena, &out);
        ask_edit_keep(&behind, out.n_bytes);
        ask_edit_insert(&behind, w.space, w.n_space);
        if (!ask_edit_end(&out, &behind, err)) return false;
    }
    *p = out;
    return true;
}

/* ---- cutting ---- */

static bool add_between(ask_pieces *out, const ask_piece *p, uint32_t begin, uint32_t end,
                        ask_error *err)
{
    return begin == end || ask_pieces_add(out, ask_piece_slice(p, begin, end), err);
}

bool ask_sentence_cut(const ask_sentence *s, ask_pieces *out, const ask_piece *p,
                      ask_error *err)
{
    uint32_t done = 0;
    for (uint32_t at = 0, n; s->symbols.nodes && at < p->n_bytes; at += n) {
        int32_t id;
        uint32_t c;
        n = (uint32_t)ask_tree_find(&s->symbols, &id, p->text + at, p->n_bytes - at);
        if (n == 0) {
            n = ask_piece_character(&c, p, at);
            continue;
        }
        if (!add_between(out, p, done, at, err)) return false;
        ask_piece found = ask_piece_slice(p, at, at + n);
        found.token = id;
        if (!ask_pieces_add(out, found, err)) return false;
        done = at + n;
    }
    return add_between(out, p, done, p->n_bytes, err);
}
