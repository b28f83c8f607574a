/* Pickles. */
#include <stdlib.h>
#include <string.h>

#include "base/pickle.h"

static void check(bool condition)
{
    if (!condition) abort();
}

static bool knows(const char *name)
{
    return strcmp(name, "a.b") == 0;
}

/* Reads everything once, to a number of values: the pickle's own limit is far
 * beyond. */
static void use(const ask_pickle_value *v, int depth, size_t *left)
{
    check(v && depth > 0 && ask_pickle_kind_name(v->kind));
    if (*left == 0) return;
    (*left)--;
    volatile unsigned char last = 0; // what is read must be there
    switch (v->kind) {
    case ASK_PICKLE_STRING:
    case ASK_PICKLE_DTYPE:
    case ASK_PICKLE_NAME:
        check(v->text.data[v->text.n_bytes] == '\0');
        break;
    case ASK_PICKLE_BYTES:
    case ASK_PICKLE_BIG_INT:
        if (v->text.n_bytes > 0) last = (unsigned char)v->text.data[v->text.n_bytes - 1];
        break;
    case ASK_PICKLE_ARRAY: {
        const ask_npy *a = v->array;
        size_t n = 1;
        for (int i = 0; i < a->n_dims; i++) n *= (size_t)a->shape[i];
        check(n * ask_npy_type_bytes(a->type) == a->bytes);
        if (a->bytes > 0) last = ((const unsigned char *)a->data)[a->bytes - 1];
        break;
    }
    case ASK_PICKLE_DICT:
        check(v->items.n % 2 == 0);
        check(ask_pickle_find(v, "no such key") == NULL || v->items.n > 0);
        for (size_t i = 0; i < v->items.n; i++) use(v->items.at[i], depth - 1, left);
        break;
    default:
        for (size_t i = 0; ask_pickle_item(v, i); i++)
            use(ask_pickle_item(v, i), depth - 1, left);
    }
    (void)last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask_pickle_options options = ask_pickle_defaults();
    options.knows = knows;
    options.persistent = true;
    options.max_bytes = (size_t)1 << 26;
    options.max_values = (size_t)1 << 20;
    ask_error err = {0};
    size_t used = 0, left = 100000;
    ask_pickle *p = ask_pickle_parse(data, size, &used, "fuzz", &options, &err);
    check(p || (err.code != ASK_OK && err.message[0]));
    if (p) {
        check(used > 0 && used <= size);
        use(ask_pickle_root(p), options.max_depth, &left);
        for (size_t i = 0; i < ask_pickle_n_persistent(p); i++)
            use(ask_pickle_persistent_at(p, i), options.max_depth, &left);
    }
    ask_pickle_free(p);
    return 0;
}
