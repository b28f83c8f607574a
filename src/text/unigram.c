#include "text/unigram_priv.h"

#include <math.h>
#include <string.h>

#include "base/str.h"

/* At each place of a text a token may be that long; published ones have at most 64. */
enum { MAX_TOKEN_BYTES = 512 };

/* ---- reading ---- */

/* ["text", score] */
static bool read_item(ask_unigram *u, ask_arena *arena, ask_json_value v, size_t id,
                      ask_error *err)
{
    const char *text;
    if (ask_json_count(v) != 2)
        return ask_json_fail(v, err, "expected a token and its score");
    if (!ask_json_get_string(&text, v, "0", err) ||
        !ask_json_get_double(&u->scores[id], v, "1", err))
        return false;
    size_t n = strlen(text);
    if (n > MAX_TOKEN_BYTES)
        return ask_json_fail(v, err, "has a token of %zu bytes; at most %d are read", n,
                             MAX_TOKEN_BYTES);
    int32_t other = ask_vocab_find(&u->vocab, text, n);
    if (other >= 0)
        return ask_json_fail(v, err, "has the same text as token %d", (int)other);
    return ask_vocab_add(&u->vocab, arena, text, (int32_t)id, err);
}

static bool read_vocab(ask_unigram *u, ask_arena *arena, ask_json_value list,
                       ask_error *err)
{
    size_t n = ask_json_count(list);
    if (n > ASK_VOCAB_MAX_ID)
        return ask_json_fail(list, err, "has more than %d tokens", ASK_VOCAB_MAX_ID);
    u->scores = ask_arena_array(arena, n, sizeof *u->scores);
    if (!u->scores) return ask_fail_memory(err);
    if (!ask_vocab_init(&u->vocab, arena, n, (int64_t)n - 1, err)) return false;
    for (size_t i = 0; i < n; i++)
        if (!read_item(u, arena, ask_json_item(list, i), i, err)) return false;
    return true;
}

/* All of the vocabulary is found in a text, and counts for the lowest score. */
static bool prepare(ask_unigram *u, ask_arena *arena, ask_error *err)
{
    size_t n = 0;
    double lowest = INFINITY;
    ask_trie_text *texts = calloc(u->vocab.n + 1, sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    for (size_t i = 0; i < u->vocab.n; i++) {
        const ask_vocab_entry *e = &u->vocab.entries[i];
        if (u->scores[e->id] < lowest) lowest = u->scores[e->id];
        if (e->n_bytes > 0) texts[n++] = (ask_trie_text){e->text, e->n_bytes, e->id};
    }
    u->unknown_score = lowest - ASK_UNIGRAM_PENALTY;
    bool ok = ask_trie_build(&u->trie, arena, texts, n, err);
    free(texts);
    return ok;
}

bool ask_unigram_read(ask_unigram *out, ask_arena *arena, ask_json_value model,
                      ask_error *err)
{
    ask_json_value list;
    if (!ask_json_get_array(&list, model, "vocab", err) ||
        !read_vocab(out, arena, list, err) ||
        !ask_json_opt_int(&out->unknown_id, model, "unk_id", 0,
                          (int64_t)ask_json_count(list) - 1, -1, err) ||
        !ask_json_opt_bool(&out->byte_fallback, model, "byte_fallback", false, err))
        return false;
    return prepare(out, arena, err);
}

/* ---- finding the best way ---- */

void ask_unigram_scratch_free(ask_unigram_scratch *s)
{
    free(s->ways);
    *s = (ask_unigram_scratch){0};
}

/* Ways to all places of a word, none of them known but the first. */
static bool reset(ask_unigram_scratch *s, size_t n_bytes, ask_error *err)
{
    size_t n = n_bytes + 1;
    if (n > s->capacity) {
        if (n < 2 * s->capacity) n = 2 * s->capacity;
        if (n < 64) n = 64;
        ask_unigram_way *ways = realloc(s->ways, n * sizeof *ways);
        if (!ways) return ask_fail_memory(err);
        s->ways = ways;
        s->capacity = n;
    }
    for (size_t i = 0; i <= n_bytes; i++) s->ways[i] = (ask_unigram_way){.id = -1};
    return true;
}

/* A way to a place, taken where it is better than the one that is known. */
static inline bool offer(const ask_unigram *u, ask_unigram_way *to, double score,
                         size_t begin, int32_t id)
{
    if (to->id >= 0 && score <= to->score) return false;
    *to =
        (ask_unigram_way){u->as_sentencepiece ? (float)score : score, (uint32_t)begin, id};
    return true;
}

static size_t character_bytes(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

static bool offer_unknown(const ask_unigram *u, ask_unigram_way *ways, size_t at,
                          size_t n_character, ask_error *err)
{
    double score = u->unknown_score + ways[at].score;
    ask_unigram_way *to = &ways[at + n_character];
    if (u->as_sentencepiece) score = (float)score;
    if (u->unknown_id >= 0) {
        offer(u, to, score, at, (int32_t)u->unknown_id);
        return true;
    }
    return (to->id >= 0 && score <= to->score) ||
           ask_fail(err, ASK_ERR_MODEL,
                    "the tokenizer meets an unknown character, and has no unknown token");
}

/* All tokens that begin at a place. */
static bool offer_all(const ask_unigram *u, ask_unigram_way *ways, const char *word,
                      size_t n_bytes, size_t at, ask_error *err)
{
    size_t n_character = character_bytes(word[at]);
    double before = ways[at].score;
    bool is_known = false;
    uint32_t node = 0;
    for (size_t end = at; end < n_bytes;) {
        node = ask_trie_child(&u->trie, node, (uint8_t)word[end++]);
        if (node == 0) break;
        int32_t id = u->trie.nodes[node].value;
        if (id < 0) continue;
        is_known |= end - at == n_character;
        offer(u, &ways[end], u->scores[id] + before, at, id);
    }
    return is_known || offer_unknown(u, ways, at, n_character, err);
}

/* Turns the best way round: what stands at the beginning of a token is then its id and its
 * end. */
static void turn(ask_unigram_way *ways, size_t n_bytes)
{
    ask_unigram_way at = ways[n_bytes];
    for (size_t end = n_bytes; end > 0;) {
        size_t begin = at.begin;
        ask_unigram_way before = ways[begin];
        ways[begin] = (ask_unigram_way){.begin = (uint32_t)end, .id = at.id};
        at = before;
        end = begin;
    }
}

/* ---- tokens ---- */

/* Puts the bytes of a text, if the vocabulary has all of them; each counts for all. */
static bool put_bytes(const ask_unigram *u, ask_word_tokens *out, const char *word,
                      size_t begin, size_t end)
{
    size_t before = out->n;
    char name[8];
    for (size_t i = begin; i < end; i++) {
        ask_format(name, sizeof name, "<0x%02X>", (unsigned)(unsigned char)word[i]);
        int32_t id = ask_vocab_find(&u->vocab, name, 6);
        if (id < 0) {
            out->n = before;
            return false;
        }
        ask_word_tokens_put(out, id, (uint32_t)begin, (uint32_t)end);
    }
    return true;
}

static void put_unknown(const ask_unigram *u, ask_word_tokens *out, const char *word,
                        size_t begin, size_t end)
{
    int32_t id = -1;
    if (!u->as_sentencepiece) id = ask_vocab_find(&u->vocab, word + begin, end - begin);
    if (id < 0) {
        if (u->byte_fallback && put_bytes(u, out, word, begin, end)) return;
        out->unknown = true;
        id = (int32_t)u->unknown_id;
    }
    ask_word_tokens_put(out, id, (uint32_t)begin, (uint32_t)end);
}

static void put_tokens(const ask_unigram *u, const ask_unigram_way *ways,
                       ask_word_tokens *out, const char *word, size_t n_bytes)
{
    for (size_t begin = 0, end; begin < n_bytes; begin = end) {
        int32_t id = ways[begin].id;
        end = ways[begin].begin;
        if (id != u->unknown_id) {
            ask_word_tokens_put(out, id, (uint32_t)begin, (uint32_t)end);
            continue;
        }
        while (end < n_bytes && ways[end].id == id) end = ways[end].begin;
        put_unknown(u, out, word, begin, end);
    }
}

bool ask_unigram_encode(const ask_unigram *u, ask_unigram_scratch *s, ask_word_tokens *out,
                        const char *word, size_t n_bytes, ask_error *err)
{
    out->n = 0;
    if (!ask_word_tokens_reserve(out, n_bytes, err) || !reset(s, n_bytes, err))
        return false;
    for (size_t at = 0; at < n_bytes; at += character_bytes(word[at]))
        if (!offer_all(u, s->ways, word, n_bytes, at, err)) return false;
    turn(s->ways, n_bytes);
    put_tokens(u, s->ways, out, word, n_bytes);
    return true;
}
