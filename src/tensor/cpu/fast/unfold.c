/* Unfolding clips, a panel at a time. Since the result of the convolution has the size of
 * x, what the columns of a panel meet at one place of the kernel lies as the columns
 * themselves do, only elsewhere: it is loaded as it is, and what was loaded across an edge
 * becomes 0. */
#include "tensor/cpu/fast/panel_priv.h"

typedef int32_t places __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef uint32_t distances __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef places loose_places __attribute__((aligned(4)));

/* One place of the kernel, as a panel meets it. */
typedef struct {
    int64_t shift;          // of what is met, from the panel's own columns
    places inside[VECTORS]; // all bits set, or none: in the padding
} tap;

/* Where the columns of a panel are. */
typedef struct {
    places at[3][VECTORS];
} panel_places;

static int64_t volume(const int64_t size[3])
{
    return size[0] * size[1] * size[2];
}

static void find_places(panel_places *p, const int64_t size[3], int64_t first)
{
    int64_t at[3] = {first / (size[1] * size[2]), first / size[2] % size[1],
                     first % size[2]};
    for (int i = 0; i < WIDTH; i++) {
        for (int a = 0; a < 3; a++) p->at[a][i / LANES][i % LANES] = (int32_t)at[a];
        for (int a = 2; ++at[a] == size[a] && a > 0; a--) at[a] = 0;
    }
}

/* Those of the places that are still within x, so far along an axis. */
static places within(places at, int64_t distance, int64_t size)
{
    // What is less than 0 becomes very large.
    return (places)((distances)(at + (int32_t)distance) < (uint32_t)size);
}

static tap tap_at(const cpu_unfold *u, const panel_places *p, const int64_t k[3])
{
    tap t = {0};
    for (int v = 0; v < VECTORS; v++) t.inside[v] = ~(places){0};
    for (int a = 0; a < 3; a++) {
        int64_t distance = k[a] * u->dilation[a] - u->pad[a];
        t.shift = t.shift * u->size[a] + distance;
        for (int v = 0; v < VECTORS; v++)
            t.inside[v] &= within(p->at[a][v], distance, u->size[a]);
    }
    return t;
}

/* Returns how many. */
static int list_taps(tap taps[UNFOLD_MOST_TAPS], const cpu_unfold *u, int64_t first)
{
    panel_places p;
    find_places(&p, u->size, first);
    int64_t k[3];
    int n = 0;
    for (k[0] = 0; k[0] < u->kernel[0]; k[0]++)
        for (k[1] = 0; k[1] < u->kernel[1]; k[1]++)
            for (k[2] = 0; k[2] < u->kernel[2]; k[2]++) taps[n++] = tap_at(u, &p, k);
    return n;
}

static inline void load_row(float *row, const float *x, const tap *t)
{
    __builtin_prefetch(x + WIDTH); // for the next panel
    for (int v = 0; v < VECTORS; v++)
        *(places *)(row + v * LANES) =
            *(const loose_places *)(x + v * LANES) & t->inside[v];
}

/* The same where some of it lies in front of x or behind it. */
static void load_edge(float *row, const float *x, int64_t from, const tap *t)
{
    for (int i = 0; i < WIDTH; i++)
        row[i] = t->inside[i / LANES][i % LANES] ? x[from + i] : 0;
}

static void unfold_panel(float *panel, const cpu_unfold *u, const float *x, int64_t k0,
                         int64_t k, int64_t first)
{
    tap taps[UNFOLD_MOST_TAPS];
    int n_taps = list_taps(taps, u, first), i = (int)(k0 % n_taps);
    int64_t size = volume(u->size), all = u->n_channels * size;
    int64_t column = k0 / n_taps * size + first;
    for (int64_t row = 0; row < k; row++, panel += WIDTH) {
        int64_t from = column + taps[i].shift;
        if (from >= 0 && from + WIDTH <= all)
            load_row(panel, x + from, &taps[i]);
        else
            load_edge(panel, x, from, &taps[i]);
        if (++i < n_taps) continue;
        i = 0;
        column += size;
    }
}

void KERNEL(unfold)(float *panels, const cpu_unfold *u, const float *x, int64_t k0,
                    int64_t k, int64_t j0, int64_t n)
{
    for (int64_t j = 0; j < n; j += WIDTH)
        unfold_panel(panels + j * k, u, x, k0, k, j0 + j);
}
