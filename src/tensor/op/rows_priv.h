/* tensor/op/rows_priv.h - the rows of the op table, one per op. */
#ifndef ASK_TENSOR_OP_ROWS_PRIV_H
#define ASK_TENSOR_OP_ROWS_PRIV_H

#include "tensor/op_priv.h"

extern const ask_op_row ask_row_leaf;
extern const ask_op_row ask_row_reshape;
extern const ask_op_row ask_row_permute;
extern const ask_op_row ask_row_slice;
extern const ask_op_row ask_row_expand;
extern const ask_op_row ask_row_stop;
extern const ask_op_row ask_row_copy;
extern const ask_op_row ask_row_binary;
extern const ask_op_row ask_row_compare;
extern const ask_op_row ask_row_where;
extern const ask_op_row ask_row_unary;
extern const ask_op_row ask_row_unary_grad;
extern const ask_op_row ask_row_concat;
extern const ask_op_row ask_row_pad;
extern const ask_op_row ask_row_sum;
extern const ask_op_row ask_row_argmax;
extern const ask_op_row ask_row_top_k;
extern const ask_op_row ask_row_embedding;
extern const ask_op_row ask_row_embedding_grad;
extern const ask_op_row ask_row_gather;
extern const ask_op_row ask_row_scatter_add;
extern const ask_op_row ask_row_match;
extern const ask_op_row ask_row_matmul;
extern const ask_op_row ask_row_linear;
extern const ask_op_row ask_row_conv;
extern const ask_op_row ask_row_conv_grad_x;
extern const ask_op_row ask_row_conv_grad_w;
extern const ask_op_row ask_row_attention;
extern const ask_op_row ask_row_rope;
extern const ask_op_row ask_row_layer_norm;
extern const ask_op_row ask_row_layer_norm_grad;
extern const ask_op_row ask_row_rms_norm;
extern const ask_op_row ask_row_rms_norm_grad;
extern const ask_op_row ask_row_channel_moments;
extern const ask_op_row ask_row_batch_norm;
extern const ask_op_row ask_row_batch_norm_sums;
extern const ask_op_row ask_row_batch_norm_grad;
extern const ask_op_row ask_row_softmax;
extern const ask_op_row ask_row_softmax_grad;
extern const ask_op_row ask_row_log_softmax;
extern const ask_op_row ask_row_log_softmax_grad;
extern const ask_op_row ask_row_pool;
extern const ask_op_row ask_row_pool_grad;
extern const ask_op_row ask_row_dropout;
extern const ask_op_row ask_row_assign;
extern const ask_op_row ask_row_write_rows;
extern const ask_op_row ask_row_adam;
extern const ask_op_row ask_row_sgd;

#endif
