#include "text/normal_form_priv.h"

#include <string.h>

#include "base/utf8.h"
#include "text/grow_priv.h"
#include "text/unicode_priv.h"

/* A character of the result. n_taken: how many characters of the source it takes; 0 for a
 * character that comes in addition. */
typedef struct {
    uint32_t c;
    int32_t n_taken;
    uint8_t class;
} mark;

typedef struct {
    mark *items;
    size_t n, capacity;
} marks;

static bool decompose(marks *out, ask_arena *arena, const ask_piece *p, uint32_t begin,
                      uint32_t end, bool compatible)
{
    uint32_t c, parts[ASK_UNICODE_MAX_DECOMPOSED];
    out->n = 0;
    for (uint32_t at = begin; at < end;) {
        at += ask_piece_character(&c, p, at);
        int n = ask_unicode_decompose(parts, c, compatible);
        out->items = ask_grow(arena, out->items, out->n, &out->capacity, out->n + (size_t)n,
                              sizeof *out->items);
        if (!out->items) return false;
        for (int i = 0; i < n; i++) {
            out->items[out->n++] =
                (mark){parts[i], i == 0, ask_unicode_combining_class(parts[i])};
        }
    }
    return true;
}

/* Sorts marks by their class; equal ones keep their order. Counting, as an evil text may be
 * one run of marks. */
static void sort_run(mark *run, mark *scratch, size_t n)
{
    size_t place[257] = {0};
    for (size_t i = 0; i < n; i++) place[run[i].class + 1]++;
    for (int k = 0; k < 256; k++) place[k + 1] += place[k];
    for (size_t i = 0; i < n; i++) scratch[place[run[i].class]++] = run[i];
    memcpy(run, scratch, n * sizeof *run);
}

/* Canonical ordering: marks behind a starter come in the order of their classes. */
static bool put_in_order(marks *m, ask_arena *arena)
{
    mark *scratch = NULL;
    for (size_t begin = 0, end; begin < m->n; begin = end) {
        bool sorted = true;
        for (end = begin + 1; end < m->n && m->items[end].class != 0; end++)
            sorted &= m->items[end - 1].class <= m->items[end].class;
        if (sorted) continue;
        if (!scratch) scratch = ask_arena_array(arena, m->n, sizeof *scratch);
        if (!scratch) return false;
        sort_run(m->items + begin, scratch, end - begin);
    }
    return true;
}

/* Canonical composition, in place. A mark meets the last starter unless one of its own or a
 * higher class stands between them. */
static void compose(marks *m)
{
    mark *out = m->items;
    mark *starter = NULL;
    int last_class = -1; // of the marks between; -1: none
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        mark k = m->items[i];
        uint32_t composed = 0;
        if (starter && last_class < (int)k.class)
            composed = ask_unicode_compose(starter->c, k.c);
        if (composed) {
            starter->c = composed;
            starter->n_taken += k.n_taken;
            continue;
        }
        out[n] = k;
        if (k.class == 0) {
            starter = &out[n];
            last_class = -1;
        } else if (starter) {
            last_class = k.class;
        }
        n++;
    }
    m->n = n;
}

static uint32_t skip_characters(const ask_piece *p, uint32_t at, int32_t n)
{
    for (uint32_t c; n > 0 && at < p->n_bytes; n--) at += ask_piece_character(&c, p, at);
    return at;
}

static void write(ask_edit *e, const marks *m)
{
    for (size_t i = 0; i < m->n; i++) {
        char bytes[4];
        size_t n = (size_t)ask_utf8_encode(bytes, m->items[i].c);
        int32_t n_taken = m->items[i].n_taken;
        if (n_taken > 0)
            ask_edit_replace(e, bytes, n, skip_characters(e->from, e->at, n_taken));
        else
            ask_edit_insert(e, bytes, n);
    }
}

static bool is_ascii(char c)
{
    return (unsigned char)c < 0x80;
}

/* The next part that a normal form may change: characters beyond ASCII, with the one before
 * them, which marks may join. ASCII stays as it is, and joins nothing before it. False:
 * there is none. */
static bool next_part(const ask_piece *p, uint32_t at, uint32_t *begin, uint32_t *end)
{
    uint32_t first = at;
    while (first < p->n_bytes && is_ascii(p->text[first])) first++;
    if (first == p->n_bytes) return false;
    *begin = first > at ? first - 1 : first;
    *end = first;
    while (*end < p->n_bytes && !is_ascii(p->text[*end])) ++*end;
    return true;
}

bool ask_piece_normal_form(ask_piece *p, ask_arena *arena, ask_normal_form form,
                           ask_error *err)
{
    if (ask_piece_is_ascii(p)) return true;
    marks m = {0};
    uint32_t begin, end;
    ask_edit e = ask_edit_begin(arena, p);
    while (e.failure == ASK_OK && next_part(p, e.at, &begin, &end)) {
        ask_edit_keep(&e, begin);
        if (!decompose(&m, arena, p, begin, end, form.compatible) ||
            !put_in_order(&m, arena))
            return ask_fail_memory(err);
        if (form.compose) compose(&m);
        write(&e, &m);
    }
    return ask_edit_end(p, &e, err);
}
