#include "media/quantize_priv.h"

#include <stdlib.h>
#include <string.h>

/* Colours are counted in cells of 8 x 8 x 8 of them. */
enum { CELL_BITS = 5, N_CELLS = 1 << 3 * CELL_BITS };

typedef struct {
    int64_t n;      // pixels in the cell
    int64_t sum[3]; // of their channels
} cell;

static int cell_of(int r, int g, int b)
{
    int drop = 8 - CELL_BITS;
    return (r >> drop) << 2 * CELL_BITS | (g >> drop) << CELL_BITS | b >> drop;
}

static double mean(const cell *c, int channel)
{
    return (double)c->sum[channel] / (double)c->n;
}

/* ---- pictures of few colours ---- */

/* A set of colours, found by their cells; each cell begins a chain. */
typedef struct {
    int n;
    uint32_t color[ASK_PALETTE_COLORS]; // 0xffRRGGBB
    int next[ASK_PALETTE_COLORS];       // in the chain, or -1
    int *first;                         // of each cell's chain, or -1; owned
} color_set;

static uint32_t color_at(const uint8_t *rgb)
{
    return 0xff000000u | (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
}

/* The colour's place; it is added when it is new. -1: there is no room. */
static int place_of(color_set *s, const uint8_t *rgb)
{
    int *first = &s->first[cell_of(rgb[0], rgb[1], rgb[2])];
    uint32_t color = color_at(rgb);
    for (int i = *first; i >= 0; i = s->next[i])
        if (s->color[i] == color) return i;
    if (s->n == ASK_PALETTE_COLORS) return -1;
    s->color[s->n] = color;
    s->next[s->n] = *first;
    *first = s->n;
    return s->n++;
}

/* False when the picture has more colours than a palette. */
static bool index_exactly(uint8_t *index, ptrdiff_t stride, color_set *s,
                          const ask_image *image)
{
    memset(s->first, 0xff, N_CELLS * sizeof *s->first);
    const uint8_t *rgb = image->pixels;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++, rgb += 3) {
            int place = place_of(s, rgb);
            if (place < 0) return false;
            index[y * stride + x] = (uint8_t)place;
        }
    return true;
}

/* ---- choosing colours ---- */

/* A run of cells that will share one colour. */
typedef struct {
    int begin, end;
    int axis;     // the channel in which its cells differ most
    double cut;   // the mean of that channel
    double error; // sum of squares around that mean
    cell all;
} box;

static box box_of(const cell *cells, int begin, int end)
{
    box b = {.begin = begin, .end = end};
    double squares[3] = {0};
    for (int i = begin; i < end; i++) {
        b.all.n += cells[i].n;
        for (int c = 0; c < 3; c++) {
            b.all.sum[c] += cells[i].sum[c];
            squares[c] += mean(&cells[i], c) * (double)cells[i].sum[c];
        }
    }
    for (int c = 0; c < 3; c++) {
        double error = squares[c] - mean(&b.all, c) * (double)b.all.sum[c];
        if (c > 0 && error <= b.error) continue;
        b.axis = c;
        b.error = error;
        b.cut = mean(&b.all, c);
    }
    return b;
}

/* Moves the cells that are darker than the cut to the front; returns where the others
 * begin. */
static int part(cell *cells, const box *b)
{
    int at = b->begin;
    for (int i = b->begin; i < b->end; i++) {
        if (mean(&cells[i], b->axis) >= b->cut) continue;
        cell darker = cells[i];
        cells[i] = cells[at];
        cells[at++] = darker;
    }
    return at;
}

static int worst(const box *boxes, int n)
{
    int found = 0;
    for (int i = 1; i < n; i++)
        if (boxes[i].error > boxes[found].error) found = i;
    return found;
}

/* Cuts the worst box until there are enough; returns how many there are. */
static int cut_boxes(box boxes[ASK_PALETTE_COLORS], cell *cells, int n_cells)
{
    int n = 1;
    boxes[0] = box_of(cells, 0, n_cells);
    while (n < ASK_PALETTE_COLORS) {
        box *b = &boxes[worst(boxes, n)];
        int middle = part(cells, b), end = b->end;
        if (middle == b->begin || middle == end) break; // the same colour to rounding
        *b = box_of(cells, b->begin, middle);
        boxes[n++] = box_of(cells, middle, end);
    }
    return n;
}

static int count_cells(cell *cells, const ask_image *image)
{
    const uint8_t *rgb = image->pixels;
    const uint8_t *end = rgb + 3 * (size_t)image->width * (size_t)image->height;
    for (; rgb < end; rgb += 3) {
        cell *c = &cells[cell_of(rgb[0], rgb[1], rgb[2])];
        c->n++;
        for (int k = 0; k < 3; k++) c->sum[k] += rgb[k];
    }
    int n = 0;
    for (int i = 0; i < N_CELLS; i++)
        if (cells[i].n > 0) cells[n++] = cells[i];
    return n;
}

static uint8_t rounded(const cell *c, int channel)
{
    return (uint8_t)((c->sum[channel] + c->n / 2) / c->n);
}

static int choose_palette(uint32_t palette[ASK_PALETTE_COLORS], cell *cells,
                          const ask_image *image)
{
    box boxes[ASK_PALETTE_COLORS];
    int n = cut_boxes(boxes, cells, count_cells(cells, image));
    for (int i = 0; i < n; i++) {
        const cell *all = &boxes[i].all;
        palette[i] =
            color_at((uint8_t[]){rounded(all, 0), rounded(all, 1), rounded(all, 2)});
    }
    return n;
}

/* ---- using them ---- */

/* Which colour is nearest to the middle of a cell; found out when first asked for. */
typedef struct {
    const uint32_t *palette;
    int n;
    int16_t *of_cell; // -1: not known; owned
} nearest_map;

static int channel(uint32_t color, int c)
{
    return (int)(color >> (16 - 8 * c) & 255);
}

static int nearest(nearest_map *m, const int rgb[3])
{
    int at = cell_of(rgb[0], rgb[1], rgb[2]);
    if (m->of_cell[at] >= 0) return m->of_cell[at];
    int half = 1 << (7 - CELL_BITS), mask = -(half << 1), least = INT32_MAX;
    for (int i = 0; i < m->n; i++) {
        int distance = 0;
        for (int c = 0; c < 3; c++) {
            int off = (rgb[c] & mask) + half - channel(m->palette[i], c);
            distance += off * off;
        }
        if (distance >= least) continue;
        least = distance;
        m->of_cell[at] = (int16_t)i;
    }
    return m->of_cell[at];
}

static int clamp(int value)
{
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* Sixteenths of errors that wait for the pixels of this row and the next; both have a pixel
 * more at each end. */
typedef struct {
    int (*here)[3], (*below)[3];
} errors;

static void spread(errors *e, int x, int c, int error)
{
    e->here[x + 2][c] += 7 * error;
    e->below[x][c] += 3 * error;
    e->below[x + 1][c] += 5 * error;
    e->below[x + 2][c] += error;
}

static void index_row(uint8_t *index, nearest_map *m, const uint8_t *rgb, int width,
                      errors *e)
{
    for (int x = 0; x < width; x++, rgb += 3) {
        int wanted[3];
        for (int c = 0; c < 3; c++) // rounded down, also below zero
            wanted[c] = clamp(rgb[c] + (e ? e->here[x + 1][c] >> 4 : 0));
        int place = nearest(m, wanted);
        index[x] = (uint8_t)place;
        for (int c = 0; e && c < 3; c++)
            spread(e, x, c, wanted[c] - channel(m->palette[place], c));
    }
}

static void index_nearest(uint8_t *index, ptrdiff_t stride, nearest_map *m,
                          const ask_image *image, errors *e)
{
    size_t row = 3 * (size_t)image->width;
    for (int y = 0; y < image->height; y++) {
        index_row(index + y * stride, m, image->pixels + (size_t)y * row, image->width, e);
        if (!e) continue;
        int(*done)[3] = e->here;
        e->here = e->below;
        e->below = done;
        memset(done, 0, ((size_t)image->width + 2) * sizeof *done);
    }
}

/* ---- the whole ---- */

bool ask_quantize(uint8_t *index, ptrdiff_t stride, uint32_t palette[ASK_PALETTE_COLORS],
                  const ask_image *image, bool dither, ask_error *err)
{
    size_t row = (size_t)image->width + 2;
    color_set set = {.first = malloc(N_CELLS * sizeof *set.first)};
    cell *cells = calloc(N_CELLS, sizeof *cells);
    nearest_map map = {.palette = palette,
                       .of_cell = malloc(N_CELLS * sizeof *map.of_cell)};
    int(*waiting)[3] = calloc(2 * row, sizeof *waiting);
    bool ok = set.first && cells && map.of_cell && waiting;
    if (!ok) {
        ask_fail(err, ASK_ERR_NOMEM, "out of memory for a palette");
    } else if (index_exactly(index, stride, &set, image)) {
        memcpy(palette, set.color, (size_t)set.n * sizeof *palette);
        map.n = set.n;
    } else {
        errors e = {.here = waiting, .below = waiting + row};
        map.n = choose_palette(palette, cells, image);
        memset(map.of_cell, 0xff, N_CELLS * sizeof *map.of_cell);
        index_nearest(index, stride, &map, image, dither ? &e : NULL);
    }
    if (ok)
        for (int i = map.n; i < ASK_PALETTE_COLORS; i++) palette[i] = 0xff000000u;
    free(waiting);
    free(map.of_cell);
    free(cells);
    free(set.first);
    return ok;
}
