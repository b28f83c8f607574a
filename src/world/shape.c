/* world/shape.c - a shape is made of discs and polygons, put on and cut out one after
 * another. Each part is turned and filled row by row. */
#include "world/shape_priv.h"

#include <string.h>

enum {
    UNIT = 1024, // half the width of a shape, in the numbers below; y points down
    MAX_POINTS = 12,
    FINE = 32, // what lies on the grid is reckoned in 1/32 of a sample
    SIDE = ASK_GRID_SAMPLES,
};

typedef struct {
    int x, y;
} point;

/* Around the outline, closed from the last to the first; of a disc, the centre alone. */
typedef struct {
    int n;
    point points[MAX_POINTS];
    int radius;   // 0: a polygon
    bool cut_out; // of the parts before
} part;

typedef struct {
    int n;
    part parts[3];
} outline;

#define DISC(x, y, radius)                                                                 \
    {                                                                                      \
        1, {{x, y}}, radius, false                                                         \
    }
#define HOLE(x, y, radius)                                                                 \
    {                                                                                      \
        1, {{x, y}}, radius, true                                                          \
    }

static const outline outlines[ASK_N_SHAPES] = {
    [ASK_BALL] = {1, {DISC(0, 0, 1000)}},
    [ASK_SQUARE] = {1,
                    {{4, {{-850, -850}, {850, -850}, {850, 850}, {-850, 850}}, 0, false}}},
    [ASK_TRIANGLE] = {1, {{3, {{0, -960}, {1020, 850}, {-1020, 850}}, 0, false}}},
    [ASK_STAR] = {1,
                  {{10,
                    {{0, -1024},
                     {253, -348},
                     {974, -316},
                     {409, 133},
                     {602, 828},
                     {0, 430},
                     {-602, 828},
                     {-409, 133},
                     {-974, -316},
                     {-253, -348}},
                    0,
                    false}}},
    [ASK_HEART] = {3,
                   {DISC(-480, -350, 520),
                    DISC(480, -350, 520),
                    {4, {{-950, 30}, {0, -400}, {950, 30}, {0, 960}}, 0, false}}},
    [ASK_RING] = {2, {DISC(0, 0, 1010), HOLE(0, 0, 450)}},
    [ASK_CROSS] = {1,
                   {{12,
                     {{-340, -1000},
                      {340, -1000},
                      {340, -340},
                      {1000, -340},
                      {1000, 340},
                      {340, 340},
                      {340, 1000},
                      {-340, 1000},
                      {-340, 340},
                      {-1000, 340},
                      {-1000, -340},
                      {-340, -340}},
                     0,
                     false}}},
    [ASK_DIAMOND] = {1, {{4, {{0, -1024}, {720, 0}, {0, 1024}, {-720, 0}}, 0, false}}},
    [ASK_HEXAGON] =
        {1,
         {{6,
           {{-1024, 0}, {-480, -780}, {480, -780}, {1024, 0}, {480, 780}, {-480, 780}},
           0,
           false}}},
    [ASK_MOON] = {2, {DISC(150, 0, 1000), HOLE(620, 0, 800)}},
    [ASK_ARROW] = {1,
                   {{7,
                     {{-1000, -300},
                      {50, -300},
                      {50, -860},
                      {1024, 0},
                      {50, 860},
                      {50, 300},
                      {-1000, 300}},
                     0,
                     false}}},
    [ASK_DROP] = {2,
                  {DISC(0, 300, 724),
                   {3, {{0, -1024}, {606, -96}, {-606, -96}}, 0, false}}},
};

int ask_sine(int angle)
{
    static const short quarter[65] = {
        0,     402,   804,   1205,  1606,  2006,  2404,  2801,  3196,  3590,  3981,
        4370,  4756,  5139,  5520,  5897,  6270,  6639,  7005,  7366,  7723,  8076,
        8423,  8765,  9102,  9434,  9760,  10080, 10394, 10702, 11003, 11297, 11585,
        11866, 12140, 12406, 12665, 12916, 13160, 13395, 13623, 13842, 14053, 14256,
        14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557, 15679, 15791, 15893,
        15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384};
    int within = angle & 63;
    switch (angle >> 6 & 3) {
    case 0:
        return quarter[within];
    case 1:
        return quarter[64 - within];
    case 2:
        return -quarter[within];
    default:
        return -quarter[64 - within];
    }
}

// --- On the grid -------------------------------------------------------------------------

/* A length of a shape, in fine steps of the grid. */
static int fine_of(int length, int width)
{
    return length * width * (FINE / 2) / UNIT;
}

/* A point of a shape, turned, from the middle of the grid. */
static point point_on_grid(point p, const ask_grid_pose *pose)
{
    int sine = ask_sine(pose->angle), cosine = ask_sine(pose->angle + 64);
    return (point){fine_of((p.x * cosine - p.y * sine) / 16384, pose->width),
                   fine_of((p.x * sine + p.y * cosine) / 16384, pose->width)};
}

/* The middle of a sample, from the middle of the grid. */
static int middle_of(int sample)
{
    return (2 * sample + 1 - SIDE) * (FINE / 2);
}

/* The first sample whose middle is not before x. */
static int first_from(int x)
{
    int steps = x + SIDE * (FINE / 2) - FINE / 2; // from the middle of sample 0
    return steps <= 0 ? 0 : steps > SIDE * FINE ? SIDE : (steps + FINE - 1) / FINE;
}

/* Samples of a row whose middles are in [from, to). */
static void fill_span(bool *row, int from, int to, bool value)
{
    int begin = first_from(from), end = first_from(to);
    if (begin < end) memset(row + begin, value, (size_t)(end - begin) * sizeof *row);
}

/* The largest whole number whose square is at most n. */
static int whole_root(int n)
{
    int root = 0;
    for (int bit = 1 << 14; bit; bit >>= 1) {
        if ((root + bit) * (root + bit) <= n) root += bit;
    }
    return root;
}

static void fill_disc_row(bool *row, int y, point center, int radius, bool value)
{
    int rest = radius * radius - (y - center.y) * (y - center.y);
    if (rest <= 0) return;
    int half = whole_root(rest);
    fill_span(row, center.x - half, center.x + half, value);
}

static void insert_sorted(int *values, int n, int value)
{
    int at = n;
    for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
}

/* Between every first and second of the edges that cross the row. */
static void fill_polygon_row(bool *row, int y, const point *points, int n, bool value)
{
    int crossings[MAX_POINTS], n_crossings = 0;
    for (int i = 0, before = n - 1; i < n; before = i++) {
        const point a = points[before], b = points[i];
        if ((a.y > y) == (b.y > y)) continue;
        insert_sorted(crossings, n_crossings++,
                      a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y));
    }
    for (int i = 0; i + 1 < n_crossings; i += 2)
        fill_span(row, crossings[i], crossings[i + 1], value);
}

static void fill_part(ask_grid inside, const part *p, const ask_grid_pose *pose)
{
    point points[MAX_POINTS];
    int radius = fine_of(p->radius, pose->width);
    for (int i = 0; i < p->n; i++) points[i] = point_on_grid(p->points[i], pose);
    for (int row = pose->margin; row < SIDE - pose->margin; row++) {
        int y = middle_of(row);
        if (radius)
            fill_disc_row(inside[row], y, points[0], radius, !p->cut_out);
        else
            fill_polygon_row(inside[row], y, points, p->n, !p->cut_out);
    }
}

void ask_shape_fill(ask_grid inside, ask_shape s, const ask_grid_pose *pose)
{
    for (int i = 0; i < outlines[s].n; i++) fill_part(inside, &outlines[s].parts[i], pose);
}

// --- Textures ----------------------------------------------------------------------------

/* Remainder in 0 .. n - 1, for any x from -(1 << 13). */
static inline int wrapped(int x, int n)
{
    return (x + n * 8192) % n;
}

static inline bool is_second(ask_texture t, int x, int y)
{
    enum { STRIPES = 1160, DOTS = 690, DOT_RADIUS = 230, CHECKS = 900 }; // periods
    switch (t) {
    case ASK_STRIPED: // along the falling diagonal
        return wrapped(x - y + STRIPES / 4, STRIPES) < STRIPES / 2;
    case ASK_DOTTED: {
        int dx = wrapped(x + DOTS / 2, DOTS) - DOTS / 2;
        int dy = wrapped(y + DOTS / 2, DOTS) - DOTS / 2;
        return dx * dx + dy * dy <= DOT_RADIUS * DOT_RADIUS;
    }
    case ASK_CHECKERED:
        return (wrapped(x, CHECKS) < CHECKS / 2) != (wrapped(y, CHECKS) < CHECKS / 2);
    default:
        return false;
    }
}

void ask_texture_fill(ask_grid second, ask_texture t, const ask_grid_pose *pose)
{
    // a step to the next sample, turned back, in 1/4096 of the shape's numbers
    int along = ask_sine(pose->angle + 64) / 4 * UNIT / pose->width;
    int across = ask_sine(pose->angle) / 4 * UNIT / pose->width;
    for (int row = pose->margin; row < SIDE - pose->margin; row++) {
        int y = 2 * row + 1 - SIDE;
        for (int column = pose->margin; column < SIDE - pose->margin; column++) {
            int x = 2 * column + 1 - SIDE;
            second[row][column] = is_second(t, (x * along + y * across) / 4096,
                                            (y * along - x * across) / 4096);
        }
    }
}
