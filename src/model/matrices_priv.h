/* model/matrices_priv.h - which tensors of a checkpoint its network reads as matrices. */
#ifndef ASK_MODEL_MATRICES_PRIV_H
#define ASK_MODEL_MATRICES_PRIV_H

#include "base/arena.h"
#include "weights/weights.h"

typedef struct {
    ask_arena *room;    // the names
    const char **names; // sorted
    size_t n, capacity;
    const char *network; // "clip"
} model_matrices;

/* Lists them from the folder's configuration, without reading weights. network: as in
 * ask_model_options. Fails: ASK_ERR_MODEL for a configuration that cannot be read, and for
 * weights without one of the network's parameters; ASK_ERR_USAGE for an unknown network;
 * ASK_ERR_NOMEM. *out may be freed then, too. */
bool model_matrices_find(model_matrices *out, const char *dir, const char *network,
                         const ask_weights *weights, ask_error *err);

/* Refuses a GGUF file: it has no config.json, and its rows lie in another order. Fails:
 * ASK_ERR_MODEL. */
bool model_matrices_check_file(const ask_weights *weights, ask_error *err);

bool model_matrices_have(const model_matrices *m, const char *name);

void model_matrices_free(model_matrices *m); // {0} is fine

#endif
