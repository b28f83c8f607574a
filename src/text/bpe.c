#include "text/bpe_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"
#include "base/utf8.h"

/* Part of a word; those that were merged into the one before them have n_bytes 0. */
typedef struct ask_bpe_symbol {
    int32_t id;
    uint32_t n_bytes;
    int32_t before, behind; // places of its neighbours; -1: none
} symbol;

/* A pair that may be merged: the symbol at a place with the one behind it. */
typedef struct ask_bpe_candidate {
    uint32_t rank;
    uint32_t place;
    uint32_t id; // what they become
} candidate;

/* ---- merges ---- */

static uint64_t pair_of(int32_t left, int32_t right)
{
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

static size_t slot_of(const ask_bpe *b, uint64_t pair)
{
    uint64_t h = pair * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(h ^ h >> 32) & b->mask;
    while ((b->used[slot / 32] >> slot % 32 & 1) && b->merges[slot].pair != pair)
        slot = (slot + 1) & b->mask;
    return slot;
}

static const ask_merge *find_merge(const ask_bpe *b, int32_t left, int32_t right)
{
    size_t slot = slot_of(b, pair_of(left, right));
    return b->used[slot / 32] >> slot % 32 & 1 ? &b->merges[slot] : NULL;
}

bool ask_bpe_reserve_merges(ask_bpe *b, ask_arena *arena, size_t n, ask_error *err)
{
    size_t n_slots = 64;
    while (n_slots / 2 < n)
        if (!ask_mul_size(&n_slots, n_slots, 2)) break;
    b->merges = ask_arena_array(arena, n_slots, sizeof *b->merges);
    b->used = ask_arena_array(arena, n_slots / 32, sizeof *b->used);
    b->mask = n_slots - 1;
    return (b->merges && b->used) || ask_fail_memory(err);
}

static char *copy_bytes(const char *bytes, size_t n)
{
    char *copy = malloc(n + 1);
    if (!copy) return NULL;
    memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}

/* The id of a token; -1 with *missing set when there is none. */
static int32_t id_of(const ask_bpe *b, const char *text, size_t n, char **missing)
{
    int32_t id = ask_vocab_find(&b->vocab, text, n);
    if (id < 0) *missing = copy_bytes(text, n);
    return id;
}

/* The id of two texts joined; the right one without its prefix. */
static int32_t id_of_both(const ask_bpe *b, const char *left, size_t n_left,
                          const char *right, size_t n_right, char **missing)
{
    size_t n_prefix = strlen(b->prefix);
    if (n_prefix > n_right) n_prefix = n_right;
    ask_str both = {0};
    ask_str_append_bytes(&both, left, n_left);
    ask_str_append_bytes(&both, right + n_prefix, n_right - n_prefix);
    int32_t id = both.failed ? -1 : id_of(b, ask_str_text(&both), both.length, missing);
    ask_str_free(&both);
    return id;
}

void ask_bpe_put_merge(ask_bpe *b, int32_t left, int32_t right, int32_t id, uint32_t rank)
{
    uint64_t pair = pair_of(left, right);
    size_t slot = slot_of(b, pair);
    b->merges[slot] = (ask_merge){pair, rank, (uint32_t)id};
    b->used[slot / 32] |= UINT32_C(1) << slot % 32;
}

bool ask_bpe_add_merge(ask_bpe *b, const char *left, size_t n_left, const char *right,
                       size_t n_right, uint32_t rank, char **missing)
{
    *missing = NULL;
    int32_t a = id_of(b, left, n_left, missing);
    if (a < 0) return false;
    int32_t c = id_of(b, right, n_right, missing);
    if (c < 0) return false;
    int32_t both = id_of_both(b, left, n_left, right, n_right, missing);
    if (both < 0) return false;
    ask_bpe_put_merge(b, a, c, both, rank);
    return true;
}

/* ---- letters ---- */

static void find_letters(ask_bpe *b)
{
    bool bare = *b->prefix == '\0' && *b->suffix == '\0';
    for (uint32_t c = 0; c < ASK_BPE_LETTERS; c++) {
        char bytes[4];
        size_t n = (size_t)ask_utf8_encode(bytes, c);
        b->letters[c] = bare ? ask_vocab_find(&b->vocab, bytes, n) : -1;
    }
}

bool ask_bpe_prepare(ask_bpe *b, ask_arena *arena, ask_error *err)
{
    find_letters(b);
    return ask_bpe_find_seams(b, arena, err);
}

/* ---- scratch ---- */

void ask_bpe_scratch_free(ask_bpe_scratch *s)
{
    free(s->symbols);
    free(s->heap);
    *s = (ask_bpe_scratch){0};
}

static bool resize(void **array, size_t n, size_t item_bytes)
{
    size_t bytes;
    void *moved = ask_mul_size(&bytes, n, item_bytes) ? realloc(*array, bytes) : NULL;
    if (moved) *array = moved;
    return moved != NULL;
}

/* Room for n symbols; each merge leaves at most two new candidates. */
static bool reserve(ask_bpe_scratch *s, size_t n, ask_error *err)
{
    if (n <= s->capacity) return true;
    if (n < 2 * s->capacity) n = 2 * s->capacity;
    if (n < 64) n = 64;
    if (!resize((void **)&s->symbols, n, sizeof *s->symbols) ||
        !resize((void **)&s->heap, 3 * n, sizeof *s->heap))
        return ask_fail_memory(err);
    s->capacity = n;
    return true;
}

static void add_symbol(ask_bpe_scratch *s, int32_t id, uint32_t n_bytes)
{
    int32_t place = (int32_t)s->n_symbols;
    if (place > 0) s->symbols[place - 1].behind = place;
    s->symbols[s->n_symbols++] = (symbol){id, n_bytes, place - 1, -1};
}

/* ---- the characters of a word ---- */

/* A character as the vocabulary spells it: with the prefix and suffix of its place. */
typedef struct {
    char *bytes;
    size_t n_prefix, n_suffix;
} spelling;

static bool spelling_open(spelling *s, const ask_bpe *b, ask_error *err)
{
    s->n_prefix = strlen(b->prefix);
    s->n_suffix = strlen(b->suffix);
    s->bytes = malloc(s->n_prefix + 4 + s->n_suffix + 1);
    if (!s->bytes) return ask_fail_memory(err);
    memcpy(s->bytes, b->prefix, s->n_prefix);
    return true;
}

/* Returns where it begins; *n is its length. */
static const char *spell(spelling *s, const ask_bpe *b, const char *c, size_t n_bytes,
                         bool is_first, bool is_last, size_t *n)
{
    char *begin = s->bytes + (is_first ? s->n_prefix : 0);
    char *place = s->bytes + s->n_prefix;
    memcpy(place, c, n_bytes);
    place += n_bytes;
    if (is_last) {
        memcpy(place, b->suffix, s->n_suffix);
        place += s->n_suffix;
    }
    *n = (size_t)(place - begin);
    return begin;
}

/* Adds the bytes of a text as <0x00> ... <0xFF>, if the vocabulary has all of them. */
static bool add_bytes(const ask_bpe *b, ask_bpe_scratch *s, const char *text, size_t n)
{
    char name[8];
    size_t before = s->n_symbols;
    for (size_t i = 0; i < n; i++) {
        ask_format(name, sizeof name, "<0x%02X>", (unsigned)(unsigned char)text[i]);
        int32_t id = ask_vocab_find(&b->vocab, name, 6);
        if (id < 0) {
            s->n_symbols = before;
            if (before > 0) s->symbols[before - 1].behind = -1;
            return false;
        }
        add_symbol(s, id, 1);
    }
    return true;
}

/* Unknown characters that wait for one that is known, or for the end of the word. */
typedef struct {
    uint32_t n_bytes; // 0: none
} waiting;

static void flush(const ask_bpe *b, ask_bpe_scratch *s, waiting *w)
{
    if (w->n_bytes > 0) add_symbol(s, b->unknown_id, w->n_bytes);
    w->n_bytes = 0;
}

static bool add_unknown(const ask_bpe *b, ask_bpe_scratch *s, waiting *w, uint32_t n_bytes,
                        ask_error *err)
{
    if (!b->unknown) return true; // left out
    if (b->unknown_id < 0)
        return ask_fail(
            err, ASK_ERR_MODEL,
            "the tokenizer meets an unknown character, and its unknown token %s "
            "is not in its vocabulary",
            b->unknown);
    if (!b->fuse_unknown) flush(b, s, w);
    w->n_bytes += n_bytes;
    return true;
}

/* The symbols of a word: its characters. What is unknown comes where the next known
 * character is; tokens of bytes do not wait for it. */
static bool add_characters(const ask_bpe *b, ask_bpe_scratch *s, spelling *sp,
                           const char *word, size_t n_bytes, bool *unknown, ask_error *err)
{
    waiting w = {0};
    uint32_t c;
    for (size_t at = 0, n; at < n_bytes; at += n) {
        n = (size_t)ask_utf8_decode(&c, word + at, n_bytes - at);
        if (c < ASK_BPE_LETTERS && b->letters[c] >= 0) {
            flush(b, s, &w);
            add_symbol(s, b->letters[c], (uint32_t)n);
            continue;
        }
        size_t n_text;
        const char *text = spell(sp, b, word + at, n, at == 0, at + n == n_bytes, &n_text);
        int32_t id = ask_vocab_find(&b->vocab, text, n_text);
        if (id >= 0) {
            flush(b, s, &w);
            add_symbol(s, id, (uint32_t)n);
        } else if (!b->byte_fallback || !add_bytes(b, s, text, n_text)) {
            *unknown = true;
            if (!add_unknown(b, s, &w, (uint32_t)n, err)) return false;
        }
    }
    flush(b, s, &w);
    return true;
}

/* ---- merging ---- */

static bool comes_first(candidate a, candidate b)
{
    return a.rank != b.rank ? a.rank < b.rank : a.place < b.place;
}

static void push(ask_bpe_scratch *s, candidate k)
{
    size_t i = s->n_heap++;
    for (; i > 0 && comes_first(k, s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = k;
}

static candidate pop(ask_bpe_scratch *s)
{
    candidate top = s->heap[0], last = s->heap[--s->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->n_heap; i = child) {
        if (child + 1 < s->n_heap && comes_first(s->heap[child + 1], s->heap[child]))
            child++;
        if (!comes_first(s->heap[child], last)) break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = last;
    return top;
}

/* Puts a symbol and the one behind it up for merging. */
static void offer(const ask_bpe *b, ask_bpe_scratch *s, int32_t place)
{
    if (place < 0 || s->symbols[place].behind < 0) return;
    const ask_merge *m =
        find_merge(b, s->symbols[place].id, s->symbols[s->symbols[place].behind].id);
    if (m) push(s, (candidate){m->rank, (uint32_t)place, m->id});
}

/* Whether a candidate is still what it was when it was offered. */
static bool is_current(const ask_bpe *b, const ask_bpe_scratch *s, candidate k)
{
    const symbol *left = &s->symbols[k.place];
    if (left->n_bytes == 0 || left->behind < 0) return false;
    const ask_merge *m = find_merge(b, left->id, s->symbols[left->behind].id);
    return m && m->id == k.id;
}

/* Merges the symbols between two places, which may not be merged with those beside them. */
static void merge_part(const ask_bpe *b, ask_bpe_scratch *s, size_t begin, size_t end)
{
    s->n_heap = 0;
    for (size_t i = begin; i + 1 < end; i++) offer(b, s, (int32_t)i);
    while (s->n_heap > 0) {
        candidate k = pop(s);
        if (!is_current(b, s, k)) continue;
        symbol *left = &s->symbols[k.place];
        symbol *right = &s->symbols[left->behind];
        left->id = (int32_t)k.id;
        left->n_bytes += right->n_bytes;
        left->behind = right->behind;
        right->n_bytes = 0;
        if (left->behind >= 0) s->symbols[left->behind].before = (int32_t)k.place;
        offer(b, s, left->before);
        offer(b, s, (int32_t)k.place);
    }
}

static void merge_all(const ask_bpe *b, ask_bpe_scratch *s)
{
    for (size_t begin = 0, end; begin < s->n_symbols; begin = end) {
        for (end = begin + 1; end < s->n_symbols; end++)
            if (!ask_bpe_may_merge(b, s->symbols[end - 1].id, s->symbols[end].id)) break;
        merge_part(b, s, begin, end);
    }
}

static void take_tokens(const ask_bpe_scratch *s, ask_word_tokens *out)
{
    uint32_t at = 0;
    for (size_t i = 0; i < s->n_symbols; i++) {
        uint32_t n = s->symbols[i].n_bytes;
        if (n == 0) continue;
        ask_word_tokens_put(out, s->symbols[i].id, at, at + n);
        at += n;
    }
}

bool ask_bpe_encode(const ask_bpe *b, ask_bpe_scratch *s, ask_word_tokens *out,
                    const char *word, size_t n_bytes, ask_error *err)
{
    size_t n_most = n_bytes;
    if (b->byte_fallback) n_most += strlen(b->prefix) * n_bytes + strlen(b->suffix);
    out->n = 0;
    if (!reserve(s, n_most, err) || !ask_word_tokens_reserve(out, n_most, err))
        return false;
    if (b->ignore_merges) {
        int32_t id = ask_vocab_find(&b->vocab, word, n_bytes);
        if (id >= 0) {
            ask_word_tokens_put(out, id, 0, (uint32_t)n_bytes);
            return true;
        }
    }
    spelling sp;
    if (!spelling_open(&sp, b, err)) return false;
    s->n_symbols = 0;
    bool ok = add_characters(b, s, &sp, word, n_bytes, &out->unknown, err);
    free(sp.bytes);
    if (!ok) return false;
    merge_all(b, s);
    take_tokens(s, out);
    return true;
}
