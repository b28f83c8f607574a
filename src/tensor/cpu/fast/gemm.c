/* The matrix product in packed blocks: a panel of b stays in the first cache, a block of a
 * in the second, a tile of c in registers. */
#include <string.h>

#include "tensor/cpu/fast/panel_priv.h"
#include "tensor/cpu/gemm_priv.h"

/* The sizes that were fastest on processors with 32 KiB and 512 KiB of first and second
 * cache: a panel of b (BLOCK_K * WIDTH) just fits the first, a block of a (BLOCK_M *
 * BLOCK_K) takes half of the second. A block of b that is packed on the way (BLOCK_K *
 * BLOCK_N) lives in the third. */
enum { BLOCK_K = 8192 / WIDTH, BLOCK_M = 144 / HEIGHT * HEIGHT, BLOCK_N = 1024 };

/* While a panel is used, the next one is fetched, a part of it before every FETCH_ROWS
 * rows: more at once than the processor keeps under way would stop it. */
enum { FETCH_ROWS = 48, LINE = 16 };

/* With fewer columns of b, a is read where it lies. */
enum { MIN_N_TO_PACK_A = 8 * WIDTH };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t bits __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef float loose_vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef float quad __attribute__((vector_size(4 * sizeof(float)), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- one tile ---- */

typedef struct {
    float *c;
    int64_t c_row;
    const float *add; // c = add + scale a b: the bias, or c itself
    int64_t add_row;
    bool spread; // add is one number for each row
    bool relu;   // what is below 0 becomes 0
    const float *a;
    int64_t a_row, a_col;
    const float *panel; // of b
    float scale;
    int64_t n, k;      // n: columns of the panel that are in b
    const float *next; // what will be needed soon, to be fetched meanwhile:
    int64_t n_next;    // so much for every FETCH_ROWS rows
} tile;

/* Stores the part of a tile that is in c. */
static __attribute__((noinline)) void store_edge(const tile *t, int height,
                                                 const vector sum[HEIGHT][VECTORS])
{
    const float *flat = (const float *)sum;
    for (int i = 0; i < height; i++)
        for (int64_t j = 0; j < t->n; j++) {
            float add = t->add[i * t->add_row + (t->spread ? 0 : j)];
            float c = add + t->scale * flat[i * WIDTH + j];
            t->c[i * t->c_row + j] = t->relu && c < 0 ? 0 : c;
        }
}

/* x, or 0 where x is less. A NaN stays. */
INLINE vector relu(vector x)
{
    return (vector)((bits)x & ~(bits)(x < (vector){0}));
}

INLINE void tile_run(const int height, const tile *t)
{
    float *c = t->c;
    const int64_t c_row = t->c_row;
    UNROLL for (int i = 0; i < height; i++)
    {
        __builtin_prefetch(c + i * c_row, 1);
        __builtin_prefetch(c + i * c_row + t->n - 1, 1);
    }

    vector sum[HEIGHT][VECTORS];
    UNROLL for (int i = 0; i < height; i++)
    {
        UNROLL for (int v = 0; v < VECTORS; v++) sum[i][v] = (vector){0};
    }
    const float *a = t->a, *b = t->panel, *next = t->next;
    const int64_t a_row = t->a_row, a_col = t->a_col;
    for (int64_t left = t->k; left > 0; left -= FETCH_ROWS, next += t->n_next) {
        for (int64_t i = 0; i < t->n_next; i += LINE) __builtin_prefetch(next + i);
        for (int64_t k = least(left, FETCH_ROWS); k > 0; k--, a += a_col, b += WIDTH) {
            vector row[VECTORS];
            UNROLL for (int v = 0; v < VECTORS; v++)
            {
                row[v] = *(const vector *)(b + v * LANES);
            }
            UNROLL for (int i = 0; i < height; i++)
            {
                vector x = a[i * a_row] - (vector){0};
                UNROLL for (int v = 0; v < VECTORS; v++) sum[i][v] += x * row[v];
            }
        }
    }

    if (t->n < WIDTH) {
        vector stored[HEIGHT][VECTORS]; // a copy, so that `sum` itself needs no memory
        UNROLL for (int i = 0; i < height; i++)
        {
            UNROLL for (int v = 0; v < VECTORS; v++) stored[i][v] = sum[i][v];
        }
        store_edge(t, height, stored);
        return;
    }
    const float *add = t->add, scale = t->scale;
    const int64_t add_row = t->add_row;
    UNROLL for (int i = 0; i < height; i++)
    {
        UNROLL for (int v = 0; v < VECTORS; v++)
        {
            const float *one = add + i * add_row;
            vector from =
                t->spread ? one[0] - (vector){0} : *(const loose_vector *)(one + v * LANES);
            vector all = from + scale * sum[i][v];
            *(loose_vector *)(c + i * c_row + v * LANES) = t->relu ? relu(all) : all;
        }
    }
}

static void tile_any(int64_t height, const tile *t)
{
#define CASE(h)                                                                            \
    case h:                                                                                \
        tile_run(h, t);                                                                    \
        break;
    switch (height) {
        HEIGHTS(CASE)
    }
#undef CASE
}

/* ---- packing ---- */

/* y[k][j] = x[j][k] for four of each, rows y_step and x_step apart. */
INLINE void transpose_4x4(float *y, int64_t y_step, const float *x, int64_t x_step)
{
    quad x0 = *(const quad *)x, x1 = *(const quad *)(x + x_step);
    quad x2 = *(const quad *)(x + 2 * x_step), x3 = *(const quad *)(x + 3 * x_step);
    quad low01 = __builtin_shufflevector(x0, x1, 0, 4, 1, 5);
    quad high01 = __builtin_shufflevector(x0, x1, 2, 6, 3, 7);
    quad low23 = __builtin_shufflevector(x2, x3, 0, 4, 1, 5);
    quad high23 = __builtin_shufflevector(x2, x3, 2, 6, 3, 7);
    *(quad *)y = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    *(quad *)(y + y_step) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    *(quad *)(y + 2 * y_step) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    *(quad *)(y + 3 * y_step) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/* The same for two of j and four of k. */
INLINE void transpose_2x4(float *y, int64_t y_step, const float *x, int64_t x_step)
{
    quad x0 = *(const quad *)x, x1 = *(const quad *)(x + x_step);
    quad low = __builtin_shufflevector(x0, x1, 0, 4, 1, 5);
    quad high = __builtin_shufflevector(x0, x1, 2, 6, 3, 7);
    memcpy(y, &low, 2 * sizeof *y);
    memcpy(y + y_step, (const char *)&low + 2 * sizeof *y, 2 * sizeof *y);
    memcpy(y + 2 * y_step, &high, 2 * sizeof *y);
    memcpy(y + 3 * y_step, (const char *)&high + 2 * sizeof *y, 2 * sizeof *y);
}

/* The same for n_j, an even number, and n_k. */
INLINE void transpose(float *y, const int n_j, const float *x, int64_t x_step, int64_t n_k)
{
    int64_t whole = n_k / 4 * 4;
    for (int j = 0; j + 4 <= n_j; j += 4)
        for (int64_t k = 0; k < whole; k += 4)
            transpose_4x4(y + k * n_j + j, n_j, x + j * x_step + k, x_step);
    if (n_j % 4)
        for (int64_t k = 0; k < whole; k += 4)
            transpose_2x4(y + k * n_j + n_j - 2, n_j, x + (n_j - 2) * x_step + k, x_step);
    for (int64_t k = whole; k < n_k; k++)
        for (int j = 0; j < n_j; j++) y[k * n_j + j] = x[j * x_step + k];
}

/* panel[k][j] = x[j * j_step + k * k_step], for j < n_j, and 0 from there to the width. */
INLINE void pack_panel(float *panel, const int width, const float *x, int64_t j_step,
                       int64_t k_step, int64_t n_j, int64_t n_k)
{
    if (n_j == width && k_step == 1) {
        transpose(panel, width, x, j_step, n_k);
    } else if (n_j == width && j_step == 1) {
        for (int64_t k = 0; k < n_k; k++)
            memcpy(panel + k * width, x + k * k_step, (size_t)width * sizeof *x);
    } else {
        for (int64_t k = 0; k < n_k; k++)
            for (int64_t j = 0; j < width; j++)
                panel[k * width + j] = j < n_j ? x[j * j_step + k * k_step] : 0.0f;
    }
}

static void pack_a(float *block, const float *a, int64_t a_row, int64_t a_col, int64_t m,
                   int64_t k)
{
    for (int64_t i = 0; i < m; i += HEIGHT)
        pack_panel(block + i * k, HEIGHT, a + i * a_row, a_row, a_col, least(HEIGHT, m - i),
                   k);
}

static void pack_b(float *panels, const float *b, int64_t b_row, int64_t b_col, int64_t k,
                   int64_t n)
{
    // In pieces that stay in the first cache.
    for (int64_t j = 0; j < n; j += WIDTH)
        for (int64_t k0 = 0; k0 < k; k0 += BLOCK_K)
            pack_panel(panels + j * k + k0 * WIDTH, WIDTH, b + k0 * b_row + j * b_col,
                       b_col, b_row, least(WIDTH, n - j), least(BLOCK_K, k - k0));
}

/* ---- blocks ---- */

/* Rows k0 .. k0 + k and columns j0 .. j0 + n of b, in panels: panel j is at panels + j *
 * step. */
typedef struct {
    const float *panels;
    int64_t step;
    int64_t k0, k, j0, n;
} b_block;

/* c += a b, or c = bias + a b for the first rows of b, for rows i0 .. i0 + m of c. */
static void run_block(const cpu_gemm *g, const b_block *b, int64_t i0, int64_t m,
                      float *scratch)
{
    static const float no_bias[WIDTH];
    tile t = {.c_row = g->c_row, .a_row = g->a_row, .a_col = g->a_col};
    t.scale = (float)g->scale;
    const float *a = g->a + i0 * g->a_row + b->k0 * g->a_col;
    int64_t a_step = g->a_row * HEIGHT; // from tile to tile
    if (g->n >= MIN_N_TO_PACK_A && g->m > HEIGHT) {
        pack_a(scratch, a, g->a_row, g->a_col, m, b->k);
        a = scratch;
        a_step = HEIGHT * b->k;
        t.a_row = 1;
        t.a_col = HEIGHT;
    }
    t.k = b->k;
    bool row_bias = g->bias && g->bias_of_rows, adds = g->adds || b->k0;
    t.spread = row_bias && !adds;
    t.relu = g->relu && b->k0 + b->k == g->k;
    t.add_row = adds ? g->c_row : row_bias;
    int64_t n_tiles = (m + HEIGHT - 1) / HEIGHT, n_fetches = b->k / FETCH_ROWS + 1;
    for (int64_t j = 0; j < b->n; j += WIDTH) {
        t.panel = b->panels + j / WIDTH * b->step;
        t.n = least(WIDTH, b->n - j);
        bool none = j + WIDTH >= b->n || n_tiles == 1;
        t.n_next = none ? 0 : b->k * WIDTH / (n_tiles * n_fetches) + 1;
        const float *bias = g->bias ? g->bias + (row_bias ? i0 : b->j0 + j) : no_bias;
        for (int64_t i = 0; i < n_tiles; i++) {
            t.a = a + i * a_step;
            t.c = g->c + (i0 + i * HEIGHT) * g->c_row + b->j0 + j;
            t.add = adds ? t.c : bias + i * HEIGHT * t.add_row;
            t.next = t.panel + b->step + i * n_fetches * t.n_next;
            tile_any(least(HEIGHT, m - i * HEIGHT), &t);
        }
    }
}

/* Lays a block of b out in panels. */
static void pack_block(float *panels, const cpu_gemm *g, const b_block *b)
{
    if (g->unfold)
        KERNEL(unfold)(panels, g->unfold, g->b, b->k0, b->k, g->first_column + b->j0, b->n);
    else
        pack_b(panels, g->b + b->k0 * g->b_row + b->j0 * g->b_col, g->b_row, g->b_col, b->k,
               b->n);
}

static void gemm_run(const cpu_gemm *g, float *scratch)
{
    float *packed = scratch + BLOCK_M * BLOCK_K;
    int64_t n_blocks = (g->k + BLOCK_K - 1) / BLOCK_K;
    int64_t block_k = n_blocks ? (g->k + n_blocks - 1) / n_blocks : 0; // all about the same
    // A panel that serves one tile only need not stay in a cache: it is streamed whole. The
    // blocks of k are the same for any number of rows, and so are the bits.
    bool streamed = g->panels && g->m <= HEIGHT;
    int64_t block_n = streamed ? WIDTH : g->panels ? g->n : BLOCK_N;
    for (int64_t j0 = 0; j0 < g->n; j0 += block_n) {
        int64_t k0 = 0;
        do { // at least once: without rows of b, c becomes the bias
            b_block b = {.k0 = k0,
                         .k = least(block_k, g->k - k0),
                         .j0 = j0,
                         .n = least(block_n, g->n - j0)};
            if (g->panels) {
                b.panels = g->panels + j0 / WIDTH * g->panel_step + k0 * WIDTH;
                b.step = g->panel_step;
            } else {
                pack_block(packed, g, &b);
                b.panels = packed;
                b.step = b.k * WIDTH;
            }
            for (int64_t i0 = 0; i0 < g->m; i0 += BLOCK_M)
                run_block(g, &b, i0, least(BLOCK_M, g->m - i0), scratch);
            k0 += b.k;
        } while (k0 < g->k);
    }
}

const cpu_gemm_kernel KERNEL(gemm_kernel) = {
    .height = HEIGHT,
    .width = WIDTH,
    .n_scratch = BLOCK_K * (BLOCK_M + BLOCK_N),
    .n_scratch_with_panels = BLOCK_K * BLOCK_M,
    .run = gemm_run,
    .pack = pack_b,
};
