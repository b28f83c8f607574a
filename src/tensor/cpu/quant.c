/* Products with weights of few bits: the definition, and how the work is cut. */
#include "tensor/cpu/quant_priv.h"

#ifndef ASK_REAL_DOUBLE

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "tensor/blocks.h"
#include "tensor/widen.h"

enum { X, W, BIAS };
enum { PANEL = ASK_QUANT_ROWS };

/* ---- the definition ---- */

/* Code of row r and column k of a tile's panel. */
static int code_of(const cpu_quant_tile *t, int r, int64_t k)
{
    if (t->form != QUANT_Q4) return t->codes[(k / 4 * PANEL + r) * 4 + k % 4];
    uint8_t two = t->codes[(k / 8 * PANEL + r) * 4 + k % 4];
    return k % 8 < 4 ? two & 15 : two >> 4;
}

static float scale_of(const cpu_quant_tile *t, int64_t at)
{
    return t->form == QUANT_UNPACKED ? ((const float *)t->scales)[at]
                                     : ask_f16_to_f32(((const uint16_t *)t->scales)[at]);
}

static void run__scalar(const cpu_quant_tile *t)
{
    int h = t->height;
    for (int i = 0; i < h; i++) {
        for (int j = 0; j < t->width; j++) {
            float *c = &t->c[i * t->c_row + j], total = t->adds ? *c : 0;
            for (int64_t g = 0; g < t->n_groups; g++) {
                int32_t sum = t->x_starts[g * h + i];
                for (int64_t k = g * t->group; k < (g + 1) * t->group; k++)
                    sum += code_of(t, j, k) * t->x_codes[(k / 4 * h + i) * 4 + k % 4];
                float scale = scale_of(t, g * PANEL + j) * t->x_scales[g * h + i];
                total = fmaf((float)sum, scale, total);
                if (t->offsets)
                    total = fmaf(-t->offsets[g * PANEL + j], t->x_sums[g * h + i], total);
            }
            *c = t->bias ? total + t->bias[j] : total;
        }
    }
}

/* The scale of n numbers: their largest becomes 127. */
static float group_scale(const float *x, int64_t n)
{
    float largest = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) return NAN;
        if (fabsf(x[i]) > largest) largest = fabsf(x[i]);
    }
    return largest < QUANT_LEAST ? 0 : largest / 127;
}

static void round__scalar(const cpu_quant_rows *r, int64_t first, int n, const float *x,
                          int64_t columns)
{
    int64_t n_groups = r->k / r->group;
    for (int i = 0; i < n; i++) {
        for (int64_t g = 0; g < n_groups; g++) {
            int64_t begin = g * r->group, to = first * n_groups + g * n + i;
            int64_t there = columns - begin < r->group ? columns - begin : r->group;
            const float *from = x + i * columns + begin;
            float largest = 0;
            for (int64_t k = 0; k < there; k++) largest = fmaxf(largest, fabsf(from[k]));
            float scale = group_scale(from, there);
            int32_t sum = 0;
            for (int64_t k = 0; k < r->group; k++) {
                bool zero = k >= there || !(scale > 0);
                int q = zero ? 0 : (int)rintf(from[k] * (127 / largest));
                r->codes[first * r->k + ((begin + k) / 4 * n + i) * 4 + k % 4] = (int8_t)q;
                sum += q;
            }
            r->scales[to] = scale;
            r->starts[to] = -r->zero * sum;
            r->sums[to] = scale * (float)sum;
        }
    }
}

static void unpack__scalar(uint8_t *codes, float *scales, float *offsets,
                           const cpu_quant_blocks *b)
{
    int elements = ask_dtype_block_elements(b->type),
        n_groups = elements / ask_block_group(b->type);
    int8_t code[ASK_BLOCK_ELEMENTS];
    float scale[ASK_BLOCK_GROUPS], offset[ASK_BLOCK_GROUPS] = {0};
    for (int r = 0; r < PANEL; r++) {
        for (int i = 0; i < b->n_blocks; i++) {
            const uint8_t *block = b->first + (size_t)r * b->row_bytes +
                                   (size_t)i * ask_dtype_block_bytes(b->type);
            memset(code, 0, sizeof code);
            memset(scale, 0, sizeof scale);
            if (r < b->n_rows) ask_block_unpack(b->type, code, scale, offset, block);
            for (int k = 0; k < elements; k++)
                codes[((i * elements + k) / 4 * PANEL + r) * 4 + k % 4] =
                    (uint8_t)(code[k] + ask_block_zero(b->type));
            for (int g = 0; g < n_groups; g++) {
                scales[(i * n_groups + g) * PANEL + r] = scale[g];
                offsets[(i * n_groups + g) * PANEL + r] = offset[g];
            }
        }
    }
}

const cpu_quant_kernel quant_kernel__scalar = {.height = QUANT_HEIGHT,
                                               .run = run__scalar,
                                               .round = round__scalar,
                                               .unpack = unpack__scalar};

static const cpu_quant_kernel *kernel_of(const cpu_backend *c)
{
    switch (c->isa) {
#if defined(__x86_64__)
    case ASK_ISA_AVX512:
        return c->has_vnni ? &quant_kernel__avx512 : &quant_kernel__avx2;
    case ASK_ISA_AVX2:
        return &quant_kernel__avx2;
#endif
    default:
        return &quant_kernel__scalar;
    }
}

/* ---- the scratch ---- */

/* The rounded rows, then for each thread a block of a panel, unpacked, and the sums of
 * whole rows of a panel. */
typedef struct {
    size_t codes, scales, starts, sums; // of the rows
    size_t block;                       // of the first thread
    size_t row_sums;                    // behind the block
    size_t block_bytes;                 // of a thread
    size_t bytes;
} scratch_layout;

/* Sums of a row of w, as they are written: of whole blocks of 256 columns. */
static int64_t sums_step(int64_t k, int group)
{
    return (k + ASK_BLOCK_ELEMENTS - 1) / ASK_BLOCK_ELEMENTS * ASK_BLOCK_ELEMENTS / group;
}

static scratch_layout layout_of(const cpu_backend *c, int64_t m, int64_t k, int group)
{
    scratch_layout s = {0};
    s.codes = cpu_scratch_take(&s.bytes, m * k, 1);
    s.scales = cpu_scratch_take(&s.bytes, m * (k / group), sizeof(float));
    s.starts = cpu_scratch_take(&s.bytes, m * (k / group), sizeof(int32_t));
    s.sums = cpu_scratch_take(&s.bytes, m * (k / group), sizeof(float));
    s.block = s.bytes;
    cpu_scratch_take(&s.block_bytes, QUANT_BLOCK * PANEL, 1);
    cpu_scratch_take(&s.block_bytes, QUANT_BLOCK / group * PANEL, 2 * sizeof(float));
    s.row_sums = cpu_scratch_take(&s.block_bytes, m == 1 ? PANEL * sums_step(k, group) : 0,
                                  sizeof(int32_t));
    s.bytes += (size_t)c->n_threads * s.block_bytes;
    return s;
}

static int64_t rows_of(const ask_view *x)
{
    int64_t m = 1;
    for (int i = 0; i < x->n_dims - 1; i++) m *= x->shape[i];
    return m;
}

size_t cpu_quant_scratch(const cpu_backend *c, const ask_node *n)
{
    int64_t k = ask_quant_columns(n->src[W].shape[1]);
    return layout_of(c, rows_of(&n->src[X]), k, cpu_quant_group(n->src[W].type)).bytes;
}

/* ---- rounding x ---- */

typedef struct {
    const cpu_quant_kernel *kernel;
    cpu_quant_rows rows;
    const float *x;
    int64_t n_tiles, columns;
} round_job;

/* First row of tile i: the heights differ by one at most. */
static int64_t tile_begin(int64_t m, int64_t n_tiles, int64_t i)
{
    return m * i / n_tiles;
}

static void round_tiles(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const round_job *j = ctx;
    for (int64_t i = begin; i < end; i++) {
        int64_t first = tile_begin(j->rows.m, j->n_tiles, i);
        int64_t last = tile_begin(j->rows.m, j->n_tiles, i + 1);
        j->kernel->round(&j->rows, first, (int)(last - first), j->x + first * j->columns,
                         j->columns);
    }
}

/* ---- panels ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

typedef struct {
    const cpu_quant_kernel *kernel;
    cpu_quant_rows rows;
    int64_t n_tiles;
    ask_dtype type;
    const uint8_t *w;
    int64_t n, columns; // rows of w, and its columns
    float *y;
    const float *bias;
    char *scratch; // blocks
    size_t block_bytes;
    size_t row_sums; // where they are in a block
    bool sums_first; // of whole rows of w; else codes are taken apart
} panel_job;

/* Columns k0 .. k0 + n of a panel of ours, as they lie. */
static void show_panel(cpu_quant_tile *t, const panel_job *j, int64_t panel, int64_t k0)
{
    size_t bytes = ask_quant_panel_bytes(j->type, j->columns);
    const uint8_t *codes = j->w + (size_t)panel * bytes;
    const uint8_t *scales = codes + j->rows.k * PANEL / (j->type == ASK_Q8 ? 1 : 2);
    t->form = j->type == ASK_Q8 ? QUANT_Q8 : QUANT_Q4;
    t->codes = codes + k0 * PANEL / (j->type == ASK_Q8 ? 1 : 2);
    t->scales = scales + k0 / ASK_QUANT_GROUP * PANEL * (int64_t)sizeof(uint16_t);
    if (j->n_tiles == 1 && panel + 1 < ask_quant_n_panels(j->n)) {
        t->next = codes + bytes;
        t->n_next = (int64_t)bytes;
    }
}

/* Columns k0 .. k0 + n of 32 rows in ggml's blocks. */
static cpu_quant_blocks blocks_of(const panel_job *j, int64_t panel, int64_t k0, int64_t n)
{
    int64_t elements = ask_dtype_block_elements(j->type);
    int64_t block = (int64_t)ask_dtype_block_bytes(j->type);
    int64_t row = j->columns / elements * block;
    return (cpu_quant_blocks){.type = j->type,
                              .first = j->w + panel * PANEL * row + k0 / elements * block,
                              .row_bytes = (size_t)row,
                              .n_rows = (int)least(j->n - panel * PANEL, PANEL),
                              .n_blocks = (int)(n / elements)};
}

/* The same, taken apart into room; or what their sums are. */
static void unpack_panel(cpu_quant_tile *t, const panel_job *j, int64_t panel, int64_t k0,
                         int64_t n, char *room)
{
    float *scales = (float *)(room + QUANT_BLOCK * PANEL);
    float *offsets = scales + QUANT_BLOCK / t->group * PANEL;
    cpu_quant_blocks from = blocks_of(j, panel, k0, n);
    t->form = j->sums_first ? QUANT_SUMMED : QUANT_UNPACKED;
    t->codes = (uint8_t *)room;
    t->scales = scales;
    t->offsets = ask_block_has_offsets(j->type) ? offsets : NULL;
    j->kernel->unpack(j->sums_first ? NULL : (uint8_t *)room, scales, offsets, &from);
    if (j->sums_first)
        j->kernel->turn((int32_t *)room, (int32_t *)(room + j->row_sums) + k0 / t->group,
                        sums_step(j->rows.k, t->group), (int)t->n_groups);
}

typedef struct {
    int64_t begin, end;
} tile_range;

/* A block of a panel against the rows of some tiles. */
static void run_block(const panel_job *j, int64_t panel, int64_t k0, int64_t n,
                      tile_range tiles, char *room)
{
    const cpu_quant_rows *r = &j->rows;
    int64_t column = panel * PANEL, n_groups = r->k / r->group;
    cpu_quant_tile t = {.c_row = j->n,
                        .width = (int)least(j->n - column, PANEL),
                        .adds = k0 > 0,
                        .bias = j->bias && k0 + n == r->k ? j->bias + column : NULL,
                        .group = r->group,
                        .n_groups = n / r->group};
    if (ask_dtype_block_elements(j->type))
        unpack_panel(&t, j, panel, k0, n, room);
    else
        show_panel(&t, j, panel, k0);
    for (int64_t i = tiles.begin; i < tiles.end; i++) {
        int64_t first = tile_begin(r->m, j->n_tiles, i);
        t.height = (int)(tile_begin(r->m, j->n_tiles, i + 1) - first);
        int64_t group = first * n_groups + k0 / r->group * t.height;
        t.c = j->y + first * j->n + column;
        t.x_codes = r->codes + first * r->k + k0 * t.height;
        t.x_scales = r->scales + group;
        t.x_starts = r->starts + group;
        t.x_sums = r->sums + group;
        j->kernel->run(&t);
    }
}

/* Panels in ggml's blocks against one row of x: rows of w as they lie in memory. */
static void run_sums(void *ctx, int64_t begin, int64_t end, int thread)
{
    const panel_job *j = ctx;
    char *room = j->scratch + (size_t)thread * j->block_bytes;
    int64_t k = j->rows.k;
    for (int64_t panel = begin; panel < end; panel++) {
        cpu_quant_blocks all = blocks_of(j, panel, 0, k);
        j->kernel->sum((int32_t *)(room + j->row_sums), sums_step(k, j->rows.group), &all,
                       j->rows.codes);
        for (int64_t k0 = 0; k0 < k; k0 += QUANT_BLOCK)
            run_block(j, panel, k0, least(QUANT_BLOCK, k - k0), (tile_range){0, 1}, room);
    }
}

/* Blocks are taken apart side by side: too many streams for a processor to foresee, so the
 * rows are read into the second cache before, from end to end. By loads: fetches are
 * dropped when many are under way. */
static void read_through(const panel_job *j, int64_t panel)
{
    enum { LINE = 64 };
    cpu_quant_blocks b = blocks_of(j, panel, 0, j->rows.k);
    size_t bytes = (size_t)b.n_rows * b.row_bytes;
    for (size_t i = 0; i < bytes; i += LINE) (void)*(const volatile uint8_t *)(b.first + i);
}

/* Some tiles after the others: so many that their codes stay in the second cache while all
 * panels pass. One tile alone takes panels from end to end, as they lie. */
static void run_panels(void *ctx, int64_t begin, int64_t end, int thread)
{
    const panel_job *j = ctx;
    char *room = j->scratch + (size_t)thread * j->block_bytes;
    bool blocks = ask_dtype_block_elements(j->type) != 0;
    int64_t k = j->rows.k, block = j->n_tiles == 1 && !blocks ? k : QUANT_BLOCK;
    int64_t step = QUANT_NEAR_BYTES / (k * j->kernel->height) + 1;
    for (int64_t first = 0; first < j->n_tiles; first += step) {
        tile_range tiles = {first, least(j->n_tiles, first + step)};
        for (int64_t panel = begin; panel < end; panel++) {
            if (blocks) read_through(j, panel);
            for (int64_t k0 = 0; k0 < k; k0 += block)
                run_block(j, panel, k0, least(block, k - k0), tiles, room);
        }
    }
}

/* ---- the interface ---- */

int cpu_quant_group(ask_dtype type)
{
    return ask_dtype_block_elements(type) ? ask_block_group(type) : ASK_QUANT_GROUP;
}

static int zero_of(ask_dtype type)
{
    return ask_dtype_block_elements(type) ? ask_block_zero(type) : ask_quant_zero(type);
}

/* Without columns a product is its bias. */
static void add_bias_only(const ask_view *out, const ask_view *bias)
{
    float *y = view_data(out);
    const float *b = view_data(bias);
    int64_t n = out->shape[out->n_dims - 1];
    for (int64_t i = 0; i < view_count(out); i++) y[i] = b ? b[i % n] : 0;
}

bool cpu_quant_linear(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    enum { WORTH_A_THREAD = 1 << 16 }; // numbers to round
    const ask_view *w = &n->src[W];
    int64_t m = rows_of(&n->src[X]), columns = w->shape[1];
    int64_t k = ask_quant_columns(columns);
    int group = cpu_quant_group(w->type);
    if (m == 0 || w->shape[0] == 0) return true;
    if (k == 0) {
        add_bias_only(&n->out, &n->src[BIAS]);
        return true;
    }
    char *scratch = view_data(&n->scratch);
    scratch_layout s = layout_of(c, m, k, group);
    const cpu_quant_kernel *kernel = kernel_of(c);
    cpu_quant_rows rows = {.m = m,
                           .k = k,
                           .group = group,
                           .zero = zero_of(w->type),
                           .codes = (int8_t *)(scratch + s.codes),
                           .scales = (float *)(scratch + s.scales),
                           .starts = (int32_t *)(scratch + s.starts),
                           .sums = (float *)(scratch + s.sums)};
    bool sums_first = kernel->sum && m == 1 && ask_dtype_block_elements(w->type);
    int64_t n_tiles = (m + kernel->height - 1) / kernel->height;
    round_job round = {.kernel = kernel,
                       .rows = rows,
                       .x = view_data(&n->src[X]),
                       .n_tiles = n_tiles,
                       .columns = columns};
    cpu_parallel(c, n_tiles, WORTH_A_THREAD / (k * kernel->height + 1) + 1, round_tiles,
                 &round);
    panel_job panels = {.kernel = kernel,
                        .rows = rows,
                        .n_tiles = n_tiles,
                        .type = w->type,
                        .w = view_data(w),
                        .n = w->shape[0],
                        .columns = columns,
                        .y = view_data(&n->out),
                        .bias = view_data(&n->src[BIAS]),
                        .scratch = scratch + s.block,
                        .block_bytes = s.block_bytes,
                        .row_sums = s.row_sums,
                        .sums_first = sums_first};
    cpu_parallel(c, ask_quant_n_panels(w->shape[0]), 1, sums_first ? run_sums : run_panels,
                 &panels);
    return true;
}

/* ---- as numbers ---- */

typedef struct {
    ask_dtype type;
    const void *matrix;
    const int64_t *ids; // NULL: all rows in their order
    float *to;
    int64_t k;
} decode_job;

static void decode_rows(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const decode_job *j = ctx;
    for (int64_t i = begin; i < end; i++)
        ask_widen_rows(j->type, j->to + i * j->k, j->matrix, j->ids ? j->ids[i] : i, 1,
                       j->k);
}

static void decode(cpu_backend *c, decode_job *j, const ask_view *matrix, int64_t n)
{
    enum { WORTH_A_THREAD = 1 << 14 }; // numbers
    j->type = matrix->type;
    j->matrix = view_data(matrix);
    j->k = matrix->shape[1];
    cpu_parallel(c, n, WORTH_A_THREAD / (j->k + 1) + 1, decode_rows, j);
}

void cpu_quant_look_up(cpu_backend *c, const ask_view *to, const ask_view *table,
                       const ask_view *ids)
{
    decode_job j = {.ids = view_data(ids), .to = view_data(to)};
    decode(c, &j, table, view_count(ids));
}

void cpu_quant_widen(cpu_backend *c, const ask_view *to, const ask_view *matrix)
{
    decode_job j = {.to = view_data(to)};
    decode(c, &j, matrix, matrix->shape[0]);
}

#endif
