/* Convolutions over patches: which, how the work is cut, and their products. */
#include "tensor/cpu/patches_priv.h"

#include "tensor/cpu/gemm_priv.h"

/* ---- which ---- */

bool cpu_patches_take(const cpu_backend *c, const conv_shape *s)
{
    enum { MOST_PLACES = 64, LARGEST = 1 << 30 };
    bool fits = c->kernels->patches && s->n > 0 && s->c > 0 && s->o > 0 && s->groups == 1 &&
                s->in[0] == 1 && s->kernel[0] == 1 && s->out[0] == 1 &&
                s->kernel[1] * s->kernel[2] <= MOST_PLACES && s->kernel[2] > 1 &&
                s->in[2] > 0 && s->in[1] < LARGEST / s->in[2] / s->c;
    for (int a = 1; a < 3 && fits; a++)
        fits = s->kernel[a] == s->stride[a] && s->dilation[a] == 1 && s->pad[a] == 0 &&
               s->pad_end[a] == 0 && s->in[a] > 0 && s->in[a] % s->kernel[a] == 0;
    return fits;
}

/* ---- how the work is cut ---- */

/* Sizes in elements. Of each thread: panels of patches (or rows of them, for x), the
 * product's own, and sums for the gradient of weights. */
typedef struct {
    int64_t n_patches, n_numbers; // of a picture, of a patch
    int64_t strip, n_strips;      // patches of a strip, strips of a picture
    int64_t n_tables, n_panels, n_gemm, n_sums;
} cut;

static cut cut_of(const cpu_backend *c, const conv_shape *s)
{
    enum { STRIP = 256 }; // patches; with its results it is to stay in the second cache
    const cpu_gemm_kernel *gemm = cpu_gemm_kernel_of(c);
    cut k = {.n_patches = s->out[1] * s->out[2],
             .n_numbers = s->c * s->kernel[1] * s->kernel[2]};
    k.strip = k.n_patches < STRIP ? k.n_patches : STRIP;
    k.n_strips = (k.n_patches + k.strip - 1) / k.strip;
    k.n_tables = conv_aligned(k.n_patches + k.n_numbers);
    k.n_panels = conv_aligned(conv_round_up(k.strip, gemm->width) *
                              conv_round_up(k.n_numbers, gemm->width));
    k.n_gemm = conv_aligned(gemm->n_scratch);
    k.n_sums = s->form == CONV_W ? conv_aligned(s->o * k.n_numbers) : 0;
    return k;
}

static int64_t of_thread(const cut *k)
{
    return k->n_panels + k->n_gemm + k->n_sums;
}

size_t cpu_patches_scratch(const cpu_backend *c, const conv_shape *s)
{
    cut k = cut_of(c, s);
    return (size_t)(k.n_tables + c->n_threads * of_thread(&k)) * sizeof(ask_real);
}

typedef struct {
    const conv_shape *shape;
    const conv_data *data;
    const cpu_patch_kernel *kernel;
    const cpu_gemm_kernel *gemm;
    cut cut;
    int32_t *at, *place;
    ask_real *threads;
} patch_job;

/* The scratch of one thread. */
typedef struct {
    ask_real *panels, *gemm, *sums;
} own;

static own own_of(const patch_job *j, int thread)
{
    own o = {.panels = j->threads + thread * of_thread(&j->cut)};
    o.gemm = o.panels + j->cut.n_panels;
    o.sums = o.gemm + j->cut.n_gemm;
    return o;
}

static void fill_tables(const patch_job *j)
{
    const conv_shape *s = j->shape;
    int32_t *at = j->at, *place = j->place;
    for (int64_t y = 0; y < s->out[1]; y++)
        for (int64_t x = 0; x < s->out[2]; x++)
            *at++ = (int32_t)(y * s->kernel[1] * s->in[2] + x * s->kernel[2]);
    for (int64_t c = 0; c < s->c; c++)
        for (int64_t y = 0; y < s->kernel[1]; y++)
            for (int64_t x = 0; x < s->kernel[2]; x++)
                *place++ = (int32_t)((c * s->in[1] + y) * s->in[2] + x);
}

/* A strip: its patches, and its part of the picture and of the results. */
typedef struct {
    cpu_patches patches;
    ask_real *x, *y;
} strip;

static strip strip_of(const patch_job *j, int64_t i)
{
    const conv_shape *s = j->shape;
    const cut *k = &j->cut;
    int64_t picture = i / k->n_strips, first = i % k->n_strips * k->strip;
    int64_t left = k->n_patches - first;
    return (strip){.patches = {.at = j->at + first,
                               .place = j->place,
                               .n_patches = left < k->strip ? left : k->strip,
                               .n_numbers = k->n_numbers,
                               .run = s->kernel[2]},
                   .x = j->data->x + picture * s->c * s->in[1] * s->in[2],
                   .y = j->data->y + picture * s->o * k->n_patches + first};
}

/* ---- products ---- */

static void convolve_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    const patch_job *j = ctx;
    const cut *k = &j->cut;
    own o = own_of(j, thread);
    for (int64_t i = begin; i < end; i++) {
        strip s = strip_of(j, i);
        j->kernel->by_patch(o.panels, &s.patches, s.x);
        const cpu_gemm product = {.c = s.y,
                                  .c_row = k->n_patches,
                                  .a = j->data->w,
                                  .a_row = k->n_numbers,
                                  .a_col = 1,
                                  .panels = o.panels,
                                  .panel_step = j->gemm->width * k->n_numbers,
                                  .bias = j->data->bias,
                                  .bias_of_rows = true,
                                  .relu = j->shape->relu,
                                  .scale = 1,
                                  .m = j->shape->o,
                                  .n = s.patches.n_patches,
                                  .k = k->n_numbers};
        j->gemm->run(&product, o.gemm);
    }
}

static void grad_x_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    const patch_job *j = ctx;
    const cut *k = &j->cut;
    own o = own_of(j, thread);
    for (int64_t i = begin; i < end; i++) {
        strip s = strip_of(j, i);
        const cpu_gemm product = {.c = o.panels,
                                  .c_row = k->strip,
                                  .a = j->data->w,
                                  .a_row = 1,
                                  .a_col = k->n_numbers,
                                  .b = s.y,
                                  .b_row = k->n_patches,
                                  .b_col = 1,
                                  .scale = 1,
                                  .m = k->n_numbers,
                                  .n = s.patches.n_patches,
                                  .k = j->shape->o};
        j->gemm->run(&product, o.gemm);
        j->kernel->put_back(s.x, &s.patches, o.panels, k->strip);
    }
}

/* Adds up what the strips do to the gradient of the weights. */
static void grad_w_part(void *ctx, int64_t begin, int64_t end, int thread)
{
    const patch_job *j = ctx;
    const cut *k = &j->cut;
    own o = own_of(j, thread);
    for (int64_t i = begin; i < end; i++) {
        strip s = strip_of(j, i);
        j->kernel->by_number(o.panels, &s.patches, s.x);
        const cpu_gemm product = {.c = o.sums,
                                  .c_row = k->n_numbers,
                                  .a = s.y,
                                  .a_row = k->n_patches,
                                  .a_col = 1,
                                  .panels = o.panels,
                                  .panel_step = j->gemm->width * s.patches.n_patches,
                                  .adds = i > begin,
                                  .scale = 1,
                                  .m = j->shape->o,
                                  .n = k->n_numbers,
                                  .k = s.patches.n_patches};
        j->gemm->run(&product, o.gemm);
    }
}

static void add_sums(const patch_job *j, int64_t n_sums)
{
    for (int64_t i = 0; i < j->shape->o * j->cut.n_numbers; i++) {
        double sum = 0;
        for (int t = 0; t < n_sums; t++) sum += own_of(j, t).sums[i];
        j->data->w[i] = (ask_real)sum;
    }
}

void cpu_patches_run(const cpu_backend *c, const conv_shape *s, const conv_data *d,
                     void *scratch)
{
    static const cpu_job parts[] = {
        [CONV_Y] = convolve_part, [CONV_X] = grad_x_part, [CONV_W] = grad_w_part};
    patch_job j = {.shape = s,
                   .data = d,
                   .kernel = c->kernels->patches,
                   .gemm = cpu_gemm_kernel_of(c),
                   .cut = cut_of(c, s),
                   .threads = scratch};
    j.at = (int32_t *)(j.threads + c->n_threads * of_thread(&j.cut));
    j.place = j.at + j.cut.n_patches;
    fill_tables(&j);
    int64_t n = s->n * j.cut.n_strips;
    cpu_parallel(c, n, 1, parts[s->form], &j);
    if (s->form == CONV_W) add_sums(&j, n < c->n_threads ? n : c->n_threads);
}
