/* Types of elements: the numbers and names that files have. */
#include <stddef.h>

#include "weights/gguf_priv.h"

static const struct {
    const char *name;
    bool is_read;
    ask_dtype type;
} elements[] = {
    [0] = {"F32", true, ASK_F32},    [1] = {"F16", true, ASK_F16},
    [2] = {"Q4_0", true, ASK_Q4_0},  [3] = {"Q4_1", true, ASK_Q4_1},
    [6] = {"Q5_0", true, ASK_Q5_0},  [7] = {"Q5_1", true, ASK_Q5_1},
    [8] = {"Q8_0", true, ASK_Q8_0},  [9] = {.name = "Q8_1"},
    [10] = {"Q2_K", true, ASK_Q2_K}, [11] = {"Q3_K", true, ASK_Q3_K},
    [12] = {"Q4_K", true, ASK_Q4_K}, [13] = {"Q5_K", true, ASK_Q5_K},
    [14] = {"Q6_K", true, ASK_Q6_K}, [15] = {.name = "Q8_K"},
    [16] = {.name = "IQ2_XXS"},      [17] = {.name = "IQ2_XS"},
    [18] = {.name = "IQ3_XXS"},      [19] = {.name = "IQ1_S"},
    [20] = {.name = "IQ4_NL"},       [21] = {.name = "IQ3_S"},
    [22] = {.name = "IQ2_S"},        [23] = {.name = "IQ4_XS"},
    [24] = {"I8", true, ASK_I8},     [25] = {"I16", true, ASK_I16},
    [26] = {"I32", true, ASK_I32},   [27] = {"I64", true, ASK_I64},
    [28] = {"F64", true, ASK_F64},   [29] = {.name = "IQ1_M"},
    [30] = {"BF16", true, ASK_BF16}, [31] = {.name = "Q4_0_4_4"},
    [32] = {.name = "Q4_0_4_8"},     [33] = {.name = "Q4_0_8_8"},
    [34] = {.name = "TQ1_0"},        [35] = {.name = "TQ2_0"},
    [36] = {.name = "IQ4_NL_4_4"},   [37] = {.name = "IQ4_NL_4_8"},
    [38] = {.name = "IQ4_NL_8_8"},   [39] = {.name = "MXFP4"},
    [40] = {.name = "NVFP4"},        [41] = {.name = "Q1_0"},
    [42] = {.name = "Q2_0"},
};

enum { N_ELEMENTS = sizeof elements / sizeof *elements };

const char *gguf_element_name(uint64_t number)
{
    return number < N_ELEMENTS ? elements[number].name : NULL;
}

bool gguf_element_type(ask_dtype *out, uint64_t number)
{
    if (number >= N_ELEMENTS || !elements[number].is_read) return false;
    *out = elements[number].type;
    return true;
}
