/* A GIF written byte by byte (GIF89a), so that every way to leave out, keep and restore
 * parts of the picture occurs. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "support/clips_priv.h"
#include "support/testing.h"

/* A canvas of 4 x 4 cells (see clip_draw) of 16 x 12 pixels. */
enum { WIDTH = 64, HEIGHT = 48, CELL_W = WIDTH / 4, CELL_H = HEIGHT / 4 };
enum { BLACK, WHITE, BLUE, RED, CLEAR, N_COLORS = 8 };
enum { KEEP = 1, TO_BACKGROUND = 2, TO_PREVIOUS = 3 };

typedef struct {
    int number;                   // what the canvas shows then
    int row, col, n_rows, n_cols; // the cells that the frame brings
    int only_row, only_col;       // the only opaque cell of them, if `masked`
    bool masked, interlaced, own_palette;
    int disposal;
    int delay_cs, lasts_cs; // as written; as meant: 0 says nothing and means 10
} gif_frame;

static const gif_frame frames[] = {
    {.number = 0, .n_rows = 4, .n_cols = 4, .disposal = KEEP, .delay_cs = 10},
    {.number = 1,
     .row = 3,
     .col = 2,
     .n_rows = 1,
     .n_cols = 1,
     .disposal = KEEP,
     .delay_cs = 20},
    // shown for a moment, then the canvas is as it was with 1
    {.number = 2,
     .row = 3,
     .col = 1,
     .n_rows = 1,
     .n_cols = 2,
     .disposal = TO_PREVIOUS,
     .delay_cs = 5},
    // all of the canvas, but transparent except for one cell
    {.number = 3,
     .n_rows = 4,
     .n_cols = 4,
     .masked = true,
     .only_row = 3,
     .only_col = 1,
     .disposal = KEEP,
     .delay_cs = 7},
    // its cell is cleared afterwards; the next frame paints it
    {.number = 7,
     .row = 2,
     .col = 3,
     .n_rows = 1,
     .n_cols = 1,
     .disposal = TO_BACKGROUND,
     .delay_cs = 12},
    {.number = 12,
     .row = 2,
     .col = 1,
     .n_rows = 2,
     .n_cols = 3,
     .interlaced = true,
     .delay_cs = 0,
     .lasts_cs = 10},
    {.number = 13,
     .row = 3,
     .col = 2,
     .n_rows = 1,
     .n_cols = 1,
     .own_palette = true,
     .disposal = KEEP,
     .delay_cs = 2},
    {.number = 15,
     .row = 3,
     .col = 1,
     .n_rows = 1,
     .n_cols = 2,
     .disposal = KEEP,
     .delay_cs = 30},
};
enum { N_FRAMES = sizeof frames / sizeof *frames };

static void put16(ask_str *s, int value)
{
    ask_str_append_char(s, (char)(value & 255));
    ask_str_append_char(s, (char)(value >> 8));
}

/* ---- compressed pixels ---- */

/* Codes of growing width, packed from the lowest bit up; here the width stays at 4, since
 * the dictionary is cleared before it needs more. */
typedef struct {
    ask_str bytes;
    unsigned bits;
    int n_bits;
} packer;

static void put_code(packer *p, unsigned code)
{
    enum { WIDTH_BITS = 4 };
    p->bits |= code << p->n_bits;
    for (p->n_bits += WIDTH_BITS; p->n_bits >= 8; p->n_bits -= 8, p->bits >>= 8)
        ask_str_append_char(&p->bytes, (char)(p->bits & 255));
}

static void put_pixels(ask_str *s, const uint8_t *pixels, int n)
{
    enum { FIRST_BITS = 3, CLEAR_CODE = 8, END_CODE = 9, RUN = 6, BLOCK = 255 };
    packer p = {0};
    for (int i = 0; i < n; i++) {
        if (i % RUN == 0) put_code(&p, CLEAR_CODE);
        put_code(&p, pixels[i]);
    }
    put_code(&p, END_CODE);
    put_code(&p, 0); // to a whole byte
    ask_str_append_char(s, FIRST_BITS);
    for (size_t at = 0; at < p.bytes.length; at += BLOCK) {
        size_t left = p.bytes.length - at, block = left < BLOCK ? left : BLOCK;
        ask_str_append_char(s, (char)block);
        ask_str_append_bytes(s, p.bytes.data + at, block);
    }
    ask_str_append_char(s, 0);
    ask_str_free(&p.bytes);
}

/* ---- frames ---- */

static uint8_t index_of(const uint8_t *rgb)
{
    if (rgb[0]) return rgb[1] ? WHITE : RED;
    return rgb[2] ? BLUE : BLACK;
}

static bool is_opaque(const gif_frame *f, int x, int y)
{
    return !f->masked || (y / CELL_H == f->only_row && x / CELL_W == f->only_col);
}

/* Row y of the frame's own pixels. */
static void make_row(uint8_t *to, const gif_frame *f, const ask_image *canvas, int y)
{
    int x0 = f->col * CELL_W, at_y = f->row * CELL_H + y;
    for (int i = 0; i < f->n_cols * CELL_W; i++) {
        const uint8_t *rgb = canvas->pixels + 3 * (at_y * WIDTH + x0 + i);
        to[i] = is_opaque(f, x0 + i, at_y) ? index_of(rgb) : CLEAR;
    }
}

/* The rows in the order in which they are stored. */
static int stored_row(int k, int height)
{
    static const struct {
        int first, step;
    } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
    for (size_t p = 0; p < TEST_COUNT(passes); p++) {
        int n = (height - passes[p].first + passes[p].step - 1) / passes[p].step;
        if (k < n) return passes[p].first + k * passes[p].step;
        k -= n;
    }
    return 0;
}

static void put_palette(ask_str *s)
{
    static const uint8_t colors[N_COLORS][3] = {
        [BLACK] = {0, 0, 0}, [WHITE] = {255, 255, 255}, [BLUE] = {0, 0, 255},
        [RED] = {255, 0, 0}, [CLEAR] = {0, 255, 0},
    };
    ask_str_append_bytes(s, colors, sizeof colors);
}

static void put_frame(ask_str *s, const gif_frame *f)
{
    ask_image canvas;
    ask_error err = {0};
    CHECK_OK(ask_image_new(&canvas, WIDTH, HEIGHT, 3, &err), &err);
    clip_draw(&canvas, f->number);
    int width = f->n_cols * CELL_W, height = f->n_rows * CELL_H;
    uint8_t pixels[WIDTH * HEIGHT];
    for (int k = 0; k < height; k++)
        make_row(pixels + k * width, f, &canvas, f->interlaced ? stored_row(k, height) : k);
    ask_image_free(&canvas);

    ask_str_append_bytes(s, "!\xf9\4", 3);
    ask_str_append_char(s, (char)(f->disposal << 2 | f->masked));
    put16(s, f->delay_cs);
    ask_str_append_char(s, CLEAR);
    ask_str_append_char(s, 0);
    ask_str_append_char(s, ',');
    put16(s, f->col * CELL_W);
    put16(s, f->row * CELL_H);
    put16(s, width);
    put16(s, height);
    ask_str_append_char(
        s, (char)(f->own_palette << 7 | f->interlaced << 6 | (f->own_palette ? 2 : 0)));
    if (f->own_palette) put_palette(s);
    put_pixels(s, pixels, width * height);
}

static void describe(clip *out)
{
    int64_t pts[N_FRAMES + 1] = {0};
    for (int i = 0; i < N_FRAMES; i++)
        pts[i + 1] =
            pts[i] + (frames[i].lasts_cs ? frames[i].lasts_cs : frames[i].delay_cs);
    out->time_base_num = 1;
    out->time_base_den = 100;
    clip_set_times(out, pts, N_FRAMES, 0);
    for (int i = 0; i < N_FRAMES; i++) {
        out->frames[i].number = frames[i].number;
        out->frames[i].key = i == 0;
    }
    out->vfr = true;
    out->duration_known = true;
    out->width = WIDTH;
    out->height = HEIGHT;
    out->container = out->codec = "gif";
}

void clip_write_gif(clip *out, const clip_case *c, const char *dir)
{
    char name[64];
    ask_format(name, sizeof name, "%s.gif", c->name);
    *out = (clip){.path = strdup(test_path(dir, name))};
    if (!out->path) fail_msg("out of memory");
    ask_str s = {0};
    ask_str_append(&s, "GIF89a");
    put16(&s, WIDTH);
    put16(&s, HEIGHT);
    ask_str_append_bytes(&s, "\xf2\0\0", 3); // a palette of 8 colours
    put_palette(&s);
    ask_str_append_bytes(&s, "!\xff\x0bNETSCAPE2.0\3\1\0\0\0", 19); // for ever
    for (int i = 0; i < N_FRAMES; i++) put_frame(&s, &frames[i]);
    ask_str_append_char(&s, ';');
    if (s.failed) fail_msg("out of memory");
    test_write(out->path, s.data, s.length);
    ask_str_free(&s);
    describe(out);
}
