/* Patches of pictures, to and from panels. Moves of two and four numbers that follow each
 * other, as small kernels have them, are compiled for that many. */
#include <string.h>

#include "tensor/cpu/fast/panel_priv.h"
#include "tensor/cpu/inline_priv.h"
#include "tensor/cpu/patches_priv.h"

typedef float quad __attribute__((vector_size(4 * sizeof(float)), aligned(4)));

/* Numbers of a cache line. What is read is fetched AHEAD numbers of a patch before, which
 * are likely those of the channel before: from one to the next the processor would not see
 * it coming. */
enum { LINE = 16, AHEAD = 16 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- lanes are patches ---- */

/* panel[k][p] = x[p][k] for four of each */
static ALWAYS_INLINE void turn_quads(float *panel, const float *x, const int32_t *at)
{
    quad x0 = *(const quad *)(x + at[0]), x1 = *(const quad *)(x + at[1]);
    quad x2 = *(const quad *)(x + at[2]), x3 = *(const quad *)(x + at[3]);
    quad low01 = __builtin_shufflevector(x0, x1, 0, 4, 1, 5);
    quad high01 = __builtin_shufflevector(x0, x1, 2, 6, 3, 7);
    quad low23 = __builtin_shufflevector(x2, x3, 0, 4, 1, 5);
    quad high23 = __builtin_shufflevector(x2, x3, 2, 6, 3, 7);
    *(quad *)panel = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    *(quad *)(panel + WIDTH) = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    *(quad *)(panel + 2 * WIDTH) = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    *(quad *)(panel + 3 * WIDTH) = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/* `run` rows of a panel, of n patches; run is 4 where it is said to be. */
static ALWAYS_INLINE void fill_rows(float *panel, const float *x, const int32_t *at,
                                    int64_t n, const int64_t run)
{
    int64_t p = 0;
    if (run == 4)
        for (; p + 4 <= n; p += 4) turn_quads(panel + p, x, at + p);
    for (; p < n; p++)
        for (int64_t k = 0; k < run; k++) panel[k * WIDTH + p] = x[at[p] + k];
}

static ALWAYS_INLINE void by_patch(float *panels, const cpu_patches *s, const float *x,
                                   const int64_t run)
{
    int64_t step = WIDTH * s->n_numbers;
    for (int64_t i = 0; i < s->n_numbers; i += run) {
        const float *from = x + s->place[i];
        const float *next = x + s->place[least(i + AHEAD, s->n_numbers - run)];
        float *panel = panels + i * WIDTH;
        for (int64_t p = 0; p < s->n_patches; p += WIDTH, panel += step) {
            const int32_t *at = s->at + p;
            int64_t n = s->n_patches - p;
            for (int k = 0; k < WIDTH && k < n; k += LINE / 4)
                __builtin_prefetch(next + at[k]);
            if (n >= WIDTH)
                fill_rows(panel, from, at, WIDTH, run);
            else
                fill_rows(panel, from, at, n, run);
        }
    }
}

static void to_patches(float *panels, const cpu_patches *s, const float *x)
{
    if (s->run == 4)
        by_patch(panels, s, x, 4);
    else if (s->run == 2)
        by_patch(panels, s, x, 2);
    else
        by_patch(panels, s, x, s->run);
}

/* ---- lanes are numbers ---- */

static ALWAYS_INLINE void by_number(float *panel, const cpu_patches *s, const float *x,
                                    int64_t first, int64_t n, const int64_t run)
{
    const int32_t *place = s->place + first;
    const int32_t *next = first + WIDTH < s->n_numbers ? place + WIDTH : place;
    int64_t n_next = least(WIDTH, s->n_numbers - (next - s->place)), k = 0;
    for (int64_t p = 0; p < s->n_patches; p++, panel += WIDTH) {
        const float *from = x + s->at[p];
        __builtin_prefetch(from + next[k]); // a run of each, in turns
        k = k + run < n_next ? k + run : 0;
        for (int64_t i = 0; i < n; i += run)
            memcpy(panel + i, from + place[i], (size_t)run * sizeof *panel);
    }
}

static void to_numbers(float *panels, const cpu_patches *s, const float *x)
{
    for (int64_t i = 0; i < s->n_numbers; i += WIDTH) {
        float *panel = panels + i * s->n_patches;
        int64_t n = least(WIDTH, s->n_numbers - i);
        if (n == WIDTH && s->run == 4)
            by_number(panel, s, x, i, WIDTH, 4);
        else if (n == WIDTH && s->run == 2)
            by_number(panel, s, x, i, WIDTH, 2);
        else
            by_number(panel, s, x, i, n, 1);
    }
}

/* ---- back ---- */

static ALWAYS_INLINE void put_run(float *x, const cpu_patches *s, const float *rows,
                                  int64_t step, const int64_t run)
{
    for (int64_t p = 0; p < s->n_patches; p++)
        for (int64_t k = 0; k < run; k++) x[s->at[p] + k] = rows[k * step + p];
}

static void put_back(float *x, const cpu_patches *s, const float *rows, int64_t step)
{
    for (int64_t i = 0; i < s->n_numbers; i += s->run, rows += s->run * step) {
        float *to = x + s->place[i];
        if (s->run == 4)
            put_run(to, s, rows, step, 4);
        else if (s->run == 2)
            put_run(to, s, rows, step, 2);
        else
            put_run(to, s, rows, step, s->run);
    }
}

const cpu_patch_kernel KERNEL(patch_kernel) = {to_patches, to_numbers, put_back};
