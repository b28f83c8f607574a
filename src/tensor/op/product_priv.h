/* tensor/op/product_priv.h - what matrix products share. */
#ifndef ASK_TENSOR_OP_PRODUCT_PRIV_H
#define ASK_TENSOR_OP_PRODUCT_PRIV_H

#include "tensor/op_priv.h"

/* x: [..., K] as one matrix [rows, K]. NULL stays NULL. */
ask_tensor *ask_as_matrix(ask_graph *g, ask_tensor *x);

#endif
