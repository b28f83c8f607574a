/* tensor/cpu/winograd_priv.h - 3x3 convolutions of pictures with 16 products where the
 * definition has 36.
 *
 * A picture is taken as tiles of 2x2 results. What a tile meets, 4x4 numbers, the kernel
 * and the tile itself are each transformed into 16 numbers; there the convolution is a
 * product of numbers, and over channels and tiles 16 products of matrices:
 *
 *     results = A' (sum over channels of (G w G') * (B' x B)) A
 *
 * and with the gradient of the results in place of the results, that of the weights is
 * G' (sum over tiles of (A dy A') * (B' x B)) G. Rounding grows about threefold.
 * After: Winograd 1980; Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural
 * Networks", F(2x2, 3x3). */
#ifndef ASK_TENSOR_CPU_WINOGRAD_PRIV_H
#define ASK_TENSOR_CPU_WINOGRAD_PRIV_H

#include "tensor/cpu/conv_priv.h"
#include "tensor/cpu/cpu_priv.h"

/* Numbers of a transformed tile; most tiles of a strip. */
enum { WINOGRAD_PARTS = 16, WINOGRAD_MOST_TILES = 128 };

/* Some rows of tiles, counted through all pictures of a batch. */
typedef struct {
    int64_t height, width;     // of a picture in pixels, both even
    int64_t picture_step;      // from picture to picture, one channel of each
    int64_t first_row, n_rows; // of tiles
    // For each tile, 0 at the left (right) edge of its picture, else all bits.
    const int32_t *has_left, *has_right;
} cpu_strip;

static inline int64_t cpu_strip_tiles(const cpu_strip *s)
{
    return s->n_rows * (s->width / 2);
}

/* Where the parts of transformed tiles lie: part p of tile t at p * part_step + t / w *
 * panel_step + t % w, with the width w of the matrix product's panels. */
typedef struct {
    int64_t part_step, panel_step;
} cpu_tile_places;

/* One channel of a strip at a time; x, y: that channel of the first picture. Tiles are
 * written up to a whole number of vectors. */
typedef struct cpu_winograd_kernel {
    /* B' x B, of what each tile meets */
    void (*meet)(ask_real *out, cpu_tile_places places, const cpu_strip *s,
                 const ask_real *x);
    /* A y A', of the tiles themselves */
    void (*spread)(ask_real *out, cpu_tile_places places, const cpu_strip *s,
                   const ask_real *y);
    /* y = A' m A + bias, and with relu what is below 0 becomes 0 */
    void (*gather)(ask_real *y, const cpu_strip *s, const ask_real *m, int64_t part_step,
                   ask_real bias, bool relu);
} cpu_winograd_kernel;

/* u[i * step], i < 16: G g G' of a kernel g[9], or of the kernel turned around. */
void cpu_winograd_weights(ask_real *u, int64_t step, const ask_real *g, bool turned);
/* g[9] = G' u G */
void cpu_winograd_gather_weights(ask_real *g, const double u[WINOGRAD_PARTS]);

/* Whether the convolution, or gradient, can be and is worth being computed so. */
bool cpu_winograd_takes(const cpu_backend *c, const conv_shape *s);
size_t cpu_winograd_scratch(const cpu_backend *c, const conv_shape *s);
void cpu_winograd_run(const cpu_backend *c, const conv_shape *s, const conv_data *d,
                      void *scratch);

#endif
