#include "text/precompiled_priv.h"

#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "text/unicode_priv.h"

/* A longer cluster is never looked up as a whole. */
enum { MAX_CLUSTER_BYTES = 5 };

/* ---- reading ---- */

static void find_ascii(ask_precompiled *m)
{
    const char *with;
    size_t n;
    for (int c = 0; c < 0x80; c++) {
        char text = (char)c;
        m->maps[c] = ask_charsmap_find_shortest(&m->map, &with, &n, &text, 1);
    }
}

bool ask_precompiled_read(ask_precompiled **out, ask_parts *parts, ask_json_value v,
                          ask_error *err)
{
    ask_json_value member = ask_json_member(v, "precompiled_charsmap");
    const char *text;
    if (!ask_json_opt_string(&text, member, NULL, "", err)) return false;
    size_t n_text = strlen(text), n;
    char *bytes = ask_arena_alloc(parts->arena, ask_base64_most(n_text) + 1);
    ask_precompiled *m = ask_arena_alloc(parts->arena, sizeof *m);
    if (!bytes || !m) return ask_fail_memory(err);
    if (!ask_base64_decode(bytes, &n, text, n_text))
        return ask_json_fail(member, err, "is not base64");
    ask_error fault = {0};
    if (!ask_charsmap_read(&m->map, bytes, n, &fault))
        return ask_json_fail(member, err, "%s", fault.message);
    find_ascii(m);
    *out = m;
    return true;
}

/* ---- applying ---- */

/* A text being rewritten. The reference counts what replaces what by code points: what is
 * left out is counted to the one that was written last, and, where none was, not at all, so
 * that the edit then lags behind the text. */
typedef struct {
    const ask_precompiled *m;
    const ask_piece *p;
    ask_edit edit;
    uint32_t at;       // how much of the text was looked at; the edit is there or before
    size_t n_inserted; // bytes of the last character where it was written between
} writer;

static uint32_t length_at(const ask_piece *p, uint32_t at)
{
    uint32_t c;
    return ask_piece_character(&c, p, at);
}

static uint32_t count_characters(const char *text, size_t n_bytes)
{
    return (uint32_t)ask_utf8_length(text, n_bytes);
}

/* Leaves out some characters of the text where the edit is. */
static void leave_out(writer *w, uint32_t n)
{
    ask_edit *e = &w->edit;
    if (n == 0 || e->n == 0 || e->failure != ASK_OK) return;
    for (size_t i = 1; i <= w->n_inserted; i++) e->origin[e->n - i] = w->p->origin[e->at];
    w->n_inserted = 0;
    for (; n > 0; n--) ask_edit_drop(e, e->at + length_at(w->p, e->at));
}

/* Writes a text in the place of the n_old characters that are next. */
static void write(writer *w, const char *text, size_t n_bytes, uint32_t n_old)
{
    ask_edit *e = &w->edit;
    for (size_t i = 0, n; i < n_bytes; i += n) {
        uint32_t c;
        n = (size_t)ask_utf8_decode(&c, text + i, n_bytes - i);
        w->n_inserted = n_old == 0 ? n : 0;
        if (n_old == 0) {
            ask_edit_insert(e, text + i, n);
        } else {
            ask_edit_replace(e, text + i, n, e->at + length_at(w->p, e->at));
            n_old--;
        }
    }
    leave_out(w, n_old);
}

static void keep(writer *w, uint32_t to)
{
    if (w->edit.at == w->at && to > w->at) {
        ask_edit_keep(&w->edit, to);
        w->n_inserted = 0;
    } else {
        write(w, w->p->text + w->at, to - w->at,
              count_characters(w->p->text + w->at, to - w->at));
    }
    w->at = to;
}

/* Replaces what lies before `to`, if the map does; false: it does not. */
static bool replace(writer *w, uint32_t to)
{
    const char *with, *text = w->p->text + w->at;
    size_t n_with, n = to - w->at;
    if (!ask_charsmap_find_shortest(&w->m->map, &with, &n_with, text, n)) return false;
    write(w, with, n_with, count_characters(text, n));
    w->at = to;
    return true;
}

/* Where the cluster ends that begins at a place. */
static uint32_t cluster_end(const ask_piece *p, uint32_t at)
{
    uint32_t before, c;
    int32_t state = 0;
    at += ask_piece_character(&before, p, at);
    for (uint32_t n; at < p->n_bytes; at += n, before = c) {
        n = ask_piece_character(&c, p, at);
        if (ask_unicode_is_boundary(before, c, &state)) break;
    }
    return at;
}

/* Where the characters of ASCII end that stay as they are, each a cluster by itself. */
static uint32_t plain_end(const writer *w)
{
    uint32_t at = w->at;
    const ask_piece *p = w->p;
    while (at < p->n_bytes && (unsigned char)p->text[at] < 0x80 && p->text[at] != '\r' &&
           !w->m->maps[(unsigned char)p->text[at]])
        at++;
    // What is not ASCII may go with the character before it.
    return at < p->n_bytes && at > w->at && (unsigned char)p->text[at] >= 0x80 ? at - 1
                                                                               : at;
}

static void write_cluster(writer *w)
{
    uint32_t end = cluster_end(w->p, w->at);
    if (end - w->at <= MAX_CLUSTER_BYTES && replace(w, end)) return;
    while (w->at < end && w->edit.failure == ASK_OK) {
        uint32_t to = w->at + length_at(w->p, w->at);
        if (!replace(w, to)) keep(w, to);
    }
}

bool ask_precompiled_apply(const ask_precompiled *m, ask_piece *p, ask_arena *arena,
                           ask_error *err)
{
    writer w = {.m = m, .p = p, .edit = ask_edit_begin(arena, p)};
    while (w.at < p->n_bytes && w.edit.failure == ASK_OK) {
        uint32_t to = plain_end(&w);
        if (to > w.at) keep(&w, to);
        if (w.at < p->n_bytes) write_cluster(&w);
    }
    ask_edit_drop(&w.edit, p->n_bytes);
    return ask_edit_end(p, &w.edit, err);
}
