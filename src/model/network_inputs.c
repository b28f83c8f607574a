/* Checks of inputs that several networks share. */
#include "model/network_priv.h"

bool network_check_ids(const char *name, const network_value *ids, int n_context,
                       int n_vocab, ask_error *err)
{
    const int64_t *shape = ids->shape;
    if (ids->n_dims != 2 || shape[0] < 1 || shape[1] < 1 || shape[1] > n_context)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the network takes [B, L] with L from 1 to %d", name,
                        n_context);
    for (int64_t i = 0; i < shape[0] * shape[1]; i++) {
        if (ids->ids[i] >= 0 && ids->ids[i] < n_vocab) continue;
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: %lld at [%lld, %lld] is not in a vocabulary of %d", name,
                        (long long)ids->ids[i], (long long)(i / shape[1]),
                        (long long)(i % shape[1]), n_vocab);
    }
    return true;
}

bool network_check_beside(const char *name, const network_value *v, const char *ids_name,
                          const network_value *ids, ask_error *err)
{
    if (!v->present) return true;
    if (ids->present && v->n_dims == 2 && v->shape[0] == ids->shape[0] &&
        v->shape[1] == ids->shape[1])
        return true;
    return ask_fail(err, ASK_ERR_MODEL, "%s: must have the shape of %s", name, ids_name);
}
