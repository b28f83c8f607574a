#include "model/matrices_priv.h"

#include <stdlib.h>
#include <string.h>

#include "model/model_priv.h"

/* What listing needs. */
typedef struct {
    model_matrices *out;
    const char *dir;
    const ask_weights *weights;
} listing;

static bool add_name(model_matrices *m, const char *name, ask_error *err)
{
    if (m->n == m->capacity) {
        size_t capacity = m->capacity ? 2 * m->capacity : 256;
        const char **grown = realloc(m->names, capacity * sizeof *grown);
        if (!grown) return ask_fail_memory(err);
        m->names = grown;
        m->capacity = capacity;
    }
    m->names[m->n] = ask_arena_strdup(m->room, name);
    return m->names[m->n++] || ask_fail_memory(err);
}

static bool visit(void *user, const ask_param_row *row, ask_error *err)
{
    const listing *l = user;
    if (!ask_weights_find(l->weights, row->name))
        return ask_fail(err, ASK_ERR_MODEL, "%s: the tensor %s is missing", l->dir,
                        row->name);
    return !row->matrix || add_name(l->out, row->name, err);
}

static bool list(listing *l, const network *n, ask_json_value config, ask_error *err)
{
    void *net = ask_arena_alloc64(l->out->room, n->net_bytes);
    if (!net) return ask_fail_memory(err);
    if (!n->read_config(net, config, err)) return false;
    ask_params *p = ask_params_list_of(l->weights, visit, l, l->out->room, err);
    if (!p) return false;
    n->bind(net, p);
    return ask_params_finish(p, NULL, err);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool model_matrices_check_file(const ask_weights *weights, ask_error *err)
{
    const ask_gguf *g = ask_weights_gguf(weights);
    return !g ||
           ask_fail(err, ASK_ERR_MODEL, "%s: a GGUF file; give a folder with %s and %s",
                    ask_gguf_path(g), MODEL_CONFIG_FILE, MODEL_WEIGHTS_FILE);
}

bool model_matrices_find(model_matrices *out, const char *dir, const char *network_name,
                         const ask_weights *weights, ask_error *err)
{
    *out = (model_matrices){.room = ask_arena_new(0)};
    if (!out->room) return ask_fail_memory(err);
    ask_json *config = model_config_in(dir, err);
    if (!config) return false;
    ask_json_value root = ask_json_root(config);
    listing l = {.out = out, .dir = dir, .weights = weights};
    const network *n = network_find(network_name, root, weights, err);
    bool ok = n && list(&l, n, root, err);
    if (ok) {
        out->network = n->name;
        if (out->n > 0) qsort(out->names, out->n, sizeof *out->names, compare);
    }
    ask_json_free(config);
    return ok;
}

bool model_matrices_have(const model_matrices *m, const char *name)
{
    return m->n > 0 && bsearch(&name, m->names, m->n, sizeof *m->names, compare);
}

void model_matrices_free(model_matrices *m)
{
    ask_arena_free(m->room);
    free(m->names);
    *m = (model_matrices){0};
}
