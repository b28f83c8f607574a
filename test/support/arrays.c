#include "support/arrays.h"

static double half(uint16_t h)
{
    double fraction = h & 0x3ff;
    int exponent = h >> 10 & 0x1f;
    double value = exponent ? (1 + fraction / 1024) * (double)(1 << exponent) / 32768
                            : fraction / 1024 / 16384;
    return h & 0x8000 ? -value : value;
}

double array_element(const ask_npy *a, size_t i)
{
    switch (a->type) {
    case ASK_NPY_I1:
        return ((int8_t *)a->data)[i];
    case ASK_NPY_I2:
        return ((int16_t *)a->data)[i];
    case ASK_NPY_I4:
        return ((int32_t *)a->data)[i];
    case ASK_NPY_I8:
        return (double)((int64_t *)a->data)[i];
    case ASK_NPY_BOOL:
    case ASK_NPY_U1:
        return ((uint8_t *)a->data)[i];
    case ASK_NPY_U2:
        return ((uint16_t *)a->data)[i];
    case ASK_NPY_U4:
        return ((uint32_t *)a->data)[i];
    case ASK_NPY_U8:
        return (double)((uint64_t *)a->data)[i];
    case ASK_NPY_F2:
        return half(((uint16_t *)a->data)[i]);
    case ASK_NPY_F4:
        return ((float *)a->data)[i];
    default:
        return ((double *)a->data)[i];
    }
}
