#include "world/background_priv.h"

#include <stdbool.h>

#include "base/rng.h"

enum { SIDE = ASK_WORLD_SIDE_PX, MARGIN = ASK_CAMERA_REACH_PX };

/* What a pattern is drawn with; each kind uses it in its own way. */
typedef struct {
    int base[3], other[3]; // two muted colours of nearly the same brightness
    int pitch, phase_x, phase_y;
    uint32_t seed;
} look;

/* A number for a place, the same whenever it is asked for. */
static uint32_t mixed(uint32_t seed, int x, int y)
{
    uint32_t h = seed ^ (uint32_t)x * 0x9E3779B1u ^ (uint32_t)y * 0x85EBCA77u;
    h = (h ^ h >> 15) * 0x2C1B3C6Du;
    h = (h ^ h >> 12) * 0x297A2D39u;
    return h ^ h >> 15;
}

/* -n .. n */
static int mixed_within(uint32_t seed, int x, int y, int n)
{
    return (int)(mixed(seed, x, y) % (uint32_t)(2 * n + 1)) - n;
}

/* Three of four are light, one is dark; the middle is left to the toys. */
static void draw_color(ask_rng *r, int level, int out[3])
{
    for (int c = 0; c < 3; c++) out[c] = level + (int)ask_rng_between(r, -11, 11);
}

static look draw_look(uint32_t seed)
{
    ask_rng r = ask_rng_new(seed);
    bool dark = ask_rng_below(&r, 4) == 0;
    int level = (int)(dark ? ask_rng_between(&r, 48, 72) : ask_rng_between(&r, 142, 184));
    look l = {.seed = seed};
    draw_color(&r, level, l.base);
    draw_color(&r, level - 14 + 28 * (int)ask_rng_below(&r, 2), l.other);
    l.pitch = (int)ask_rng_between(&r, 14, 22);
    l.phase_x = (int)ask_rng_below(&r, 64);
    l.phase_y = (int)ask_rng_below(&r, 64);
    return l;
}

/* Noise between -256 and 256 whose hills are cell px wide: values at corners, joined. */
static int smooth_noise(uint32_t seed, int x, int y, int cell)
{
    int i = x / cell, k = y / cell, u = x % cell, v = y % cell;
    int top =
        mixed_within(seed, i, k, 256) * (cell - u) + mixed_within(seed, i + 1, k, 256) * u;
    int bottom = mixed_within(seed, i, k + 1, 256) * (cell - u) +
                 mixed_within(seed, i + 1, k + 1, 256) * u;
    return (top * (cell - v) + bottom * v) / (cell * cell);
}

/* A pattern says for a pixel how far it is from base to other (0 .. 256), and adds to its
 * brightness. */
typedef struct {
    int other, light;
} tint;

static tint plain(const look *l, int x, int y)
{
    (void)l, (void)x, (void)y;
    return (tint){0};
}

static tint gradient_down(const look *l, int x, int y)
{
    (void)l, (void)x;
    return (tint){.other = 2 * y, .light = (64 - y) / 4};
}

static tint gradient_across(const look *l, int x, int y)
{
    (void)l;
    return (tint){.other = x + y, .light = (x - 64) / 4};
}

static tint clouds(const look *l, int x, int y)
{
    return (tint){.other = 128 + smooth_noise(l->seed, x, y, 21) / 2,
                  .light = smooth_noise(l->seed + 1, x, y, 9) / 32};
}

static tint tiles(const look *l, int x, int y)
{
    int u = x + l->phase_x, v = y + l->phase_y;
    if (u % l->pitch == 0 || v % l->pitch == 0) return (tint){.light = -20};
    return (tint){.light = mixed_within(l->seed, u / l->pitch, v / l->pitch, 7)};
}

static tint planks(const look *l, int x, int y)
{
    int v = y + l->phase_y, plank = v / l->pitch;
    int shift = (int)(mixed(l->seed, plank, 0) % 90u);
    int u = x + shift;
    if (v % l->pitch == 0 || u % 90 == 0) return (tint){.light = -22};
    return (tint){.other = mixed_within(l->seed, plank, 1 + u / 90, 128) + 128,
                  .light = smooth_noise(l->seed, u / 5, 3 * v, 4) / 40};
}

static tint dots(const look *l, int x, int y)
{
    int v = y + l->phase_y, row = v / l->pitch;
    int u = x + l->phase_x + row % 2 * l->pitch / 2;
    int dx = u % l->pitch - l->pitch / 2, dy = v % l->pitch - l->pitch / 2;
    return (tint){.light = dx * dx + dy * dy <= 5 ? -18 : 0};
}

static tint bands(const look *l, int x, int y)
{
    (void)y;
    return (tint){.other = (x + l->phase_x) / l->pitch % 2 * 256};
}

static tint weave(const look *l, int x, int y)
{
    int u = (x + y + l->phase_x) / 6, v = (x - y + SIDE + l->phase_y) / 6;
    return (tint){.other = (u + v) % 2 * 192,
                  .light = u % 3 == 0   ? -7
                           : v % 3 == 0 ? 7
                                        : 0};
}

static tint hills(const look *l, int x, int y)
{
    int height = y + smooth_noise(l->seed, x, 0, 32) / 16 + l->phase_y;
    return (tint){.other = height / l->pitch % 2 * 200, .light = height / l->pitch % 3 * 5};
}

static int clamp_level(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

void ask_background_paint(uint8_t *out, int kind, uint32_t seed)
{
    static tint (*const patterns[ASK_N_BACKGROUNDS])(const look *, int x, int y) = {
        plain,  gradient_down, gradient_across, clouds, tiles,
        planks, dots,          bands,           weave,  hills};
    look l = draw_look(seed);
    for (int y = -MARGIN; y < SIDE + MARGIN; y++) {
        for (int x = -MARGIN; x < SIDE + MARGIN; x++, out += 3) {
            tint t = patterns[kind](&l, x, y);
            for (int c = 0; c < 3; c++) {
                int v = l.base[c] + (l.other[c] - l.base[c]) * t.other / 256 + t.light;
                out[c] = (uint8_t)clamp_level(v);
            }
        }
    }
}
