/* text/bpe_priv.h - byte pair encoding: a word to tokens, by merges in order of their rank.
 *
 * After: Sennrich et al. 2016. A word begins as its characters; the pair of neighbours with
 * the lowest rank becomes one, the leftmost first, until no pair has a rank. */
#ifndef ASK_TEXT_BPE_PRIV_H
#define ASK_TEXT_BPE_PRIV_H

#include "base/json.h"
#include "text/vocab_priv.h"
#include "text/word_tokens_priv.h"

typedef struct {
    uint64_t pair; // left id, right id
    uint32_t rank;
    uint32_t id; // what they become
} ask_merge;

/* Between which symbols a merge may ever come: a long text falls into parts at the others,
 * and each part is merged by itself. Tokens that end with the same symbol are of one class,
 * those that begin with the same symbol too; a bit says whether a token of one class is
 * merged with one of another behind it. Bits are shared, so that some pairs only seem to.
 */
typedef struct {
    int32_t *ends, *begins; // by id: the classes
    uint32_t *bits;         // NULL: any two symbols may be merged
    uint32_t mask;          // their number less one
} ask_seams;

/* ASCII, and what byte-level vocabularies write bytes as. */
enum { ASK_BPE_LETTERS = 0x180 };

typedef struct {
    ask_vocab vocab;
    ask_merge *merges;   // a hash table by pair
    uint32_t *used;      // one bit a slot of it
    size_t mask;         // its size less one
    const char *prefix;  // of every character but the first of a word; "" for none
    const char *suffix;  // of the last character of a word; "" for none
    const char *unknown; // the token for characters that the vocabulary lacks; NULL: none
    int32_t unknown_id;  // -1: none, or not in the vocabulary
    bool fuse_unknown;   // neighbouring unknown characters are one token
    bool byte_fallback;  // unknown characters become <0x00> ... <0xFF>
    bool ignore_merges;  // a word that is a token needs no merging
    ask_seams seams;     // made by ask_bpe_prepare, as letters are
    int32_t letters[ASK_BPE_LETTERS]; // ids of characters without affixes; -1: none
} ask_bpe;

/* Reads {"type": "BPE", "vocab": ..., "merges": ..., ...}; strings go to the arena. */
bool ask_bpe_read(ask_bpe *out, ask_arena *arena, ask_json_value model, ask_error *err);

/* The steps of it, for models whose vocabulary and merges stand elsewhere: options come
 * from `model`, merges one after the other. */
bool ask_bpe_read_options(ask_bpe *out, ask_arena *arena, ask_json_value model,
                          ask_error *err);
void ask_bpe_find_unknown(ask_bpe *b); // once options and vocabulary are there
bool ask_bpe_reserve_merges(ask_bpe *b, ask_arena *arena, size_t n, ask_error *err);

/* false: a token that the merge names, or what it makes, is not in the vocabulary. *missing
 * is then that text: freed by the caller, or NULL without memory. */
bool ask_bpe_add_merge(ask_bpe *b, const char *left, size_t n_left, const char *right,
                       size_t n_right, uint32_t rank, char **missing);
void ask_bpe_put_merge(ask_bpe *b, int32_t left, int32_t right, int32_t id, uint32_t rank);

/* Makes the seams of the merges (bpe_seams.c), which ask_bpe_may_merge asks: whether the
 * token on the left may ever be merged with the one on the right. */
bool ask_bpe_find_seams(ask_bpe *b, ask_arena *arena, ask_error *err);
bool ask_bpe_may_merge(const ask_bpe *b, int32_t left, int32_t right);

/* Once vocabulary, options and merges are there: seams and letters. */
bool ask_bpe_prepare(ask_bpe *b, ask_arena *arena, ask_error *err);

/* ---- encoding ---- */

/* Memory that is used again from word to word; begin with {0}. */
typedef struct {
    struct ask_bpe_symbol *symbols;
    struct ask_bpe_candidate *heap;
    size_t n_symbols, capacity, n_heap;
} ask_bpe_scratch;

void ask_bpe_scratch_free(ask_bpe_scratch *s);

/* The tokens of a word, which is not empty. */
bool ask_bpe_encode(const ask_bpe *b, ask_bpe_scratch *s, ask_word_tokens *out,
                    const char *word, size_t n_bytes, ask_error *err);

#endif
