/* text/vocab_priv.h - a vocabulary: texts and their ids, found both ways. */
#ifndef ASK_TEXT_VOCAB_PRIV_H
#define ASK_TEXT_VOCAB_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"

/* Ids are rows of an embedding; published ones stay below a million. */
enum { ASK_VOCAB_MAX_ID = (1 << 22) - 1 };

typedef struct {
    const char *text; // in the arena, with a NUL behind it
    uint32_t n_bytes;
    int32_t id;
} ask_vocab_entry;

typedef struct {
    uint32_t place; // in entries, plus one; 0: empty
    uint32_t hash;  // of the entry's text: most others are told from it without a look
} ask_vocab_slot;

typedef struct {
    ask_vocab_entry *entries; // in the order in which they were added
    size_t n, capacity;
    ask_vocab_slot *by_text; // a hash table
    size_t mask;             // its size less one
    uint32_t *by_id;         // places in entries, plus one; 0: a hole
    size_t n_ids;            // its size: the highest id possible plus one
} ask_vocab;

/* Makes room for n entries with ids up to max_id. */
bool ask_vocab_init(ask_vocab *v, ask_arena *arena, size_t n, int64_t max_id,
                    ask_error *err);

/* Adds an entry; its text is copied. A text that is there already gets the new id; an id
 * that is taken goes to the new text. */
bool ask_vocab_add(ask_vocab *v, ask_arena *arena, const char *text, int32_t id,
                   ask_error *err);

/* The same from an object of ids; no two texts may have the same one. */
bool ask_vocab_read(ask_vocab *out, ask_arena *arena, ask_json_value object,
                    ask_error *err);

int32_t ask_vocab_find(const ask_vocab *v, const char *text, size_t n_bytes); // -1: none
const ask_vocab_entry *ask_vocab_at(const ask_vocab *v, int64_t id);          // NULL: none

#endif
