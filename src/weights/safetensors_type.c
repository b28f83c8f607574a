#include "weights/safetensors_priv.h"

#include <string.h>

#include "base/checked.h"

/* In the order of a written file: wide types first, so that all data is aligned to its own
 * type without padding. Among equals it is the order of the format's library. */
static const struct {
    ask_dtype type;
    const char *name;
    size_t bytes;
} types[] = {
    {ASK_U64, "U64", 8},   {ASK_I64, "I64", 8},         {ASK_F64, "F64", 8},
    {ASK_F32, "F32", 4},   {ASK_U32, "U32", 4},         {ASK_I32, "I32", 4},
    {ASK_BF16, "BF16", 2}, {ASK_F16, "F16", 2},         {ASK_U16, "U16", 2},
    {ASK_I16, "I16", 2},   {ASK_F8_E4M3, "F8_E4M3", 1}, {ASK_F8_E5M2, "F8_E5M2", 1},
    {ASK_I8, "I8", 1},     {ASK_U8, "U8", 1},           {ASK_BOOL, "BOOL", 1},
};

enum { N_TYPES = sizeof types / sizeof *types };

int ask_safetensors_type_rank(ask_dtype type)
{
    int rank = 0;
    while (rank < N_TYPES && types[rank].type != type) rank++;
    return rank;
}

const char *ask_safetensors_type_name(ask_dtype type)
{
    int rank = ask_safetensors_type_rank(type);
    return rank < N_TYPES ? types[rank].name : NULL;
}

bool ask_safetensors_type_find(ask_dtype *out, const char *name)
{
    for (int rank = 0; rank < N_TYPES; rank++) {
        if (strcmp(types[rank].name, name) != 0) continue;
        *out = types[rank].type;
        return true;
    }
    return false;
}

bool ask_safetensors_size(int64_t *n_elements, size_t *bytes, ask_dtype type, int n_dims,
                          const int64_t *shape)
{
    int64_t n = 1;
    for (int i = 0; i < n_dims; i++) {
        if (shape[i] < 0 || !ask_mul_i64(&n, n, shape[i])) return false;
    }
    if (!ask_bytes_of(bytes, n, types[ask_safetensors_type_rank(type)].bytes)) return false;
    *n_elements = n;
    return true;
}
