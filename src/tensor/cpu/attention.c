/* Fused attention: blocks of queries against all the keys they see, so that no more of the
 * probabilities is in memory than one block for each thread. A few queries, as of a token
 * that is written, take keys and values as they lie: packing them would cost more. */
#include <string.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/gemm_priv.h"

enum { Q, K, V, MASK, N_VALID };
enum { BLOCK = 72, FEW = 4, LINE_BYTES = 64 }; // queries; a line of the cache

/* ---- the scratch of a thread ---- */

typedef struct {
    size_t keys, values; // packed; of a kernel that does not pack: empty
    size_t scores;       // [BLOCK, row]
    size_t mask;         // [keys]
    size_t bytes;        // of all; the kernel's own scratch is in front
    int64_t row;
} scratch_layout;

static scratch_layout layout_of(const cpu_gemm_kernel *kernel, const ask_node *n)
{
    int64_t n_keys = n->src[K].shape[2], d = n->src[K].shape[3], dv = n->src[V].shape[3];
    bool packs = kernel->pack != NULL;
    int64_t line = LINE_BYTES / (int64_t)sizeof(ask_real);
    scratch_layout s = {0};
    // Rows an odd number of lines apart do not compete for the same places of the cache.
    s.row = ((n_keys + line - 1) / line | 1) * line;
    cpu_scratch_take(&s.bytes, packs ? kernel->n_scratch_with_panels : kernel->n_scratch,
                     sizeof(ask_real));
    s.keys = cpu_scratch_take(&s.bytes, packs ? cpu_gemm_n_packed(kernel, d, n_keys) : 0,
                              sizeof(ask_real));
    s.values = cpu_scratch_take(&s.bytes, packs ? cpu_gemm_n_packed(kernel, n_keys, dv) : 0,
                                sizeof(ask_real));
    s.scores = cpu_scratch_take(&s.bytes, BLOCK * s.row, sizeof(ask_real));
    s.mask = cpu_scratch_take(&s.bytes, n_keys, 1);
    return s;
}

size_t cpu_attention_scratch(const cpu_backend *c, const ask_node *n)
{
    return (size_t)c->n_threads * layout_of(cpu_gemm_kernel_of(c), n).bytes;
}

/* ---- one block of queries ---- */

typedef struct {
    const ask_node *node;
    const cpu_kernels *kernels;
    const cpu_gemm_kernel *gemm;
    scratch_layout layout;
    int64_t n_keys;   // that exist
    int64_t n_blocks; // for each head
} attention_job;

/* First element of head h of batch b. */
static ask_real *head_of(const ask_view *v, int64_t b, int64_t h)
{
    return (ask_real *)view_data(v) + b * v->stride[0] + h * v->stride[1];
}

static int64_t n_visible(const attention_job *j, int64_t query)
{
    int64_t n = j->n_keys;
    if (node_params(j->node)->attention.causal) n += query + 1 - j->node->src[Q].shape[2];
    return n < 0 ? 0 : n < j->n_keys ? n : j->n_keys;
}

/* The first of the keys that a query sees; n: those up to its own. */
static int64_t first_visible(const attention_job *j, int64_t n)
{
    int64_t window = node_params(j->node)->attention.window;
    return window > 0 && n > window ? n - window : 0;
}

/* The bytes of a query's mask behind each other, or NULL without a mask. */
static const uint8_t *mask_row(const ask_view *mask, int64_t b, int64_t h, int64_t query,
                               int64_t n, uint8_t *room)
{
    if (!mask->buffer) return NULL;
    const uint8_t *row = (const uint8_t *)view_data(mask) + b * mask->stride[0] +
                         h * mask->stride[1] + query * mask->stride[2];
    if (mask->stride[3] == 1) return row;
    for (int64_t i = 0; i < n; i++) room[i] = row[i * mask->stride[3]];
    return room;
}

/* The probabilities of the queries from their scores: [queries, row]. */
static void weigh(const attention_job *j, int64_t b, int64_t h, int64_t begin, int64_t end,
                  char *scratch)
{
    ask_real *scores = (ask_real *)(scratch + j->layout.scores);
    int64_t n_keys = n_visible(j, end - 1);
    for (int64_t i = begin; i < end; i++) {
        ask_real *p = scores + (i - begin) * j->layout.row;
        int64_t n = n_visible(j, i), first = first_visible(j, n);
        uint8_t *room = (uint8_t *)scratch + j->layout.mask;
        const uint8_t *mask = mask_row(&j->node->src[MASK], b, h, i, n, room);
        for (int64_t unseen = 0; unseen < first; unseen++) p[unseen] = 0;
        j->kernels->softmax(p + first, p + first, mask ? mask + first : NULL, 1, n - first);
        for (int64_t unseen = n; unseen < n_keys; unseen++) p[unseen] = 0;
    }
}

/* All queries of head h. */
static void attend_few(const attention_job *j, int64_t b, int64_t h, char *scratch)
{
    const ask_view *q = &j->node->src[Q], *k = &j->node->src[K], *v = &j->node->src[V];
    int64_t hk = h / (q->shape[1] / k->shape[1]), n_queries = q->shape[2];
    int64_t n_keys = n_visible(j, n_queries - 1), d = k->shape[3], dv = v->shape[3];
    ask_real *scores = (ask_real *)(scratch + j->layout.scores);
    ask_real *out = head_of(&j->node->out, b, h);
    for (int64_t i = 0; i < n_queries; i++)
        j->kernels->dots(scores + i * j->layout.row, head_of(q, b, h) + i * q->stride[2],
                         head_of(k, b, hk), k->stride[2],
                         node_params(j->node)->attention.scale, n_keys, d);
    weigh(j, b, h, 0, n_queries, scratch);
    for (int64_t i = 0; i < n_queries; i++)
        j->kernels->mix(out + i * dv, scores + i * j->layout.row, head_of(v, b, hk),
                        v->stride[2], n_keys, dv);
}

static void pack_head(const attention_job *j, int64_t b, int64_t h, char *scratch)
{
    const ask_view *k = &j->node->src[K], *v = &j->node->src[V];
    j->gemm->pack((ask_real *)(scratch + j->layout.keys), head_of(k, b, h), k->stride[3],
                  k->stride[2], k->shape[3], j->n_keys);
    j->gemm->pack((ask_real *)(scratch + j->layout.values), head_of(v, b, h), v->stride[2],
                  v->stride[3], j->n_keys, v->shape[3]);
}

/* Queries begin .. end of head h. */
static void attend(const attention_job *j, int64_t b, int64_t h, int64_t begin, int64_t end,
                   char *scratch)
{
    const ask_view *q = &j->node->src[Q], *k = &j->node->src[K], *v = &j->node->src[V];
    int64_t hk = h / (q->shape[1] / k->shape[1]);
    int64_t n_keys = n_visible(j, end - 1), row = j->layout.row;
    ask_real *scores = (ask_real *)(scratch + j->layout.scores);
    bool packed = j->gemm->pack != NULL;
    cpu_gemm g = {.c = scores,
                  .c_row = row,
                  .a = head_of(q, b, h) + begin * q->stride[2],
                  .a_row = q->stride[2],
                  .a_col = q->stride[3],
                  .b = head_of(k, b, hk),
                  .b_row = k->stride[3],
                  .b_col = k->stride[2],
                  .panels = packed ? (ask_real *)(scratch + j->layout.keys) : NULL,
                  .panel_step = j->gemm->width * k->shape[3],
                  .scale = node_params(j->node)->attention.scale,
                  .m = end - begin,
                  .n = n_keys,
                  .k = k->shape[3]};
    j->gemm->run(&g, (ask_real *)scratch);

    weigh(j, b, h, begin, end, scratch);
    const ask_view *out = &j->node->out;
    g = (cpu_gemm){.c = head_of(out, b, h) + begin * v->shape[3],
                   .c_row = v->shape[3],
                   .a = scores,
                   .a_row = row,
                   .a_col = 1,
                   .b = head_of(v, b, hk),
                   .b_row = v->stride[2],
                   .b_col = v->stride[3],
                   .panels = packed ? (ask_real *)(scratch + j->layout.values) : NULL,
                   .panel_step = j->gemm->width * j->n_keys,
                   .scale = 1,
                   .m = end - begin,
                   .n = v->shape[3],
                   .k = n_keys};
    j->gemm->run(&g, (ask_real *)scratch);
}

/* Whether a few queries look into a cache, in which rows are runs of neighbours. */
static bool are_few(const ask_node *n)
{
    const ask_view *q = &n->src[Q];
    bool runs = q->stride[3] == 1 && n->src[K].stride[3] == 1 && n->src[V].stride[3] == 1;
    return n->src[N_VALID].buffer && q->shape[2] <= FEW && runs;
}

static void attend_heads(void *ctx, int64_t begin, int64_t end, int thread)
{
    const attention_job *j = ctx;
    int64_t n_heads = j->node->src[Q].shape[1];
    char *scratch = (char *)view_data(&j->node->scratch) + (size_t)thread * j->layout.bytes;
    for (int64_t i = begin; i < end; i++) attend_few(j, i / n_heads, i % n_heads, scratch);
}

static void attend_blocks(void *ctx, int64_t begin, int64_t end, int thread)
{
    const attention_job *j = ctx;
    const ask_view *q = &j->node->src[Q], *k = &j->node->src[K];
    int64_t n_heads = q->shape[1], in_group = n_heads / k->shape[1],
            n_queries = q->shape[2];
    char *scratch = (char *)view_data(&j->node->scratch) + (size_t)thread * j->layout.bytes;
    int64_t packed = -1; // the head of k and v that is in the scratch
    for (int64_t i = begin; i < end; i++) {
        int64_t block = i % j->n_blocks, head = i / j->n_blocks;
        if (j->gemm->pack && packed != head / in_group) {
            packed = head / in_group;
            pack_head(j, packed / k->shape[1], packed % k->shape[1], scratch);
        }
        attend(j, head / n_heads, head % n_heads, n_queries * block / j->n_blocks,
               n_queries * (block + 1) / j->n_blocks, scratch);
    }
}

bool cpu_attention(cpu_backend *c, const ask_node *n, ask_error *err)
{
    const ask_view *q = &n->src[Q], *k = &n->src[K], *n_valid = &n->src[N_VALID];
    attention_job j = {.node = n,
                       .kernels = c->kernels,
                       .gemm = cpu_gemm_kernel_of(c),
                       .n_keys = k->shape[2],
                       .n_blocks = (q->shape[2] + BLOCK - 1) / BLOCK};
    if (n_valid->buffer) {
        j.n_keys = *(const int64_t *)view_data(n_valid);
        if (j.n_keys < 0 || j.n_keys > k->shape[2])
            return ask_fail(err, ASK_ERR_SHAPE, "attention: %lld keys are valid, of %lld",
                            (long long)j.n_keys, (long long)k->shape[2]);
    }
    if (view_count(&n->out) == 0) return true;
    j.layout = layout_of(j.gemm, n);
    cpu_parallel(c, q->shape[0] * q->shape[1] * j.n_blocks, 1,
                 are_few(n) ? attend_heads : attend_blocks, &j);
    return true;
}
