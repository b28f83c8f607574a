#include "support/op_build.h"

static int count(ask_tensor *const *in)
{
    int n = 0;
    while (in[n]) n++;
    return n;
}

/* ---- elementwise ---- */

#define BUILD(name)                                                                        \
    ask_tensor *build_##name(ask_graph *g, ask_tensor *const *in, const void *arg)

BUILD(add)
{
    (void)arg;
    return ask_add(g, in[0], in[1]);
}

BUILD(sub)
{
    (void)arg;
    return ask_sub(g, in[0], in[1]);
}

BUILD(mul)
{
    (void)arg;
    return ask_mul(g, in[0], in[1]);
}

BUILD(div)
{
    (void)arg;
    return ask_div(g, in[0], in[1]);
}

BUILD(maximum)
{
    (void)arg;
    return ask_maximum(g, in[0], in[1]);
}

BUILD(minimum)
{
    (void)arg;
    return ask_minimum(g, in[0], in[1]);
}

BUILD(affine)
{
    const double *a = arg;
    return ask_affine(g, in[0], a[0], a[1]);
}

BUILD(exp)
{
    (void)arg;
    return ask_exp(g, in[0]);
}

BUILD(log)
{
    (void)arg;
    return ask_log(g, in[0]);
}

BUILD(sqrt)
{
    (void)arg;
    return ask_sqrt(g, in[0]);
}

BUILD(pow)
{
    return ask_pow(g, in[0], *(const double *)arg);
}

BUILD(relu)
{
    (void)arg;
    return ask_relu(g, in[0]);
}

BUILD(sigmoid)
{
    (void)arg;
    return ask_sigmoid(g, in[0]);
}

BUILD(silu)
{
    (void)arg;
    return ask_silu(g, in[0]);
}

BUILD(tanh)
{
    (void)arg;
    return ask_tanh(g, in[0]);
}

BUILD(sin)
{
    (void)arg;
    return ask_sin(g, in[0]);
}

BUILD(cos)
{
    (void)arg;
    return ask_cos(g, in[0]);
}

BUILD(gelu)
{
    return ask_gelu(g, in[0], *(const ask_gelu_kind *)arg);
}

BUILD(less)
{
    (void)arg;
    return ask_less(g, in[0], in[1]);
}

BUILD(equal)
{
    (void)arg;
    return ask_equal(g, in[0], in[1]);
}

BUILD(where)
{
    (void)arg;
    return ask_where(g, in[0], in[1], in[2]);
}

BUILD(cast)
{
    return ask_cast(g, in[0], *(const ask_dtype *)arg);
}

BUILD(cast_through)
{
    return ask_cast(g, ask_cast(g, in[0], *(const ask_dtype *)arg), ASK_F32);
}

/* ---- shape ---- */

BUILD(reshape)
{
    const shape_arg *a = arg;
    return ask_reshape(g, in[0], a->n_dims, a->shape);
}

BUILD(expand)
{
    const shape_arg *a = arg;
    return ask_expand(g, in[0], a->n_dims, a->shape);
}

BUILD(permute)
{
    return ask_permute(g, in[0], arg);
}

BUILD(slice)
{
    const axis_arg *a = arg;
    return ask_slice(g, in[0], a->axis, a->a, a->b);
}

BUILD(contiguous)
{
    (void)arg;
    return ask_contiguous(g, in[0]);
}

BUILD(concat)
{
    const axis_arg *a = arg;
    return ask_concat(g, in, count(in), a->axis);
}

BUILD(pad)
{
    const axis_arg *a = arg;
    return ask_pad(g, in[0], a->axis, a->a, a->b, a->value);
}

/* ---- reductions ---- */

BUILD(sum)
{
    const reduce_arg *a = arg;
    return ask_sum(g, in[0], a->axes, a->keep_dims);
}

BUILD(mean)
{
    const reduce_arg *a = arg;
    return ask_mean(g, in[0], a->axes, a->keep_dims);
}

BUILD(max)
{
    const reduce_arg *a = arg;
    return ask_max(g, in[0], (int)a->axes, a->keep_dims);
}

BUILD(argmax)
{
    return ask_argmax(g, in[0], *(const int *)arg);
}

BUILD(top_k)
{
    return ask_top_k(g, in[0], *(const int64_t *)arg);
}

/* ---- indexing ---- */

BUILD(embedding)
{
    (void)arg;
    return ask_embedding(g, in[0], in[1]);
}

BUILD(gather)
{
    const axis_arg *a = arg;
    return ask_gather(g, in[0], in[1], a->axis);
}

BUILD(scatter_add)
{
    const axis_arg *a = arg;
    return ask_scatter_add(g, in[0], in[1], a->axis, a->a);
}

BUILD(match)
{
    (void)arg;
    return ask_match_rows(g, in[0], in[1]);
}

/* ---- products ---- */

BUILD(matmul)
{
    (void)arg;
    return ask_matmul(g, in[0], in[1]);
}

BUILD(matmul_t)
{
    (void)arg;
    return ask_matmul_t(g, in[0], in[1]);
}

BUILD(linear)
{
    (void)arg;
    return ask_linear(g, in[0], in[1], in[2]);
}

BUILD(conv1d)
{
    return ask_conv1d(g, in[0], in[1], in[2], arg);
}

BUILD(conv2d)
{
    return ask_conv2d(g, in[0], in[1], in[2], arg);
}

BUILD(conv3d)
{
    return ask_conv3d(g, in[0], in[1], in[2], arg);
}

BUILD(attention)
{
    ask_attention_options opt = *(const ask_attention_options *)arg;
    opt.mask = in[3];
    opt.n_valid = in[4];
    return ask_attention(g, in[0], in[1], in[2], &opt);
}

BUILD(rope)
{
    return ask_rope(g, in[0], ask_cos(g, in[1]), ask_sin(g, in[1]),
                    *(const ask_rope_kind *)arg);
}

/* ---- normalisation ---- */

BUILD(layer_norm)
{
    return ask_layer_norm(g, in[0], in[1], in[2], *(const double *)arg);
}

BUILD(rms_norm)
{
    return ask_rms_norm(g, in[0], in[1], *(const double *)arg);
}

BUILD(batch_norm)
{
    return ask_batch_norm(g, in[0], in[1], in[2], in[3], in[4], *(const double *)arg);
}

BUILD(batch_norm_train)
{
    const double *a = arg;
    return ask_batch_norm_train(g, in[0], in[1], in[2], in[3], in[4], a[0], a[1]);
}

BUILD(weight_norm)
{
    (void)arg;
    return ask_weight_norm(g, in[0], in[1]);
}

BUILD(l2_normalize)
{
    return ask_l2_normalize(g, in[0], *(const double *)arg);
}

BUILD(softmax)
{
    (void)arg;
    return ask_softmax(g, in[0], in[1]);
}

BUILD(log_softmax)
{
    (void)arg;
    return ask_log_softmax(g, in[0], in[1]);
}

/* ---- pictures ---- */

BUILD(interpolate)
{
    const interpolate_arg *a = arg;
    return ask_interpolate(g, in[0], a->height, a->width, &a->opt);
}

BUILD(max_pool2d)
{
    return ask_max_pool2d(g, in[0], arg);
}

BUILD(max_pool3d)
{
    return ask_max_pool3d(g, in[0], arg);
}

BUILD(avg_pool2d)
{
    return ask_avg_pool2d(g, in[0], arg);
}

BUILD(adaptive_avg_pool2d)
{
    const int64_t *size = arg;
    return ask_adaptive_avg_pool2d(g, in[0], size[0], size[1]);
}

/* ---- losses ---- */

BUILD(cross_entropy)
{
    ask_cross_entropy_options opt = {0};
    if (arg) opt = *(const ask_cross_entropy_options *)arg;
    opt.weight = in[2];
    return ask_cross_entropy(g, in[0], in[1], arg || in[2] ? &opt : NULL);
}

BUILD(bce_with_logits)
{
    ask_reduction reduction = arg ? *(const ask_reduction *)arg : ASK_REDUCE_MEAN;
    return ask_bce_with_logits(g, in[0], in[1], in[2], reduction);
}

BUILD(mse)
{
    (void)arg;
    return ask_mse(g, in[0], in[1]);
}

BUILD(clip_loss)
{
    (void)arg;
    return ask_clip_loss(g, in[0]);
}

BUILD(cosine_similarity)
{
    return ask_cosine_similarity(g, in[0], in[1], *(const double *)arg);
}

/* ---- training ---- */

BUILD(dropout)
{
    const dropout_arg *a = arg;
    return ask_dropout(g, in[0], a->p, a->seed, in[1]);
}

BUILD(assign)
{
    (void)arg;
    return ask_assign(g, in[0], in[1]);
}

BUILD(write_rows)
{
    (void)arg;
    return ask_write_rows(g, in[0], in[1], in[2]);
}

BUILD(adam_step)
{
    return ask_adam_step(g, in[0], in[1], in[2], in[3], in[4], in[5], arg);
}

BUILD(sgd_step)
{
    return ask_sgd_step(g, in[0], in[1], in[2], in[3], arg);
}

BUILD(clip_gradients)
{
    ask_tensor *flat[ASK_MAX_SRC], *norm = NULL;
    int n = count(in);
    for (int i = 0; i < n; i++) flat[i] = in[i];
    ask_clip_gradients(g, flat, n, *(const double *)arg, &norm);
    for (int i = 0; i < n; i++) flat[i] = ask_reshape(g, flat[i], 1, (int64_t[]){-1});
    flat[n] = ask_reshape(g, norm, 1, (int64_t[]){-1});
    return ask_concat(g, flat, n + 1, 0);
}
