/* 3x3 convolutions of pictures by transforms: which, how the work is cut, and the products
 * between the transforms. */
#include "tensor/cpu/winograd_priv.h"

#include "tensor/cpu/gemm_priv.h"

enum { PARTS = WINOGRAD_PARTS, MOST_TILES = WINOGRAD_MOST_TILES };

/* ---- which ---- */

bool cpu_winograd_takes(const cpu_backend *c, const conv_shape *s)
{
    enum { FEWEST_CHANNELS = 16 }; // with fewer the transforms cost more than they save
    bool fits = c->kernels->winograd && s->n > 0 && s->groups == 1 &&
                s->c >= FEWEST_CHANNELS && s->o >= FEWEST_CHANNELS && s->in[0] == 1 &&
                s->kernel[0] == 1 && s->out[0] == 1 && s->in[2] <= 2 * MOST_TILES;
    for (int a = 1; a < 3 && fits; a++)
        fits = s->kernel[a] == 3 && s->pad[a] == 1 && s->pad_end[a] == 0 &&
               s->stride[a] == 1 && s->dilation[a] == 1 && s->in[a] % 2 == 0 &&
               s->in[a] > 0;
    return fits;
}

/* ---- how the work is cut ---- */

/* Sizes in elements. Of each thread: what tiles meet, what is multiplied with it or comes
 * out of it, the product's own, and sums for the gradient of weights. */
typedef struct {
    int64_t taken, other;         // channels of what is met, and of the other side
    int64_t strip_rows, n_strips; // rows of tiles
    int64_t tiles;                // of a strip, up to a whole number of panels
    int64_t met_step, other_step; // from part to part
    int64_t n_edges, n_weights, n_met, n_other, n_gemm, n_sums;
} cut;

/* The parts of so many numbers are not a round distance apart, or they would all fall into
 * the same places of the first cache. */
static int64_t part_step(int64_t n)
{
    return conv_aligned(n) + conv_aligned(1);
}

/* Tiles of a strip: what is between the transforms is to stay in the second cache. The sums
 * of the weights' gradient are gone through for each strip, which should be longer. */
static int64_t strip_tiles(conv_form form)
{
    return form == CONV_W ? MOST_TILES : MOST_TILES / 2;
}

static cut cut_of(const cpu_backend *c, const conv_shape *s)
{
    const cpu_gemm_kernel *gemm = cpu_gemm_kernel_of(c);
    int64_t in_row = s->in[2] / 2, n_rows = s->n * (s->in[1] / 2);
    int64_t fitting = strip_tiles(s->form) / in_row, most_rows = fitting ? fitting : 1;
    int64_t weights = conv_aligned(PARTS * s->o * s->c);
    bool back = s->form == CONV_X;
    cut k = {.taken = back ? s->o : s->c, .other = back ? s->c : s->o};
    k.strip_rows = most_rows < n_rows ? most_rows : n_rows;
    k.n_strips = (n_rows + k.strip_rows - 1) / k.strip_rows;
    k.tiles = conv_round_up(k.strip_rows * in_row, gemm->width);
    k.n_edges = conv_aligned(k.tiles);
    k.n_weights = s->form == CONV_W ? 0 : weights;
    k.met_step = part_step(k.taken * k.tiles);
    k.other_step = part_step(k.other * k.tiles);
    k.n_met = PARTS * k.met_step;
    k.n_other = PARTS * k.other_step;
    k.n_gemm = conv_aligned(gemm->n_scratch);
    k.n_sums = s->form == CONV_W ? weights : 0;
    return k;
}

static int64_t of_thread(const cut *k)
{
    return k->n_met + k->n_other + k->n_gemm + k->n_sums;
}

size_t cpu_winograd_scratch(const cpu_backend *c, const conv_shape *s)
{
    cut k = cut_of(c, s);
    int64_t n = 2 * k.n_edges + k.n_weights + c->n_threads * of_thread(&k);
    return (size_t)n * sizeof(ask_real);
}

typedef struct {
    const conv_shape *shape;
    const conv_data *data;
    const cpu_winograd_kernel *kernel;
    const cpu_gemm_kernel *gemm;
    cut cut;
    int n_threads;
    int32_t *has_left, *has_right;
    ask_real *weights; // transformed: [PARTS, other, taken]
    ask_real *threads;
} winograd_job;

/* The scratch of one thread. */
typedef struct {
    ask_real *met, *other, *gemm, *sums;
} own;

static own own_of(const winograd_job *j, int thread)
{
    own o = {.met = j->threads + thread * of_thread(&j->cut)};
    o.other = o.met + j->cut.n_met;
    o.gemm = o.other + j->cut.n_other;
    o.sums = o.gemm + j->cut.n_gemm;
    return o;
}

static void mark_edges(const winograd_job *j)
{
    int64_t in_row = j->shape->in[2] / 2;
    for (int64_t t = 0; t < j->cut.tiles; t++) {
        j->has_left[t] = t % in_row > 0 ? -1 : 0;
        j->has_right[t] = t % in_row < in_row - 1 ? -1 : 0;
    }
}

/* Strip i of tensors with so many channels. */
static cpu_strip strip_of(const winograd_job *j, int64_t i, int64_t n_channels)
{
    const conv_shape *s = j->shape;
    int64_t rows = j->cut.strip_rows, left = s->n * (s->in[1] / 2) - i * rows;
    return (cpu_strip){.height = s->in[1],
                       .width = s->in[2],
                       .picture_step = n_channels * s->in[1] * s->in[2],
                       .first_row = i * rows,
                       .n_rows = rows < left ? rows : left,
                       .has_left = j->has_left,
                       .has_right = j->has_right};
}

/* ---- weights ---- */

/* Rows begin .. end of the transformed weights. */
static void weights_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const winograd_job *j = ctx;
    const cut *k = &j->cut;
    bool back = j->shape->form == CONV_X;
    for (int64_t row = begin; row < end; row++)
        for (int64_t column = 0; column < k->taken; column++) {
            int64_t from = back ? column * k->other + row : row * k->taken + column;
            cpu_winograd_weights(j->weights + row * k->taken + column, k->other * k->taken,
                                 j->data->w + 9 * from, back);
        }
}

/* Kernels begin .. end of the gradient, from the sums of all threads. */
static void gather_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const winograd_job *j = ctx;
    int64_t step = j->cut.taken * j->cut.other, n_sums = j->cut.n_strips;
    if (n_sums > j->n_threads) n_sums = j->n_threads;
    for (int64_t i = begin; i < end; i++) {
        double u[PARTS] = {0};
        for (int t = 0; t < n_sums; t++)
            for (int part = 0; part < PARTS; part++)
                u[part] += own_of(j, t).sums[part * step + i];
        cpu_winograd_gather_weights(j->data->w + 9 * i, u);
    }
}

/* ---- strips ---- */

/* Lets `transform` write all channels of a strip; x: the first of the first picture. */
static void transform_channels(const winograd_job *j, int64_t i, int64_t n_channels,
                               const ask_real *x, ask_real *out, int64_t step,
                               cpu_tile_places places,
                               void (*transform)(ask_real *, cpu_tile_places,
                                                 const cpu_strip *, const ask_real *))
{
    cpu_strip s = strip_of(j, i, n_channels);
    for (int64_t c = 0; c < n_channels; c++)
        transform(out + c * step, places, &s, x + c * s.height * s.width);
}

/* The convolution, or its gradient for x, which is one too. */
static void convolve_strip(const winograd_job *j, int64_t i, own o)
{
    const conv_data *d = j->data;
    const cut *k = &j->cut;
    bool back = j->shape->form == CONV_X;
    int64_t width = j->gemm->width;
    cpu_tile_places places = {k->met_step, k->taken * width};
    transform_channels(j, i, k->taken, back ? d->y : d->x, o.met, width, places,
                       j->kernel->meet);
    cpu_strip s = strip_of(j, i, k->other);
    for (int part = 0; part < PARTS; part++) {
        const cpu_gemm product = {.c = o.other + part * k->other_step,
                                  .c_row = k->tiles,
                                  .a = j->weights + part * k->other * k->taken,
                                  .a_row = k->taken,
                                  .a_col = 1,
                                  .panels = o.met + part * places.part_step,
                                  .panel_step = places.panel_step,
                                  .scale = 1,
                                  .m = k->other,
                                  .n = cpu_strip_tiles(&s),
                                  .k = k->taken};
        j->gemm->run(&product, o.gemm);
    }
    ask_real *y = back ? d->x : d->y;
    for (int64_t c = 0; c < k->other; c++)
        j->kernel->gather(y + c * s.height * s.width, &s, o.other + c * k->tiles,
                          k->other_step, d->bias ? d->bias[c] : 0, j->shape->relu);
}

static void convolve_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    const winograd_job *j = ctx;
    for (int64_t i = begin; i < end; i++) convolve_strip(j, i, own_of(j, thread));
}

/* Adds what a strip does to the gradient of the weights, or begins with it. */
static void correlate_strip(const winograd_job *j, int64_t i, own o, bool adds)
{
    const conv_data *d = j->data;
    const cut *k = &j->cut;
    int64_t width = j->gemm->width;
    transform_channels(j, i, k->taken, d->x, o.met, k->tiles,
                       (cpu_tile_places){k->met_step, width}, j->kernel->meet);
    transform_channels(j, i, k->other, d->y, o.other, k->tiles,
                       (cpu_tile_places){k->other_step, width}, j->kernel->spread);
    cpu_strip s = strip_of(j, i, k->other);
    for (int part = 0; part < PARTS; part++) {
        const cpu_gemm product = {.c = o.sums + part * k->other * k->taken,
                                  .c_row = k->taken,
                                  .a = o.other + part * k->other_step,
                                  .a_row = k->tiles,
                                  .a_col = 1,
                                  .b = o.met + part * k->met_step,
                                  .b_row = 1,
                                  .b_col = k->tiles,
                                  .adds = adds,
                                  .scale = 1,
                                  .m = k->other,
                                  .n = k->taken,
                                  .k = cpu_strip_tiles(&s)};
        j->gemm->run(&product, o.gemm);
    }
}

static void correlate_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    const winograd_job *j = ctx;
    for (int64_t i = begin; i < end; i++)
        correlate_strip(j, i, own_of(j, thread), i > begin);
}

void cpu_winograd_run(const cpu_backend *c, const conv_shape *s, const conv_data *d,
                      void *scratch)
{
    enum { GRAIN = 1024 }; // kernels worth a thread
    winograd_job j = {.shape = s,
                      .data = d,
                      .kernel = c->kernels->winograd,
                      .gemm = cpu_gemm_kernel_of(c),
                      .cut = cut_of(c, s),
                      .n_threads = c->n_threads,
                      .weights = scratch};
    j.threads = j.weights + j.cut.n_weights;
    j.has_left = (int32_t *)(j.threads + c->n_threads * of_thread(&j.cut));
    j.has_right = j.has_left + j.cut.n_edges;
    mark_edges(&j);
    if (s->form == CONV_W) {
        cpu_parallel(c, j.cut.n_strips, 1, correlate_part, &j);
        cpu_parallel(c, s->o * s->c, GRAIN, gather_part, &j);
    } else {
        cpu_parallel(c, j.cut.other, GRAIN / j.cut.taken + 1, weights_part, &j);
        cpu_parallel(c, j.cut.n_strips, 1, convolve_part, &j);
    }
}
