/* From a pickled tree to named tensors. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "weights/npy_entry.h"
#include "weights/torch_priv.h"

enum {
    MAX_NAME = 1024,       // bytes
    MAX_TENSORS = 1 << 20, // in one file
};

/* Where checkpoints of training keep the weights, the most telling key first.
 */
static const char *const weight_keys[] = {"state_dict", "model_state_dict", "model", "net",
                                          "module"};

enum { N_WEIGHT_KEYS = sizeof weight_keys / sizeof *weight_keys };

/* ---- arrays ---- */

static bool read_array(const torch_tree *t, ask_weights_entry *e, const ask_npy *array)
{
    return ask_weights_entry_of_npy(e, array) ||
           torch_fail(t, "%d dimensions (at most %d)", array->n_dims, ASK_MAX_DIMS);
}

static bool is_leaf(const ask_pickle_value *v)
{
    return ask_pickle_is(v, ASK_PICKLE_ARRAY) || torch_is_tensor(v);
}

static bool add_leaf(torch_tree *t, const char *name, const ask_pickle_value *v)
{
    ask_weights *w = t->weights;
    if (w->n_entries >= MAX_TENSORS)
        return torch_fail(t, "more than %d tensors", MAX_TENSORS);
    ask_weights_entry e = {.file = t->file, .name = ask_arena_strdup(w->arena, name)};
    if (!e.name) return ask_fail_memory(t->err);
    bool ok = v->kind == ASK_PICKLE_ARRAY ? read_array(t, &e, v->array)
                                          : torch_read_tensor(t, &e, v);
    if (!ok) return ask_fail_in(t->err, "tensor \"%s\"", name);
    return weights_add(w, &e, t->err);
}

/* ---- the tree ---- */

static bool add_under(torch_tree *t, char name[MAX_NAME], size_t length,
                      const ask_pickle_value *v);

/* Adds what is under one key or index; name holds the way to it, of `length`
 * bytes. Keys that are neither strings nor integers lead to no weights. */
static bool add_member(torch_tree *t, char name[MAX_NAME], size_t length,
                       const ask_pickle_value *key, const ask_pickle_value *v)
{
    const char *dot = length > 0 ? "." : "";
    char *end = name + length;
    size_t room = MAX_NAME - length;
    int n;
    if (ask_pickle_is(key, ASK_PICKLE_INT))
        n = ask_format(end, room, "%s%lld", dot, (long long)key->integer);
    else if (ask_pickle_is(key, ASK_PICKLE_STRING) &&
             !memchr(key->text.data, '\0', key->text.n_bytes))
        n = ask_format(end, room, "%s%s", dot, key->text.data);
    else
        return true;
    if (n < 0 || (size_t)n >= room)
        return torch_fail(t, "a tensor's name is longer than %d bytes", MAX_NAME - 1);
    bool ok = add_under(t, name, length + (size_t)n, v);
    *end = '\0';
    return ok;
}

/* As deep as the pickle's own limit. */
static bool add_under(torch_tree *t, char name[MAX_NAME], size_t length,
                      const ask_pickle_value *v)
{
    if (is_leaf(v)) return add_leaf(t, name, v);
    bool is_dict = v->kind == ASK_PICKLE_DICT;
    if (!is_dict && v->kind != ASK_PICKLE_LIST && v->kind != ASK_PICKLE_TUPLE) return true;
    for (size_t i = 0; i < v->items.n; i += is_dict ? 2 : 1) {
        ask_pickle_value index = {.kind = ASK_PICKLE_INT, .integer = (int64_t)i};
        const ask_pickle_value *key = is_dict ? v->items.at[i] : &index;
        if (!add_member(t, name, length, key, v->items.at[is_dict ? i + 1 : i]))
            return false;
    }
    return true;
}

static bool has_leaf(const ask_pickle_value *v)
{
    if (is_leaf(v)) return true;
    bool is_dict = v->kind == ASK_PICKLE_DICT;
    if (!is_dict && v->kind != ASK_PICKLE_LIST && v->kind != ASK_PICKLE_TUPLE) return false;
    for (size_t i = is_dict; i < v->items.n; i += is_dict ? 2 : 1)
        if (has_leaf(v->items.at[i])) return true;
    return false;
}

/* The part of the tree that is the checkpoint. */
static const ask_pickle_value *find_weights(const ask_pickle_value *root)
{
    for (int i = 0; i < N_WEIGHT_KEYS; i++) {
        const ask_pickle_value *v = ask_pickle_find(root, weight_keys[i]);
        if (ask_pickle_is(v, ASK_PICKLE_DICT) && has_leaf(v)) return v;
    }
    return root;
}

/* What lies under keys joined by '.'; keys may hold points themselves. NULL
 * without it. */
static const ask_pickle_value *find_under(const ask_pickle_value *v, const char *under)
{
    const ask_pickle_value *found = *under ? ask_pickle_find(v, under) : v;
    for (const char *dot = strchr(under, '.'); dot && !found; dot = strchr(dot + 1, '.')) {
        char key[MAX_NAME];
        if (ask_format(key, sizeof key, "%.*s", (int)(dot - under), under) >= MAX_NAME)
            return NULL;
        const ask_pickle_value *next = ask_pickle_find(v, key);
        if (next) found = find_under(next, dot + 1);
    }
    return found;
}

bool torch_add_tensors(torch_tree *t)
{
    if (!torch_sort_storages(t)) return false;
    const ask_pickle_value *root = ask_pickle_root(t->pickle);
    const char *under = t->weights->under;
    const ask_pickle_value *v = under ? find_under(root, under) : find_weights(root);
    if (!v) return torch_fail(t, "nothing lies under \"%s\"", under);
    if (is_leaf(v)) return add_leaf(t, torch_is_tensor(v) ? "tensor" : "array", v);
    size_t before = t->weights->n_entries;
    char name[MAX_NAME] = "";
    if (!add_under(t, name, 0, v)) return false;
    return t->weights->n_entries > before || torch_fail(t, "no tensors are in it");
}
