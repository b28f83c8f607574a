/* Copies between layouts, and between types. */
#include <math.h>

#include "tensor/cpu/adaptors_priv.h"
#include "tensor/cpu/element_priv.h"
#include "tensor/cpu/quant_priv.h"
#include "tensor/cpu/walk_priv.h"

/* Fewest elements worth a thread. */
enum { GRAIN = 32768 };

typedef struct {
    cpu_walk walk; // views: result, source
    char *y;
    const char *x;
    size_t size; // bytes of an element
    int swapped; // transposed_part: the axis along which the source is contiguous
} copy_job;

/* ---- runs ---- */

static ALWAYS_INLINE void move_run(char *y, int64_t sy, const char *x, int64_t sx,
                                   int64_t n, size_t size)
{
    sy *= (int64_t)size;
    sx *= (int64_t)size;
    for (int64_t i = 0; i < n; i++) element_move(y + i * sy, x + i * sx, size);
}

static void run_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const copy_job *job = ctx;
    const cpu_walk *w = &job->walk;
    int64_t bytes = (int64_t)job->size;
    int64_t sy = cpu_walk_step(w, 0), sx = cpu_walk_step(w, 1);
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at)) {
        char *y = job->y + at.offset[0] * bytes;
        const char *x = job->x + at.offset[1] * bytes;
        if (sy == 1 && sx == 1) {
            memcpy(y, x, (size_t)at.n * job->size);
            continue;
        }
        switch (job->size) {
        case 1:
            move_run(y, sy, x, sx, at.n, 1);
            break;
        case 2:
            move_run(y, sy, x, sx, at.n, 2);
            break;
        case 4:
            move_run(y, sy, x, sx, at.n, 4);
            break;
        default:
            move_run(y, sy, x, sx, at.n, 8);
        }
    }
}

/* ---- transposes ---- */

/* A tile is as wide as a cache line, so that each line is read once and written once. */
enum { LINE_BYTES = 64, MOST_TILE = LINE_BYTES };

static inline int64_t tile_size(size_t size)
{
    return (int64_t)(LINE_BYTES / size);
}

/* y[i * sy + j] = x[i + j * sx] for i < ni, j < nj, both at most a tile. The lines that are
 * read lie sx apart and may fall on each other in the cache: each is taken whole, then
 * forgotten. */
static ALWAYS_INLINE void move_tile(char *y, int64_t sy, const char *x, int64_t sx,
                                    int64_t ni, int64_t nj, size_t size)
{
    char tile[MOST_TILE][LINE_BYTES];
    int64_t bytes = (int64_t)size;
    for (int64_t j = 0; j < nj; j++) {
        if (ni == tile_size(size))
            memcpy(tile[j], x + j * sx * bytes, LINE_BYTES);
        else
            memcpy(tile[j], x + j * sx * bytes, (size_t)ni * size);
    }
    for (int64_t i = 0; i < ni; i++)
        for (int64_t j = 0; j < nj; j++)
            element_move(y + (i * sy + j) * bytes, tile[j] + i * bytes, size);
}

/* Transposes ni (at most a tile) times nj elements. */
static ALWAYS_INLINE void move_band(char *y, int64_t sy, const char *x, int64_t sx,
                                    int64_t ni, int64_t nj, size_t size)
{
    int64_t tile = tile_size(size), bytes = (int64_t)size;
    for (int64_t j = 0; j < nj; j += tile) {
        int64_t rest = nj - j < tile ? nj - j : tile;
        move_tile(y + j * bytes, sy, x + j * sx * bytes, sx, ni, rest, size);
    }
}

/* The axis, other than the last, along which the source is contiguous; -1 without one. */
static int swapped_axis(const cpu_walk *w)
{
    enum { SHORT = 4 };
    if (cpu_walk_step(w, 0) != 1 || w->run < SHORT) return -1;
    for (int i = 0; i < w->n_dims - 1; i++)
        if (w->stride[1][i] == 1 && w->shape[i] >= SHORT) return i;
    return -1;
}

/* Bands of the walk: a tile of the swapped axis times the last axis, for each place on the
 * other axes. */
static void transposed_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const copy_job *job = ctx;
    const cpu_walk *w = &job->walk;
    int64_t bytes = (int64_t)job->size, tile = tile_size(job->size);
    int64_t n_i = w->shape[job->swapped], bands = (n_i + tile - 1) / tile;
    int64_t sy = w->stride[0][job->swapped], sx = cpu_walk_step(w, 1);
    for (int64_t band = begin; band < end; band++) {
        int64_t i = band % bands * tile, rest = band / bands;
        int64_t to = i * sy, from = i;
        for (int axis = w->n_dims - 2; axis >= 0; axis--) {
            if (axis == job->swapped) continue;
            to += rest % w->shape[axis] * w->stride[0][axis];
            from += rest % w->shape[axis] * w->stride[1][axis];
            rest /= w->shape[axis];
        }
        char *y = job->y + to * bytes;
        const char *x = job->x + from * bytes;
        int64_t ni = n_i - i < tile ? n_i - i : tile;
        switch (job->size) {
        case 1:
            move_band(y, sy, x, sx, ni, w->run, 1);
            break;
        case 2:
            move_band(y, sy, x, sx, ni, w->run, 2);
            break;
        case 4:
            move_band(y, sy, x, sx, ni, w->run, 4);
            break;
        default:
            move_band(y, sy, x, sx, ni, w->run, 8);
        }
    }
}

void cpu_copy_view(const cpu_backend *c, const ask_view *dst, const ask_view *src)
{
    copy_job job = {
        .y = view_data(dst), .x = view_data(src), .size = ask_dtype_bytes(dst->type)};
    const ask_view *views[] = {dst, src};
    cpu_walk_init(&job.walk, 2, views);
    int64_t count = cpu_walk_count(&job.walk);
    if (count == 0) return;
    job.swapped = swapped_axis(&job.walk);
    if (job.swapped < 0) {
        cpu_parallel(c, count, GRAIN, run_part, &job);
        return;
    }
    int64_t n_i = job.walk.shape[job.swapped], tile = tile_size(job.size);
    int64_t bands = count / (n_i * job.walk.run) * ((n_i + tile - 1) / tile);
    cpu_parallel(c, bands, GRAIN / (tile * job.walk.run) + 1, transposed_part, &job);
}

/* ---- casts ---- */

/* Elements pass through a block of the widest number of their kind: real or integer. */
enum { BLOCK = 256 };
typedef union {
    ask_real real[BLOCK];
    int64_t integer[BLOCK];
} cast_block;

static void load_block(cast_block *b, ask_dtype type, const void *x, int64_t sx, int64_t n)
{
    const ask_real *f32 = x;
    const uint16_t *half = x;
    const int32_t *i32 = x;
    const int64_t *i64 = x;
    const uint8_t *byte = x;
    switch (type) {
    case ASK_F32:
        for (int64_t i = 0; i < n; i++) b->real[i] = f32[i * sx];
        break;
    case ASK_F16:
        for (int64_t i = 0; i < n; i++) b->real[i] = ask_f16_to_f32(half[i * sx]);
        break;
    case ASK_BF16:
        for (int64_t i = 0; i < n; i++) b->real[i] = ask_bf16_to_f32(half[i * sx]);
        break;
    case ASK_I32:
        for (int64_t i = 0; i < n; i++) b->integer[i] = i32[i * sx];
        break;
    case ASK_I64:
        for (int64_t i = 0; i < n; i++) b->integer[i] = i64[i * sx];
        break;
    default:
        for (int64_t i = 0; i < n; i++) b->integer[i] = byte[i * sx];
    }
}

static void store_block(ask_dtype type, void *y, int64_t sy, const cast_block *b, int64_t n)
{
    ask_real *f32 = y;
    uint16_t *half = y;
    int32_t *i32 = y;
    int64_t *i64 = y;
    uint8_t *byte = y;
    switch (type) {
    case ASK_F32:
        for (int64_t i = 0; i < n; i++) f32[i * sy] = b->real[i];
        break;
    case ASK_F16:
        for (int64_t i = 0; i < n; i++) half[i * sy] = ask_f32_to_f16((float)b->real[i]);
        break;
    case ASK_BF16:
        for (int64_t i = 0; i < n; i++) half[i * sy] = ask_f32_to_bf16((float)b->real[i]);
        break;
    case ASK_I32:
        for (int64_t i = 0; i < n; i++) i32[i * sy] = (int32_t)b->integer[i];
        break;
    case ASK_I64:
        for (int64_t i = 0; i < n; i++) i64[i * sy] = b->integer[i];
        break;
    default:
        for (int64_t i = 0; i < n; i++) byte[i * sy] = b->integer[i] != 0;
    }
}

/* Towards zero; NaN becomes 0, what is too large the nearest integer there is. */
static int64_t real_to_integer(ask_real x)
{
    if (isnan(x)) return 0;
    if (x >= 9223372036854775808.0) return INT64_MAX;
    if (x <= -9223372036854775808.0) return INT64_MIN;
    return (int64_t)x;
}

/* Changes the kind of the block's numbers, in place. */
static void convert_block(cast_block *b, ask_dtype to, ask_dtype from, int64_t n)
{
    cast_block x = *b;
    if (ask_is_floating(to) && !ask_is_floating(from))
        for (int64_t i = 0; i < n; i++) b->real[i] = (ask_real)x.integer[i];
    else if (to == ASK_BOOL && ask_is_floating(from))
        for (int64_t i = 0; i < n; i++) b->integer[i] = x.real[i] != 0;
    else if (!ask_is_floating(to) && ask_is_floating(from))
        for (int64_t i = 0; i < n; i++) b->integer[i] = real_to_integer(x.real[i]);
}

typedef struct {
    cpu_walk walk; // views: result, source
    const ask_node *n;
} cast_job;

static void cast_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const cast_job *job = ctx;
    const cpu_walk *w = &job->walk;
    ask_dtype to = job->n->out.type, from = job->n->src[0].type;
    int64_t to_bytes = (int64_t)ask_dtype_bytes(to),
            from_bytes = (int64_t)ask_dtype_bytes(from);
    char *y = view_data(&job->n->out);
    const char *x = view_data(&job->n->src[0]);
    int64_t sy = cpu_walk_step(w, 0), sx = cpu_walk_step(w, 1);
    cast_block block;
    for (cpu_cursor at = cpu_cursor_at(w, begin, end); at.n; cpu_cursor_next(w, &at)) {
        for (int64_t i = 0; i < at.n; i += BLOCK) {
            int64_t n = at.n - i < BLOCK ? at.n - i : BLOCK;
            load_block(&block, from, x + (at.offset[1] + i * sx) * from_bytes, sx, n);
            convert_block(&block, to, from, n);
            store_block(to, y + (at.offset[0] + i * sy) * to_bytes, sy, &block, n);
        }
    }
}

bool cpu_copy(cpu_backend *c, const ask_node *n, ask_error *err)
{
    (void)err;
    if (ask_dtype_is_coded(n->src[0].type)) {
        cpu_quant_widen(c, &n->out, &n->src[0]);
        return true;
    }
    if (n->out.type == n->src[0].type) {
        cpu_copy_view(c, &n->out, &n->src[0]);
        return true;
    }
    cast_job job = {.n = n};
    const ask_view *views[] = {&n->out, &n->src[0]};
    cpu_walk_init(&job.walk, 2, views);
    cpu_parallel(c, cpu_walk_count(&job.walk), GRAIN, cast_part, &job);
    return true;
}
