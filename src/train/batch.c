#include <assert.h>

#include "train/batch_priv.h"

void ask_train_loss_add(ask_train_loss *loss, const char *name, double weight,
                        ask_tensor *value)
{
    assert(loss->n_parts < ASK_TRAIN_MOST_PARTS);
    loss->parts[loss->n_parts].name = name;
    loss->parts[loss->n_parts].weight = weight;
    loss->parts[loss->n_parts++].value = value;
}

/* value / count: by a share that is known before a step, or as the mean of n_batches. */
static ask_tensor *mean_of(ask_graph *g, ask_tensor *value, ask_tensor *share,
                           int64_t n_batches)
{
    if (share) return ask_mul(g, value, share);
    return n_batches > 1 ? ask_scale(g, value, 1 / (double)n_batches) : value;
}

void train_batch_build(train_batch_graph *out, ask_graph *g, const ask_train_task *task,
                       int64_t n_batches)
{
    train_batch_graph b = {.task = task};
    b.loss.batch = ask_input(g, ASK_I64, 1, (int64_t[]){1});
    task->build(task->user, g, &b.loss);
    for (int i = 0; i < b.loss.n_parts; i++) {
        if (task->count) b.shares[i] = ask_input(g, ASK_F32, 0, NULL);
        b.means[i] = mean_of(g, b.loss.parts[i].value, b.shares[i], n_batches);
        ask_tensor *part = ask_scale(g, b.means[i], b.loss.parts[i].weight);
        b.total = b.total ? ask_add(g, b.total, part) : part;
    }
    *out = b;
}

bool train_batch_feed(const train_batch_graph *b, const train_batch *which, ask_error *err)
{
    for (int i = 0; b->task->count && i < b->loss.n_parts; i++) {
        double count = which->counts[i];
        float share = (float)(1 / (count > 0 ? count : 1));
        if (!ask_tensor_write(b->shares[i], &share, sizeof share, err)) return false;
    }
    return ask_tensor_write(b->loss.batch, &which->number, sizeof which->number, err) &&
           b->task->feed(b->task->user, which->number, err);
}
