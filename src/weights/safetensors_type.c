#include "weights/safetensors_priv.h"

#include <string.h>

/* In the order of a written file: wide types first, so that all data is aligned
 * to its own type without padding; the widest are panels. Among equals it is the
 * order of the format's library. */
static const struct {
    ask_dtype type;
    const char *name;
} types[] = {
    {ASK_Q8, "U8"},           {ASK_Q4, "U8"},           {ASK_U64, "U64"}, {ASK_I64, "I64"},
    {ASK_F64, "F64"},         {ASK_F32, "F32"},         {ASK_U32, "U32"}, {ASK_I32, "I32"},
    {ASK_BF16, "BF16"},       {ASK_F16, "F16"},         {ASK_U16, "U16"}, {ASK_I16, "I16"},
    {ASK_F8_E4M3, "F8_E4M3"}, {ASK_F8_E5M2, "F8_E5M2"}, {ASK_I8, "I8"},   {ASK_U8, "U8"},
    {ASK_BOOL, "BOOL"},
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
        bool is_panels = ask_safetensors_type_is_panels(types[rank].type);
        if (is_panels || strcmp(types[rank].name, name) != 0) continue;
        *out = types[rank].type;
        return true;
    }
    return false;
}
