/* Dropout. Element i is decided by word i mod 4 of Philox at counter (i / 4, step) under
 * the key `seed`, so any piece can be made alone. */
#include "base/rng.h"
#include "tensor/cpu/adaptors_priv.h"

enum { BLOCK = 4, GRAIN_BLOCKS = 1024 };

typedef struct {
    ask_real *y;
    const ask_real *x;
    int64_t n;
    double p;
    uint64_t seed, step;
} dropout_job;

static void dropout_blocks(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const dropout_job *j = ctx;
    const uint64_t least = (uint64_t)(j->p * 0x1p32); // words below it drop their element
    const ask_real factor[2] = {(ask_real)(1 / (1 - j->p)), 0}; // kept, dropped
    const uint32_t key[2] = {(uint32_t)j->seed, (uint32_t)(j->seed >> 32)};
    for (int64_t block = begin; block < end; block++) {
        const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32),
                                     (uint32_t)j->step, (uint32_t)(j->step >> 32)};
        uint32_t word[BLOCK];
        ask_philox(word, counter, key);
        int64_t first = block * BLOCK;
        for (int k = 0; k < BLOCK && first + k < j->n; k++)
            j->y[first + k] = j->x[first + k] * factor[word[k] < least];
    }
}

bool cpu_dropout(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    const ask_op_params *p = node_params(n);
    const int64_t *step = view_data(&n->src[1]);
    dropout_job j = {.y = view_data(&n->out),
                     .x = view_data(&n->src[0]),
                     .n = view_count(&n->out),
                     .p = p->dropout.p,
                     .seed = p->dropout.seed,
                     .step = (uint64_t)*step};
    cpu_parallel(c, (j.n + BLOCK - 1) / BLOCK, GRAIN_BLOCKS, dropout_blocks, &j);
    return true;
}
