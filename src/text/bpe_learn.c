#include "text/bpe_learn_priv.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum { PROGRESS_STEP = 64 };

/* Two neighbours somewhere in the words. */
typedef struct {
    ask_bpe_pair pair;
    int64_t count;   // how often it occurs now
    int64_t offered; // the highest count it stands with in the heap
    uint32_t places; // the first place where it occurs, or did; NONE: none
} pair_entry;

/* A word in which a pair occurs, and the next one. */
typedef struct {
    uint32_t word;
    uint32_t next;
} place_entry;

typedef struct {
    int64_t count;
    uint32_t pair;
} offer_entry;

typedef struct {
    const ask_bpe_learning *l;
    pair_entry *pairs;
    size_t n_pairs, pairs_capacity;
    uint32_t *slots; // a hash table of places in pairs, plus one
    size_t n_slots;
    place_entry *places;
    size_t n_places, places_capacity;
    offer_entry *heap; // the best offer first
    size_t n_heap, heap_capacity;
    uint32_t *changed; // pairs whose count rose in this step
    size_t n_changed, changed_capacity;
    ask_bpe_pair *merges;
    size_t n_merges, merges_capacity;
} learner;

static void learner_free(learner *s)
{
    free(s->pairs);
    free(s->slots);
    free(s->places);
    free(s->heap);
    free(s->changed);
    free(s->merges);
}

/* Room for one item more in an array. */
static bool reserve(void **items, size_t n, size_t *capacity, size_t item_bytes)
{
    if (n < *capacity) return true;
    if (*capacity > NONE / 2) return false;
    size_t wanted = *capacity ? 2 * *capacity : 1024;
    void *moved = realloc(*items, wanted * item_bytes);
    if (!moved) return false;
    *items = moved;
    *capacity = wanted;
    return true;
}

/* ---- pairs ---- */

static size_t slot_of(const learner *s, ask_bpe_pair p)
{
    uint64_t key = (uint64_t)(uint32_t)p.left << 32 | (uint32_t)p.right;
    key *= UINT64_C(0x9E3779B97F4A7C15);
    size_t mask = s->n_slots - 1, slot = (size_t)(key ^ key >> 32) & mask;
    for (; s->slots[slot]; slot = (slot + 1) & mask) {
        ask_bpe_pair other = s->pairs[s->slots[slot] - 1].pair;
        if (other.left == p.left && other.right == p.right) break;
    }
    return slot;
}

static bool double_slots(learner *s)
{
    size_t n_slots = s->n_slots ? 2 * s->n_slots : 4096;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return false;
    free(s->slots);
    s->slots = slots;
    s->n_slots = n_slots;
    for (size_t i = 0; i < s->n_pairs; i++)
        slots[slot_of(s, s->pairs[i].pair)] = (uint32_t)i + 1;
    return true;
}

/* The place of a pair, which is made when it is new; NONE without memory. */
static uint32_t find_pair(learner *s, ask_bpe_pair p)
{
    if (2 * (s->n_pairs + 1) > s->n_slots && !double_slots(s)) return NONE;
    size_t slot = slot_of(s, p);
    if (!s->slots[slot]) {
        if (!reserve((void **)&s->pairs, s->n_pairs, &s->pairs_capacity, sizeof *s->pairs))
            return NONE;
        s->pairs[s->n_pairs++] = (pair_entry){.pair = p, .places = NONE};
        s->slots[slot] = (uint32_t)s->n_pairs;
    }
    return s->slots[slot] - 1;
}

/* ---- the heap of offers ---- */

static int compare_tokens(const learner *s, int32_t a, int32_t b)
{
    return strcmp(ask_vocab_at(s->l->vocab, a)->text, ask_vocab_at(s->l->vocab, b)->text);
}

static bool is_better(const learner *s, offer_entry a, offer_entry b)
{
    if (a.count != b.count) return a.count > b.count;
    ask_bpe_pair p = s->pairs[a.pair].pair, q = s->pairs[b.pair].pair;
    int order = compare_tokens(s, p.left, q.left);
    return (order ? order : compare_tokens(s, p.right, q.right)) < 0;
}

/* Puts a pair up with the count it has now. */
static bool offer(learner *s, uint32_t pair)
{
    if (!reserve((void **)&s->heap, s->n_heap, &s->heap_capacity, sizeof *s->heap))
        return false;
    offer_entry o = {s->pairs[pair].count, pair};
    s->pairs[pair].offered = o.count;
    size_t i = s->n_heap++;
    for (; i > 0 && is_better(s, o, s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = o;
    return true;
}

static offer_entry take_best(learner *s)
{
    offer_entry top = s->heap[0], last = s->heap[--s->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < s->n_heap; i = child) {
        if (child + 1 < s->n_heap && is_better(s, s->heap[child + 1], s->heap[child]))
            child++;
        if (!is_better(s, s->heap[child], last)) break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = last;
    return top;
}

/* The pair that occurs most often now; NONE when no offer is left. Counts that fell since
 * they were offered are offered again; an offer below the pair's highest is an old one. */
static bool find_best(learner *s, uint32_t *best)
{
    *best = NONE;
    while (s->n_heap > 0) {
        offer_entry o = take_best(s);
        pair_entry *p = &s->pairs[o.pair];
        if (o.count < p->offered) continue;
        p->offered = 0;
        if (p->count == o.count) {
            *best = o.pair;
            return true;
        }
        if (p->count > 0 && !offer(s, o.pair)) return false;
    }
    return true;
}

/* ---- counting ---- */

/* One more word in which a pair occurs. */
static bool add_place(learner *s, uint32_t pair, uint32_t word)
{
    uint32_t first = s->pairs[pair].places;
    if (first != NONE && s->places[first].word == word) return true;
    if (!reserve((void **)&s->places, s->n_places, &s->places_capacity, sizeof *s->places))
        return false;
    s->places[s->n_places] = (place_entry){word, first};
    s->pairs[pair].places = (uint32_t)s->n_places++;
    return true;
}

/* Adds the pairs of a word to the counts, or takes them away. */
static bool count_word(learner *s, uint32_t word, int sign)
{
    const ask_bpe_word *w = &s->l->words[word];
    for (uint32_t i = 0; i + 1 < w->n; i++) {
        uint32_t pair = find_pair(s, (ask_bpe_pair){w->tokens[i], w->tokens[i + 1]});
        if (pair == NONE) return false;
        s->pairs[pair].count += sign * w->count;
        if (sign < 0) continue;
        if (!add_place(s, pair, word) || !reserve((void **)&s->changed, s->n_changed,
                                                  &s->changed_capacity, sizeof *s->changed))
            return false;
        s->changed[s->n_changed++] = pair;
    }
    return true;
}

/* Offers the pairs that occur more often than they were offered with. */
static bool offer_changed(learner *s)
{
    for (size_t i = 0; i < s->n_changed; i++) {
        const pair_entry *p = &s->pairs[s->changed[i]];
        if (p->count > p->offered && !offer(s, s->changed[i])) return false;
    }
    s->n_changed = 0;
    return true;
}

static bool count_all(learner *s, ask_error *err)
{
    for (size_t i = 0; i < s->l->n_words; i++) {
        if (!count_word(s, (uint32_t)i, 1)) return ask_fail_memory(err);
        if (i % 4096 == 0 && !ask_cancel_check(s->l->cancel, err)) return false;
    }
    return offer_changed(s) || ask_fail_memory(err);
}

/* ---- merging ---- */

static bool has_pair(const ask_bpe_word *w, ask_bpe_pair p)
{
    for (uint32_t i = 0; i + 1 < w->n; i++)
        if (w->tokens[i] == p.left && w->tokens[i + 1] == p.right) return true;
    return false;
}

static void merge_in(ask_bpe_word *w, ask_bpe_pair p, int32_t both)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        bool found = i + 1 < w->n && w->tokens[i] == p.left && w->tokens[i + 1] == p.right;
        w->tokens[n++] = found ? both : w->tokens[i];
        i += found;
    }
    w->n = n;
}

/* Merges a pair in every word that has it. */
static bool merge_everywhere(learner *s, uint32_t pair, int32_t both)
{
    ask_bpe_pair p = s->pairs[pair].pair;
    uint32_t place = s->pairs[pair].places;
    s->pairs[pair].places = NONE;
    while (place != NONE) {
        place_entry at = s->places[place];
        ask_bpe_word *w = &s->l->words[at.word];
        if (has_pair(w, p)) {
            if (!count_word(s, at.word, -1)) return false;
            merge_in(w, p, both);
            if (!count_word(s, at.word, 1)) return false;
        }
        place = at.next;
    }
    return offer_changed(s);
}

/* The token of two texts joined; -1 without memory. Different pairs may join to one text.
 */
static int32_t join(const learner *s, ask_bpe_pair p, ask_error *err)
{
    ask_vocab *v = s->l->vocab;
    const ask_vocab_entry *left = ask_vocab_at(v, p.left),
                          *right = ask_vocab_at(v, p.right);
    char *text = malloc(left->n_bytes + right->n_bytes + 1);
    if (!text) {
        ask_fail_memory(err);
        return -1;
    }
    memcpy(text, left->text, left->n_bytes);
    memcpy(text + left->n_bytes, right->text, right->n_bytes + 1);
    int32_t id = ask_vocab_find(v, text, left->n_bytes + right->n_bytes);
    if (id < 0) {
        id = (int32_t)v->n;
        if (!ask_vocab_add(v, s->l->arena, text, id, err)) id = -1;
    }
    free(text);
    return id;
}

static bool merge_best(learner *s, uint32_t best, ask_error *err)
{
    ask_bpe_pair p = s->pairs[best].pair;
    int32_t both = join(s, p, err);
    if (both < 0) return false;
    if (!reserve((void **)&s->merges, s->n_merges, &s->merges_capacity,
                 sizeof *s->merges) ||
        !merge_everywhere(s, best, both))
        return ask_fail_memory(err);
    s->merges[s->n_merges++] = p;
    return true;
}

static bool learn(learner *s, ask_error *err)
{
    const ask_bpe_learning *l = s->l;
    size_t first = l->vocab->n;
    while (l->vocab->n < l->n_tokens) {
        if (!ask_cancel_check(l->cancel, err)) return false;
        uint32_t best;
        if (!find_best(s, &best)) return ask_fail_memory(err);
        if (best == NONE || s->pairs[best].count < l->min_frequency) break;
        if (!merge_best(s, best, err)) return false;
        if (s->n_merges % PROGRESS_STEP == 0)
            ask_progress_send(l->progress, (int64_t)(l->vocab->n - first),
                              (int64_t)(l->n_tokens - first), "tokens", "learning merges");
    }
    return true;
}

bool ask_bpe_learn(ask_bpe_pair **out, size_t *n, const ask_bpe_learning *l, ask_error *err)
{
    learner s = {.l = l};
    bool ok = count_all(&s, err) && learn(&s, err);
    if (ok) {
        *out = s.merges;
        *n = s.n_merges;
        s.merges = NULL;
    }
    learner_free(&s);
    return ok;
}
