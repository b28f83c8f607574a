/* data/names_priv.h - texts and the order in which each came first; texts by texts. */
#ifndef ASK_DATA_NAMES_PRIV_H
#define ASK_DATA_NAMES_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Starts as {0}. */
typedef struct {
    const char **texts; // borrowed; n of them, no two alike
    size_t n;
    size_t *slots;  // a hash table: index + 1; 0 is empty
    size_t n_slots; // a power of two, more than n
} data_names;

/* The index of a text, which is added when it is not there: then *index is the n before. */
bool data_names_add(data_names *names, size_t *index, const char *text, ask_error *err);

/* Whether it is there; *index (may be NULL) is where. */
bool data_names_find(const data_names *names, size_t *index, const char *text);

void data_names_free(data_names *names); // leaves {0}

/* Texts by texts. Starts as {0}; all texts are borrowed. */
typedef struct {
    data_names keys;
    const char **values; // by index in keys
    size_t capacity;
} data_dictionary;

/* Says what a key stands for, unless that was said before. */
bool data_dictionary_put(data_dictionary *d, const char *key, const char *value,
                         ask_error *err);
const char *data_dictionary_get(const data_dictionary *d, const char *key); // or NULL
void data_dictionary_free(data_dictionary *d);                              // leaves {0}

#endif
