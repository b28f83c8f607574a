/* The transforms of 3x3 convolutions. Along the columns of pixels they are sums of whole
 * rows; along the rows, of the pixels at even and at odd places, which are taken apart
 * first. So the vectors run along the tiles of a strip. */
#include <math.h>

#include "tensor/cpu/fast/panel_priv.h"
#include "tensor/cpu/inline_priv.h"
#include "tensor/cpu/winograd_priv.h"

enum { MOST = WINOGRAD_MOST_TILES, ROOM = MOST + 2 * WIDTH };

/* Rows of tiles after the first half of a transform: four rows of pixels for each. */
typedef struct {
    _Alignas(64) float row[4][2 * ROOM];
} half_tiles;

/* The pixels of such a row at even and odd places, with room for a tile on either side. */
typedef struct {
    _Alignas(64) float even[ROOM], odd[ROOM];
} pairs;
enum { FIRST = WIDTH }; // where the first tile is

static const float no_pixels[2 * MOST];

/* Goes through the rows of tiles of a strip. */
typedef struct {
    int64_t at;  // of the first pixel, from the first of the channel
    int64_t row; // within the picture
} row_walk;

static row_walk first_row(const cpu_strip *s)
{
    int64_t rows = s->height / 2, picture = s->first_row / rows, row = s->first_row % rows;
    return (row_walk){picture * s->picture_step + row * 2 * s->width, row};
}

static ALWAYS_INLINE void next_row(row_walk *r, const cpu_strip *s)
{
    r->at += 2 * s->width;
    if (2 * ++r->row < s->height) return;
    r->row = 0;
    r->at += s->picture_step - s->height * s->width;
}

/* Fetches a row of tiles of the next channel: at the start of each the processor would not
 * see it coming. */
static ALWAYS_INLINE void fetch_next(const cpu_strip *s, const float *row, const bool write)
{
    enum { LINE = 16 };
    const float *next = row + s->height * s->width;
    for (int64_t i = 0; i < 2 * s->width; i += LINE) {
        if (write)
            __builtin_prefetch(next + i, 1);
        else
            __builtin_prefetch(next + i, 0);
    }
}

/* Tiles up to a whole number of panels: what is behind the last is of no use, but there. */
static int64_t padded(int64_t n_tiles)
{
    return (n_tiles + WIDTH - 1) / WIDTH * WIDTH;
}

static ALWAYS_INLINE void take_apart(pairs *p, const float *row, int64_t n)
{
#pragma omp simd
    for (int64_t t = 0; t < n; t++) {
        p->even[FIRST + t] = row[2 * t];
        p->odd[FIRST + t] = row[2 * t + 1];
    }
}

/* ---- what tiles meet ---- */

/* Rows -1 .. 2 of each tile, those outside the picture 0. */
static void meet_rows(half_tiles *h, const cpu_strip *s, const float *x)
{
    int64_t w = s->width;
    row_walk r = first_row(s);
    for (int64_t i = 0; i < s->n_rows; i++, next_row(&r, s)) {
        const float *b = x + r.at, *c = b + w;
        const float *a = r.row > 0 ? b - w : no_pixels;
        const float *d = 2 * (r.row + 1) < s->height ? c + w : no_pixels;
        fetch_next(s, b, false);
        float *r0 = h->row[0] + i * w, *r1 = h->row[1] + i * w;
        float *r2 = h->row[2] + i * w, *r3 = h->row[3] + i * w;
#pragma omp simd
        for (int64_t j = 0; j < w; j++) {
            r0[j] = a[j] - c[j];
            r1[j] = b[j] + c[j];
            r2[j] = c[j] - b[j];
            r3[j] = b[j] - d[j];
        }
    }
}

/* Neighbouring tiles. */
typedef float tiles __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef int32_t tile_mask __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

static ALWAYS_INLINE tiles load(const float *x)
{
    return *(const tiles *)x;
}

static ALWAYS_INLINE tiles load_masked(const float *x, const int32_t *mask)
{
    return (tiles)((tile_mask)load(x) & *(const tile_mask *)mask);
}

static ALWAYS_INLINE void store(float *y, tiles x)
{
    *(tiles *)y = x;
}

static void meet(float *out, cpu_tile_places places, const cpu_strip *s, const float *x)
{
    int64_t n = padded(cpu_strip_tiles(s));
    half_tiles h;
    pairs p;
    p.odd[FIRST - 1] = p.even[FIRST + n] = 0;
    meet_rows(&h, s, x);
    for (int i = 0; i < 4; i++) {
        take_apart(&p, h.row[i], n);
        float *o0 = out + 4 * i * places.part_step, *o1 = o0 + places.part_step;
        float *o2 = o1 + places.part_step, *o3 = o2 + places.part_step;
        for (int64_t first = 0; first < n; first += WIDTH) {
            for (int t = 0; t < WIDTH; t += LANES) {
                const float *e = p.even + FIRST + first + t, *o = p.odd + FIRST + first + t;
                tiles even = load(e), odd = load(o);
                store(o0 + t, load_masked(o - 1, s->has_left + first + t) - odd);
                store(o1 + t, even + odd);
                store(o2 + t, odd - even);
                store(o3 + t, even - load_masked(e + 1, s->has_right + first + t));
            }
            o0 += places.panel_step;
            o1 += places.panel_step;
            o2 += places.panel_step;
            o3 += places.panel_step;
        }
    }
}

/* ---- tiles themselves ---- */

static void spread_rows(half_tiles *h, const cpu_strip *s, const float *y)
{
    int64_t w = s->width;
    row_walk r = first_row(s);
    for (int64_t i = 0; i < s->n_rows; i++, next_row(&r, s)) {
        const float *a = y + r.at, *b = a + w;
        fetch_next(s, a, false);
        float *r0 = h->row[0] + i * w, *r1 = h->row[1] + i * w;
        float *r2 = h->row[2] + i * w, *r3 = h->row[3] + i * w;
#pragma omp simd
        for (int64_t j = 0; j < w; j++) {
            r0[j] = a[j];
            r1[j] = a[j] + b[j];
            r2[j] = a[j] - b[j];
            r3[j] = -b[j];
        }
    }
}

static void spread(float *out, cpu_tile_places places, const cpu_strip *s, const float *y)
{
    int64_t n = padded(cpu_strip_tiles(s));
    half_tiles h;
    pairs p;
    spread_rows(&h, s, y);
    for (int i = 0; i < 4; i++) {
        take_apart(&p, h.row[i], n);
        float *o0 = out + 4 * i * places.part_step, *o1 = o0 + places.part_step;
        float *o2 = o1 + places.part_step, *o3 = o2 + places.part_step;
        for (int64_t first = 0; first < n; first += WIDTH) {
            for (int t = 0; t < WIDTH; t += LANES) {
                tiles even = load(p.even + FIRST + first + t);
                tiles odd = load(p.odd + FIRST + first + t);
                store(o0 + t, even);
                store(o1 + t, even + odd);
                store(o2 + t, even - odd);
                store(o3 + t, -odd);
            }
            o0 += places.panel_step;
            o1 += places.panel_step;
            o2 += places.panel_step;
            o3 += places.panel_step;
        }
    }
}

/* ---- results ---- */

/* Both rows of pixels of a strip, from tile to tile. */
typedef struct {
    _Alignas(64) float row[2][2 * ROOM];
} result_rows;

/* m: the parts of the strip's tiles; what is less than `least` becomes it. */
static ALWAYS_INLINE void gather_tiles(result_rows *r, const float *m, int64_t step,
                                       float bias, float least, int64_t n)
{
    float *above = r->row[0], *below = r->row[1];
#pragma omp simd
    for (int64_t t = 0; t < n; t++) {
        float a[4], b[4];
        for (int j = 0; j < 4; j++) {
            const float *part = m + j * step + t;
            float m0 = part[0], m1 = part[4 * step], m2 = part[8 * step],
                  m3 = part[12 * step];
            a[j] = m0 + m1 + m2;
            b[j] = m1 - m2 - m3;
        }
        float y0 = a[0] + a[1] + a[2] + bias, y1 = a[1] - a[2] - a[3] + bias;
        float y2 = b[0] + b[1] + b[2] + bias, y3 = b[1] - b[2] - b[3] + bias;
        above[2 * t] = y0 < least ? least : y0;
        above[2 * t + 1] = y1 < least ? least : y1;
        below[2 * t] = y2 < least ? least : y2;
        below[2 * t + 1] = y3 < least ? least : y3;
    }
}

static void gather(float *y, const cpu_strip *s, const float *m, int64_t part_step,
                   float bias, bool relu)
{
    result_rows results;
    int64_t w = s->width;
    row_walk r = first_row(s);
    gather_tiles(&results, m, part_step, bias, relu ? 0 : -HUGE_VALF, cpu_strip_tiles(s));
    for (int64_t i = 0; i < s->n_rows; i++, next_row(&r, s)) {
        float *above = y + r.at, *below = above + w;
        const float *a = results.row[0] + i * w, *b = results.row[1] + i * w;
        fetch_next(s, above, true);
#pragma omp simd
        for (int64_t j = 0; j < w; j++) {
            above[j] = a[j];
            below[j] = b[j];
        }
    }
}

const cpu_winograd_kernel KERNEL(winograd_kernel) = {meet, spread, gather};
