/* model/feature_store_priv.h - what a form of store fills, and what it is asked for. */
#ifndef ASK_MODEL_FEATURE_STORE_PRIV_H
#define ASK_MODEL_FEATURE_STORE_PRIV_H

#include "base/arena.h"
#include "base/npy.h"
#include "model/feature_store.h"
#include "weights/weights.h"

/* The numbers of one key as they are stored. */
typedef struct {
    ask_weights_entry numbers; // without a name
    double *t_s;               // owned; NULL without
    int64_t n_times;
    char *model_id;       // owned; NULL without
    ask_npy array;        // owned, as weights is: what holds the numbers, unless the store
    ask_weights *weights; // does
} feature_array;

void feature_array_free(feature_array *a); // leaves {0}

/* The numbers of a.array. Fails without saying where. */
bool feature_array_take_npy(feature_array *a, ask_error *err);

/* Whether these can be features, and their rows and width. Fails without saying where. */
bool feature_rows_of(int64_t *n, int64_t *width, const ask_weights_entry *numbers,
                     ask_error *err);

/* Makes what is told of one key. Fails without saying where; takes times and model_id over.
 */
bool feature_rows_make(ask_feature_rows *out, feature_array *from, ask_error *err);

typedef struct {
    const char *name;
    /* Fills *out, which is {0}: also on failure the caller frees it. */
    bool (*read)(feature_array *out, const ask_feature_store *s, size_t row,
                 ask_error *err);
    void (*close)(void *state);
} feature_form;

typedef struct {
    const char *name; // in the store's room
    size_t row;       // where the form finds it
} feature_key;

struct ask_feature_store {
    ask_feature_store_options opt; // texts in room
    ask_arena *room;
    const char *path;
    const feature_form *form;
    void *state; // of the form, which closes it
    const char *dataset;
    int64_t width;     // of all keys; 0: not known
    feature_key *keys; // owned
    size_t n_keys, capacity;
    const feature_key **by_name; // owned; sorted
};

/* Adds a key whose row is the number of keys before it. The name is copied. */
bool feature_store_add(ask_feature_store *s, const char *name, ask_error *err);

/* Adds a key for each line of a text file. */
bool feature_store_add_lines(ask_feature_store *s, const char *path, ask_error *err);

/* Sorts the keys; fails when there are none or one comes twice. */
bool feature_store_sort(ask_feature_store *s, ask_error *err);

/* Puts the keys of an id map in the place of the sorted keys, and sorts those. */
bool feature_store_map(ask_feature_store *s, const char *path, ask_error *err);

/* NULL when there is none. */
const feature_key *feature_store_find(const ask_feature_store *s, const char *key);

/* ---- the forms: each sets form and state, and adds keys ---- */

bool feature_store_open_tensors(ask_feature_store *s, ask_error *err); // or one array
bool feature_store_open_hdf5(ask_feature_store *s, ask_error *err);
bool feature_store_open_npz(ask_feature_store *s, ask_error *err);
bool feature_store_open_file(ask_feature_store *s, ask_error *err);
bool feature_store_open_folder(ask_feature_store *s, ask_error *err);

/* The schema of a file that askance wrote; NULL for others. */
const char *feature_schema_of(const ask_weights *w);

/* ASK_ERR_SHAPE unless rows of this width were asked for. Fails without saying where. */
bool feature_store_check_width(const ask_feature_store *s, int64_t width, ask_error *err);

#endif
