#include "net/joint/gif_qa_loss.h"

/* Of the two tokens of "answer ", the first is told to the authors' model, and the second
 * is to be said. */
enum { ANSWER_TOKENS = 2 };

/* x: i64 [B, L] -> i64 [B, L + n], with `value` where rows are. */
static ask_tensor *put_value(ask_graph *g, const ask_gif_qa *m, ask_tensor *x, int64_t n,
                             int64_t value)
{
    int64_t shape[2] = {ask_tensor_dim(x, 0), n}, first = m->config.n_first;
    ask_tensor *one = ask_constant(g, ASK_I64, 0, NULL, &value);
    ask_tensor *parts[3] = {ask_slice(g, x, 1, 0, first), ask_expand(g, one, 2, shape),
                            ask_slice(g, x, 1, first, ask_tensor_dim(x, 1))};
    return ask_concat(g, parts, 3, 1);
}

ask_tensor *ask_gif_qa_answer_loss(ask_graph *g, const ask_gif_qa *m, ask_tensor *logits,
                                   ask_tensor *labels)
{
    enum { NO_LABEL = -100 };
    if (!logits || !labels) return NULL;
    int64_t n_rows = ask_tensor_dim(logits, 1) - ask_tensor_dim(labels, 1);
    return ask_decoder_loss(g, logits, put_value(g, m, labels, n_rows, NO_LABEL));
}

/* Which of T places are behind the first token of "answer ": f32 [B, T]. n_prompt: [B] */
static ask_tensor *behind_prompt(ask_graph *g, ask_tensor *n_prompt, int64_t n_texts,
                                 int64_t n_rows, int64_t n_places)
{
    const int64_t offset = n_rows - ANSWER_TOKENS;
    ask_tensor *first =
        ask_add(g, n_prompt, ask_constant(g, ASK_I64, 0, NULL, &offset)); // [B]
    ask_tensor *is_behind = ask_less(g, ask_reshape(g, first, 2, (int64_t[]){n_texts, 1}),
                                     ask_range(g, n_places)); // [B, T]
    return ask_cast(g, is_behind, ASK_F32);
}

ask_tensor *ask_gif_qa_counted_loss(ask_graph *g, const ask_gif_qa *m, ask_tensor *logits,
                                    ask_tensor *ids, ask_tensor *n_prompt)
{
    if (!logits || !ids || !n_prompt) return NULL;
    int64_t n_texts = ask_tensor_dim(ids, 0), n_places = ask_tensor_dim(logits, 1),
            n_vocab = ask_tensor_dim(logits, 2), n = n_places - 1;
    int64_t n_rows = n_places - ask_tensor_dim(ids, 1);
    const ask_cross_entropy_options each = {.reduction = ASK_REDUCE_NONE};
    ask_tensor *said = ask_reshape(g, ask_contiguous(g, ask_slice(g, logits, 1, 0, n)), 2,
                                   (int64_t[]){n_texts * n, n_vocab});
    ask_tensor *next = put_value(g, m, ids, n_rows, 0);
    next = ask_contiguous(g, ask_slice(g, next, 1, 1, n_places)); // [B, T - 1]
    ask_tensor *loss = ask_cross_entropy(
        g, said, ask_reshape(g, next, 1, (int64_t[]){n_texts * n}), &each);
    ask_tensor *counts = behind_prompt(g, n_prompt, n_texts, n_rows, n_places);
    counts = ask_mul(g, ask_slice(g, counts, 1, 1, n_places),
                     ask_cast(g, ask_cast(g, next, ASK_BOOL), ASK_F32));
    loss = ask_mul(g, ask_reshape(g, loss, 2, (int64_t[]){n_texts, n}), counts);
    return ask_div(g, ask_sum(g, loss, 1u << 1, false), ask_sum(g, counts, 1u << 1, false));
}

/* x: [B, N, C], keep: [B, K] -> [B, K, C] */
static ask_tensor *rows_at(ask_graph *g, ask_tensor *x, ask_tensor *keep)
{
    if (!x || !keep) return NULL;
    int64_t shape[3] = {ask_tensor_dim(keep, 0), ask_tensor_dim(keep, 1), 1};
    ask_tensor *at = ask_reshape(g, keep, 3, shape);
    shape[2] = ask_tensor_dim(x, 2);
    return ask_gather(g, x, ask_contiguous(g, ask_expand(g, at, 3, shape)), 1);
}

ask_tensor *ask_gif_qa_kept(ask_graph *g, ask_tensor *rows, ask_tensor *keep)
{
    return rows_at(g, rows, keep);
}

ask_tensor *ask_gif_qa_cleared(ask_graph *g, ask_tensor *rows, ask_tensor *keep)
{
    if (!rows || !keep) return NULL;
    int64_t n_texts = ask_tensor_dim(rows, 0), n_rows = ask_tensor_dim(rows, 1),
            n_kept = ask_tensor_dim(keep, 1);
    ask_tensor *is_kept =
        ask_equal(g, ask_reshape(g, keep, 3, (int64_t[]){n_texts, n_kept, 1}),
                  ask_range(g, n_rows)); // [B, K, Q]
    ask_tensor *stays = ask_sum(g, ask_cast(g, is_kept, ASK_F32), 1u << 1, false); // [B, Q]
    return ask_mul(g, rows, ask_reshape(g, stays, 3, (int64_t[]){n_texts, n_rows, 1}));
}

/* The n states at the places of rows: [B, T, C] -> [B, n, C] */
static ask_tensor *states_of_rows(ask_graph *g, const ask_gif_qa *m, ask_tensor *states,
                                  int64_t n)
{
    return ask_slice(g, states, 1, m->config.n_first, m->config.n_first + n);
}

ask_tensor *ask_gif_qa_guess_loss(ask_graph *g, const ask_gif_qa *m, ask_tensor *states,
                                  ask_tensor *all, ask_tensor *keep)
{
    if (!states || !all || !keep || !m->guess.w) return NULL;
    int64_t n_kept = ask_tensor_dim(keep, 1);
    ask_tensor *target = rows_at(g, states_of_rows(g, m, all, m->config.n_queries), keep);
    target = ask_name(g, ask_stop(g, target), "stllm.target"); // [B, K, C]
    ask_tensor *guess = states_of_rows(g, m, states, n_kept);
    guess = ask_norm_build(g, &m->guess_norm, ask_dense_build(g, &m->guess, guess));
    guess = ask_name(g, guess, "stllm.decoded");
    ask_tensor *likeness = ask_cosine_similarity(g, guess, target, 1e-12); // [B, K]
    return ask_affine(g, ask_mean(g, likeness, 0, false), -2, 2);
}

ask_tensor *ask_gif_qa_distance_loss(ask_graph *g, const ask_gif_qa *m, ask_tensor *states,
                                     ask_tensor *all, ask_tensor *keep)
{
    int64_t n = m->config.n_queries;
    ask_tensor *a = rows_at(g, states_of_rows(g, m, states, n), keep);
    ask_tensor *b = rows_at(g, states_of_rows(g, m, all, n), keep); // [B, K, C]
    ask_tensor *difference = ask_sub(g, a, b);
    ask_tensor *squared =
        ask_mean(g, ask_mul(g, difference, difference), 1u << 1 | 1u << 2, false); // [B]
    return ask_mean(g, ask_sqrt(g, squared), 0, false);
}
