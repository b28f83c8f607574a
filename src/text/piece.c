#include "text/piece_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/grow_priv.h"

bool ask_piece_of_text(ask_piece *out, ask_arena *arena, const char *text, size_t n_bytes,
                       ask_error *err)
{
    if (n_bytes > ASK_TEXT_MAX_BYTES) {
        return ask_fail(err, ASK_ERR_LIMIT, "a text of %zu bytes; at most %d are encoded",
                        n_bytes, ASK_TEXT_MAX_BYTES);
    }
    ask_range *origin = ask_arena_array(arena, n_bytes, sizeof *origin);
    if (!origin) return ask_fail_memory(err);
    for (size_t at = 0; at < n_bytes;) {
        uint32_t c;
        size_t n = (size_t)ask_utf8_decode(&c, text + at, n_bytes - at);
        if (n == 0) {
            return ask_fail(err, ASK_ERR_FORMAT,
                            "the text is not UTF-8: byte %zu is 0x%02X", at,
                            (unsigned)(unsigned char)text[at]);
        }
        ask_range all = {(uint32_t)at, (uint32_t)(at + n)};
        for (size_t i = 0; i < n; i++) origin[at + i] = all;
        at += n;
    }
    *out = (ask_piece){.text = text,
                       .origin = origin,
                       .n_bytes = (uint32_t)n_bytes,
                       .original = {0, (uint32_t)n_bytes},
                       .token = ASK_NO_TOKEN};
    return true;
}

ask_piece ask_piece_slice(const ask_piece *p, uint32_t begin, uint32_t end)
{
    return (ask_piece){.text = p->text + begin,
                       .origin = p->origin + begin,
                       .n_bytes = end - begin,
                       .original = {p->origin[begin].begin, p->origin[end - 1].end},
                       .token = ASK_NO_TOKEN};
}

bool ask_piece_is_ascii(const ask_piece *p)
{
    for (uint32_t i = 0; i < p->n_bytes; i++)
        if ((unsigned char)p->text[i] >= 0x80) return false;
    return true;
}

uint32_t ask_piece_character(uint32_t *c, const ask_piece *p, uint32_t at)
{
    *c = (unsigned char)p->text[at];
    return *c < 0x80 ? 1 : (uint32_t)ask_utf8_decode(c, p->text + at, p->n_bytes - at);
}

bool ask_pieces_add(ask_pieces *list, ask_piece p, ask_error *err)
{
    if (p.n_bytes == 0) return true;
    ask_piece *items = ask_grow(list->arena, list->items, list->n, &list->capacity,
                                list->n + 1, sizeof *items);
    if (!items) return ask_fail_memory(err);
    list->items = items;
    items[list->n++] = p;
    return true;
}

ask_edit ask_edit_begin(ask_arena *arena, const ask_piece *from)
{
    return (ask_edit){.arena = arena, .from = from};
}

/* Room for n_bytes more. */
static bool make_room(ask_edit *e, size_t n_bytes)
{
    if (e->failure != ASK_OK) return false;
    if (n_bytes > ASK_TEXT_MAX_BYTES - e->n) {
        e->failure = ASK_ERR_LIMIT;
        return false;
    }
    size_t need = e->n + n_bytes;
    if (need <= e->capacity) return true;
    if (need < e->from->n_bytes) need = e->from->n_bytes; // most texts keep their length
    size_t capacity = e->capacity;
    char *text = ask_grow(e->arena, e->text, e->n, &capacity, need, sizeof *text);
    ask_range *origin =
        ask_grow(e->arena, e->origin, e->n, &e->capacity, need, sizeof *origin);
    if (!text || !origin) {
        e->failure = ASK_ERR_NOMEM;
        return false;
    }
    e->text = text;
    e->origin = origin;
    return true;
}

void ask_edit_keep(ask_edit *e, uint32_t to)
{
    uint32_t n = to - e->at;
    if (n == 0 || !make_room(e, n)) return;
    memcpy(e->text + e->n, e->from->text + e->at, n);
    memcpy(e->origin + e->n, e->from->origin + e->at, n * sizeof *e->origin);
    e->n += n;
    e->at = to;
}

void ask_edit_drop(ask_edit *e, uint32_t to)
{
    e->at = to;
}

static void put(ask_edit *e, const char *bytes, size_t n_bytes, ask_range origin)
{
    if (n_bytes == 0 || !make_room(e, n_bytes)) return;
    memcpy(e->text + e->n, bytes, n_bytes);
    for (size_t i = 0; i < n_bytes; i++) e->origin[e->n + i] = origin;
    e->n += n_bytes;
}

void ask_edit_replace(ask_edit *e, const char *bytes, size_t n_bytes, uint32_t to)
{
    put(e, bytes, n_bytes, e->from->origin[e->at]);
    e->at = to;
}

void ask_edit_insert(ask_edit *e, const char *bytes, size_t n_bytes)
{
    uint32_t begin = e->from->original.begin;
    put(e, bytes, n_bytes, e->at ? e->from->origin[e->at - 1] : (ask_range){begin, begin});
}

bool ask_edit_end(ask_piece *out, ask_edit *e, ask_error *err)
{
    ask_edit_keep(e, e->from->n_bytes);
    if (e->failure == ASK_ERR_NOMEM) return ask_fail_memory(err);
    if (e->failure != ASK_OK) {
        return ask_fail(err, e->failure, "the text grows beyond %d bytes when normalized",
                        ASK_TEXT_MAX_BYTES);
    }
    *out = (ask_piece){.text = e->text,
                       .origin = e->origin,
                       .n_bytes = (uint32_t)e->n,
                       .original = e->from->original,
                       .token = ASK_NO_TOKEN};
    return true;
}
