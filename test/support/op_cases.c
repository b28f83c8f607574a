/* The list of op cases, out of one list for each kind of op. */
#include "support/op_cases_priv.h"

const op_case_list *const op_cases[] = {
    &op_cases_elementwise, &op_cases_shape, &op_cases_product, &op_cases_conv,
    &op_cases_attention,   &op_cases_norm,  &op_cases_picture, &op_cases_training,
};
const int n_op_case_lists = sizeof op_cases / sizeof op_cases[0];
