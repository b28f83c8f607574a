/* tensor/cpu/adaptors_priv.h - one adaptor per op that runs. */
#ifndef ASK_TENSOR_CPU_ADAPTORS_PRIV_H
#define ASK_TENSOR_CPU_ADAPTORS_PRIV_H

#include "tensor/cpu/cpu_priv.h"

bool cpu_copy(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_binary(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_compare(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_where(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_unary(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_unary_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_concat(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_pad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_sum(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_argmax(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_top_k(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_embedding(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_embedding_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_gather(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_scatter_add(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_match(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_matmul(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_linear(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_conv(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_conv_grad_x(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_conv_grad_w(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_attention(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_rope(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_layer_norm(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_layer_norm_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_rms_norm(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_rms_norm_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_channel_moments(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_batch_norm(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_batch_norm_sums(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_batch_norm_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_softmax(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_softmax_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_log_softmax(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_log_softmax_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_pool(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_pool_grad(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_dropout(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_assign(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_write_rows(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_adam(cpu_backend *c, const ask_node *n, ask_error *err);
bool cpu_sgd(cpu_backend *c, const ask_node *n, ask_error *err);

/* What they need as scratch; product: matmul, and linear with numbers. */
size_t cpu_linear_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_product_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_conv_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_conv_grad_x_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_conv_grad_w_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_pool_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_attention_scratch(const cpu_backend *c, const ask_node *n);
size_t cpu_match_scratch(const cpu_backend *c, const ask_node *n);

#endif
