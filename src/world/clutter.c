#include "world/clutter_priv.h"

#include <string.h>

#include "base/rng.h"

enum {
    SIDE = ASK_WORLD_SIDE_PX,
    MIDDLE = ASK_SPRITE_PX / 2,
    FULL = ASK_SPRITE_SAMPLES,
    LEAST_FRAGMENTS = 10,
    BEYOND_PX = 10, // the edges of the picture, so that nothing ends there
    MOST_SPEED = 4, // in 1/16 px
    CHROMA = 12,    // of a colour from its grey
};

static int between(ask_rng *r, int low, int high)
{
    return (int)ask_rng_between(r, low, high);
}

/* A grey, dark or light, of some hue; toys have what lies between. */
static void draw_color(ask_rng *r, uint8_t out[3])
{
    int level = ask_rng_below(r, 3) ? between(r, 128, 196) : between(r, 44, 84);
    for (int c = 0; c < 3; c++) out[c] = (uint8_t)(level + between(r, -CHROMA, CHROMA));
}

/* ---- what they look like ---- */

/* Twice the distance of the middle of a pixel from the middle of the fragment. */
static int from_middle(int px)
{
    return 2 * (px - MIDDLE) + 1;
}

/* An ellipse. */
static void draw_blob(ask_rng *r, ask_fragment *f)
{
    int rx = between(r, 3, 9), ry = between(r, 3, 9);
    f->reach_px = rx > ry ? rx : ry;
    for (int y = MIDDLE - ry; y < MIDDLE + ry; y++) {
        for (int x = MIDDLE - rx; x < MIDDLE + rx; x++) {
            int u = from_middle(x) * ry, v = from_middle(y) * rx;
            if (u * u + v * v <= 4 * rx * rx * ry * ry) f->covered[y][x] = FULL;
        }
    }
}

/* A strip at any angle. */
static void draw_bar(ask_rng *r, ask_fragment *f)
{
    int half_length = between(r, 6, 18), half_width = between(r, 1, 3);
    int angle = between(r, 0, 255), sine = ask_sine(angle), cosine = ask_sine(angle + 64);
    f->reach_px = half_length + half_width;
    for (int y = MIDDLE - f->reach_px; y < MIDDLE + f->reach_px; y++) {
        for (int x = MIDDLE - f->reach_px; x < MIDDLE + f->reach_px; x++) {
            int u = from_middle(x), v = from_middle(y);
            int along = (u * cosine + v * sine) / 16384;
            int across = (v * cosine - u * sine) / 16384;
            if (along >= -2 * half_length && along <= 2 * half_length &&
                across >= -2 * half_width && across <= 2 * half_width)
                f->covered[y][x] = FULL;
        }
    }
}

/* What lies on one side of a line through the middle of a toy's rim. */
static void draw_outline(ask_rng *r, ask_fragment *f)
{
    const ask_sprite_key key = {.shape = (ask_shape)between(r, 0, ASK_N_SHAPES - 1),
                                .size = (ask_size)between(r, 0, ASK_N_SIZES - 1),
                                .angle = between(r, 0, 255),
                                .scale = 256};
    int angle = between(r, 0, 255), sine = ask_sine(angle), cosine = ask_sine(angle + 64);
    ask_sprite sprite;
    ask_sprite_make(&sprite, &key);
    f->reach_px = sprite.reach_px;
    for (int y = MIDDLE - f->reach_px; y < MIDDLE + f->reach_px; y++) {
        for (int x = MIDDLE - f->reach_px; x < MIDDLE + f->reach_px; x++) {
            ask_sprite_pixel p = sprite.pixels[y][x];
            if (from_middle(x) * cosine + from_middle(y) * sine > 0)
                f->covered[y][x] = (uint8_t)(p.covered - p.filled);
        }
    }
}

static void draw_fragment(ask_rng *r, ask_fragment *f, bool moves)
{
    f->x = between(r, -BEYOND_PX, SIDE + BEYOND_PX) * ASK_WORLD_UNITS_PER_PX;
    f->y = between(r, -BEYOND_PX, SIDE + BEYOND_PX) * ASK_WORLD_UNITS_PER_PX;
    int speed_x = between(r, -MOST_SPEED, MOST_SPEED);
    int speed_y = between(r, -MOST_SPEED, MOST_SPEED);
    f->speed_x = moves ? speed_x : 0;
    f->speed_y = moves ? speed_y : 0;
    draw_color(r, f->color);
    switch (ask_rng_below(r, 3)) {
    case 0:
        draw_blob(r, f);
        break;
    case 1:
        draw_bar(r, f);
        break;
    default:
        draw_outline(r, f);
        break;
    }
}

void ask_clutter_draw(ask_clutter *out, uint32_t seed, bool moves)
{
    ask_rng root = ask_rng_new(seed), r = ask_rng_split(&root, "clutter");
    memset(out, 0, sizeof *out);
    out->n = between(&r, LEAST_FRAGMENTS, ASK_MOST_FRAGMENTS);
    for (int i = 0; i < out->n; i++) draw_fragment(&r, &out->fragments[i], moves);
}

/* ---- on a picture ---- */

/* Whole px, downwards. */
static int pixels_of(int units)
{
    return (units + SIDE * ASK_WORLD_UNITS_PER_PX) / ASK_WORLD_UNITS_PER_PX - SIDE;
}

static void paint_fragment(uint8_t *pixels, const ask_fragment *f, int left, int top)
{
    for (int row = MIDDLE - f->reach_px; row < MIDDLE + f->reach_px; row++) {
        for (int column = MIDDLE - f->reach_px; column < MIDDLE + f->reach_px; column++) {
            int x = left + column, y = top + row, covered = f->covered[row][column];
            if (!covered || x < 0 || y < 0 || x >= SIDE || y >= SIDE) continue;
            uint8_t *pixel = pixels + (y * SIDE + x) * 3;
            for (int c = 0; c < 3; c++)
                pixel[c] =
                    (uint8_t)((pixel[c] * (FULL - covered) + f->color[c] * covered) / FULL);
        }
    }
}

void ask_clutter_paint(uint8_t *pixels, const ask_clutter *c, int frame, ask_offset camera)
{
    for (int i = 0; i < c->n; i++) {
        const ask_fragment *f = &c->fragments[i];
        paint_fragment(pixels, f, pixels_of(f->x + f->speed_x * frame) - camera.x - MIDDLE,
                       pixels_of(f->y + f->speed_y * frame) - camera.y - MIDDLE);
    }
}
