#include "weights/npy_entry.h"

#include <string.h>

static const ask_dtype types_of_npy[ASK_NPY_N_TYPES] = {
    [ASK_NPY_BOOL] = ASK_BOOL, [ASK_NPY_I1] = ASK_I8,  [ASK_NPY_I2] = ASK_I16,
    [ASK_NPY_I4] = ASK_I32,    [ASK_NPY_I8] = ASK_I64, [ASK_NPY_U1] = ASK_U8,
    [ASK_NPY_U2] = ASK_U16,    [ASK_NPY_U4] = ASK_U32, [ASK_NPY_U8] = ASK_U64,
    [ASK_NPY_F2] = ASK_F16,    [ASK_NPY_F4] = ASK_F32, [ASK_NPY_F8] = ASK_F64,
};

bool ask_weights_entry_of_npy(ask_weights_entry *out, const ask_npy *array)
{
    if (array->n_dims > ASK_MAX_DIMS) return false;
    out->type = types_of_npy[array->type];
    out->n_dims = array->n_dims;
    memcpy(out->shape, array->shape, (size_t)array->n_dims * sizeof *array->shape);
    out->data = array->data;
    out->bytes = array->bytes;
    out->n_elements = (int64_t)(array->bytes / ask_npy_type_bytes(array->type));
    return true;
}
