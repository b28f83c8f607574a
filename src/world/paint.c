#include <stdlib.h>
#include <string.h>

#include "world/background_priv.h"
#include "world/clutter_priv.h"
#include "world/scene_priv.h"
#include "world/screen_priv.h"
#include "world/sprite_priv.h"
#include "world/view.h"
#include "world/view_priv.h"

enum { SIDE = ASK_WORLD_SIDE_PX, N_SLOTS = 1024 };

/* Where a sprite is kept follows from its key; another one there is replaced. */
typedef struct {
    bool full;
    ask_sprite_key key;
    ask_sprite sprite;
} slot;

struct ask_painter {
    bool has_background;
    int background, clutter_level; // which background that is
    uint32_t background_seed;
    uint8_t background_pixels[ASK_BACKGROUND_SIDE_PX * ASK_BACKGROUND_SIDE_PX * 3];
    ask_clutter clutter;
    slot slots[N_SLOTS];
};

ask_painter *ask_painter_new(ask_error *err)
{
    ask_painter *p = calloc(1, sizeof *p);
    if (!p) ask_fail_memory(err);
    return p;
}

void ask_painter_free(ask_painter *p)
{
    free(p);
}

static bool same_key(const ask_sprite_key *a, const ask_sprite_key *b)
{
    return a->shape == b->shape && a->size == b->size && a->texture == b->texture &&
           a->angle == b->angle && a->scale == b->scale;
}

static const ask_sprite *sprite_of(ask_painter *p, const ask_toy *t, ask_pose pose)
{
    const ask_sprite_key key = {t->shape, t->size, t->texture, pose.angle, pose.scale};
    unsigned at = ((unsigned)key.shape * ASK_N_SIZES + key.size) * ASK_N_TEXTURES;
    at += key.texture + (unsigned)key.angle * 149 + (unsigned)(key.scale - 256) * 151;
    slot *s = &p->slots[at % N_SLOTS];
    if (!s->full || !same_key(&s->key, &key)) {
        ask_sprite_make(&s->sprite, &key);
        s->key = key;
        s->full = true;
    }
    return &s->sprite;
}

// --- Colours -----------------------------------------------------------------------------

typedef struct {
    int first[3], second[3];
} tones;

static const int rim_color[3] = {28, 26, 32};

static const tones *tones_of_color(ask_toy_color c)
{
    static const tones all[ASK_N_COLORS] = {
        [ASK_RED] = {{216, 30, 38}, {96, 0, 12}},
        [ASK_ORANGE] = {{250, 128, 16}, {255, 226, 176}},
        [ASK_YELLOW] = {{252, 222, 40}, {146, 118, 0}},
        [ASK_GREEN] = {{34, 158, 62}, {186, 240, 190}},
        [ASK_CYAN] = {{60, 212, 222}, {0, 98, 112}},
        [ASK_BLUE] = {{36, 76, 222}, {176, 200, 255}},
        [ASK_PURPLE] = {{134, 44, 176}, {226, 188, 248}},
        [ASK_PINK] = {{255, 140, 196}, {150, 30, 98}},
        [ASK_BROWN] = {{142, 86, 42}, {226, 192, 152}},
        [ASK_WHITE] = {{248, 248, 248}, {120, 122, 130}},
    };
    return &all[c];
}

static tones tones_of(ask_pose p)
{
    const tones *from = tones_of_color(p.color), *to = tones_of_color(p.to_color);
    tones mixed;
    for (int c = 0; c < 3; c++) {
        mixed.first[c] = from->first[c] + (to->first[c] - from->first[c]) * p.turned / 256;
        mixed.second[c] =
            from->second[c] + (to->second[c] - from->second[c]) * p.turned / 256;
    }
    return mixed;
}

// --- Painting ----------------------------------------------------------------------------

static int pixels_of(int units)
{
    return units >= 0 ? units / ASK_WORLD_UNITS_PER_PX
                      : -((-units + ASK_WORLD_UNITS_PER_PX - 1) / ASK_WORLD_UNITS_PER_PX);
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

enum { STILL_CLUTTER = 2, MOVING_CLUTTER = 3 };

static void prepare_background(ask_painter *p, const ask_scene *s)
{
    if (p->has_background && p->background == s->background &&
        p->clutter_level == s->clutter && p->background_seed == s->background_seed)
        return;
    ask_background_paint(p->background_pixels, s->background, s->background_seed);
    p->clutter.n = 0;
    if (s->clutter >= STILL_CLUTTER)
        ask_clutter_draw(&p->clutter, s->background_seed, s->clutter == MOVING_CLUTTER);
    p->background = s->background;
    p->clutter_level = s->clutter;
    p->background_seed = s->background_seed;
    p->has_background = true;
}

static void paint_background(ask_painter *p, const ask_scene *s, int frame, uint8_t *pixels)
{
    ask_offset camera = s->camera[frame];
    prepare_background(p, s);
    for (int y = 0; y < SIDE; y++) {
        int row = y + ASK_CAMERA_REACH_PX + camera.y,
            column = ASK_CAMERA_REACH_PX + camera.x;
        memcpy(pixels + y * SIDE * 3,
               p->background_pixels + (row * ASK_BACKGROUND_SIDE_PX + column) * 3,
               SIDE * 3);
    }
    ask_clutter_paint(pixels, &p->clutter, frame, camera);
}

/* A toy in the air leaves a shadow where it stood. */
static void paint_shadow(uint8_t *pixels, const ask_toy *t, ask_pose pose)
{
    int half = ask_toy_width_px(t->size) / 2;
    int rx = half * 7 / 8, ry = max_int(half / 3, 4);
    int cx = pixels_of(pose.x), cy = pixels_of(pose.y + pose.lift) + half - ry / 2;
    for (int y = max_int(cy - ry, 0); y < min_int(cy + ry, SIDE); y++) {
        for (int x = max_int(cx - rx, 0); x < min_int(cx + rx, SIDE); x++) {
            int dx = (2 * (x - cx) + 1) * ry, dy = (2 * (y - cy) + 1) * rx;
            if (dx * dx + dy * dy > 4 * rx * rx * ry * ry) continue;
            uint8_t *pixel = pixels + (y * SIDE + x) * 3;
            for (int c = 0; c < 3; c++) pixel[c] = (uint8_t)(pixel[c] * 9 / 16);
        }
    }
}

static void blend(uint8_t *pixel, ask_sprite_pixel p, const tones *t)
{
    for (int c = 0; c < 3; c++) {
        int sum = pixel[c] * (ASK_SPRITE_SAMPLES - p.covered) +
                  rim_color[c] * (p.covered - p.filled) +
                  t->first[c] * (p.filled - p.second) + t->second[c] * p.second;
        pixel[c] = (uint8_t)((sum + ASK_SPRITE_SAMPLES / 2) / ASK_SPRITE_SAMPLES);
    }
}

/* pixels and ids may each be NULL. */
static void paint_toy(uint8_t *pixels, uint8_t *ids, const ask_sprite *sprite,
                      ask_pose pose, uint8_t id)
{
    const tones of_toy = tones_of(pose);
    int left = pixels_of(pose.x) - ASK_SPRITE_PX / 2;
    int top = pixels_of(pose.y) - ASK_SPRITE_PX / 2;
    int first = ASK_SPRITE_PX / 2 - sprite->reach_px;
    int end = ASK_SPRITE_PX / 2 + sprite->reach_px;
    for (int y = max_int(first, -top); y < min_int(end, SIDE - top); y++) {
        for (int x = max_int(first, -left); x < min_int(end, SIDE - left); x++) {
            ask_sprite_pixel p = sprite->pixels[y][x];
            if (!p.covered) continue;
            int at = (top + y) * SIDE + left + x;
            if (pixels) blend(pixels + at * 3, p, &of_toy);
            if (ids && p.covered * 2 >= ASK_SPRITE_SAMPLES) ids[at] = id;
        }
    }
}

static ask_pose pose_seen(const ask_scene *s, int toy, int frame)
{
    ask_pose pose = ask_scene_pose(s, toy, frame);
    pose.x -= s->camera[frame].x * ASK_WORLD_UNITS_PER_PX;
    pose.y -= s->camera[frame].y * ASK_WORLD_UNITS_PER_PX;
    return pose;
}

static void paint_screen(uint8_t *pixels, uint8_t *ids, const ask_scene *s, int screen,
                         int frame)
{
    int x = pixels_of(s->screens[screen].x) - s->camera[frame].x;
    int y = pixels_of(s->screens[screen].y) - s->camera[frame].y;
    ask_screen_paint(pixels, ids, x - ASK_SCREEN_WIDTH_PX / 2,
                     y - ASK_SCREEN_HEIGHT_PX / 2);
}

void ask_paint(ask_painter *p, const ask_scene *s, int frame, ask_image *image,
               ask_scene_view *view)
{
    uint8_t *pixels = image ? image->pixels : NULL, *ids = view ? view->ids : NULL;
    ask_pose poses[ASK_SCENE_MAX_TOYS];
    if (pixels) paint_background(p, s, frame, pixels);
    if (view) {
        memset(view, 0, sizeof *view);
        view->frame = frame;
    }
    for (int i = 0; i < s->n_toys; i++) {
        poses[i] = pose_seen(s, i, frame);
        if (pixels && poses[i].there && poses[i].lift)
            paint_shadow(pixels, &s->toys[i], poses[i]);
    }
    for (int i = 0; i < s->n_toys; i++) {
        if (!poses[i].there) continue;
        const ask_sprite *sprite = sprite_of(p, &s->toys[i], poses[i]);
        paint_toy(pixels, ids, sprite, poses[i], (uint8_t)(i + 1));
        if (view) view->toys[i].n_full_px = sprite->n_px;
    }
    for (int i = 0; i < s->n_screens; i++) paint_screen(pixels, ids, s, i, frame);
    if (view) ask_view_measure(view);
}
