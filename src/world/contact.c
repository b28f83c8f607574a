/* A contact sheet: what a world looks like. */
#include <stdlib.h>
#include <string.h>

#include "media/draw.h"
#include "media/resize.h"
#include "media/video.h"
#include "world/audit.h"
#include "world/truth_read.h"

enum {
    MOST_COLUMNS = 6,
    MOST_ROWS = 4,
    ZOOM = 2,
    PICTURE_PX = ASK_WORLD_SIDE_PX * ZOOM,
    LINE_PX = 16,
    LETTER_PX = 8,
    LINE_LETTERS = PICTURE_PX / LETTER_PX,
    CAPTION_LINES = 15,
    QUESTION_LINES = 4,
    TEXT_LINES = 1 + CAPTION_LINES + 1 + QUESTION_LINES, // head, caption, blank, question
    GAP_PX = 12,
    TILE_WIDTH = PICTURE_PX + GAP_PX,
    TILE_HEIGHT = PICTURE_PX + TEXT_LINES * LINE_PX + GAP_PX,
};

static const ask_color ink = {232, 232, 232}, dim = {150, 150, 150},
                       right = {140, 220, 140}, frame = {255, 255, 255};

/* ---- places ---- */

typedef struct {
    int n, columns, rows; // n clips, as many in each row but perhaps the last
} grid;

/* As few rows as can be, and no more columns than they need. n_clips > 0. */
static grid grid_of(int64_t n_clips)
{
    int most = MOST_COLUMNS * MOST_ROWS, n = n_clips < most ? (int)n_clips : most;
    int rows = (n + MOST_COLUMNS - 1) / MOST_COLUMNS;
    return (grid){.n = n, .columns = (n + rows - 1) / rows, .rows = rows};
}

/* ---- text in lines ---- */

/* Letters of the next line, broken at a space; text is ASCII. */
static size_t line_of(const char *text)
{
    size_t length = strlen(text);
    if (length <= LINE_LETTERS) return length;
    size_t at = LINE_LETTERS;
    while (at > 0 && text[at] != ' ') at--;
    return at > 0 ? at : LINE_LETTERS;
}

/* Draws at most n lines; returns the place of the line behind them. */
static int draw_lines(ask_image *sheet, int x, int y, const char *text, int n,
                      ask_color color)
{
    for (; n > 0 && *text; n--, y += LINE_PX) {
        char line[LINE_LETTERS + 1] = {0};
        size_t length = line_of(text);
        memcpy(line, text, length);
        ask_draw_text(sheet, x, y, line, 1, color);
        text += length + strspn(text + length, " ");
    }
    return y;
}

/* ---- a clip ---- */

static bool keep_frame(void *user, const ask_video_frame *got, ask_error *err)
{
    return ask_resize(user, got->image, PICTURE_PX, PICTURE_PX, ASK_RESIZE_NEAREST, err);
}

static bool read_picture(ask_image *out, const char *path, int frame_index, ask_error *err)
{
    ask_video *video = ask_video_open(path, NULL, err);
    double t_s = (frame_index + 0.5) / ASK_WORLD_FPS;
    bool ok = video && ask_video_frames_at(video, &t_s, 1, NULL, keep_frame, out, err);
    ask_video_close(video);
    return ok;
}

static void put_picture(ask_image *sheet, int x, int y, const ask_image *picture)
{
    for (int row = 0; row < picture->height; row++) {
        size_t from = (size_t)row * (size_t)picture->width * 3;
        size_t to = ((size_t)(y + row) * (size_t)sheet->width + (size_t)x) * 3;
        memcpy(sheet->pixels + to, picture->pixels + from, (size_t)picture->width * 3);
    }
}

static void draw_boxes(ask_image *sheet, int x, int y, const ask_world_clip *c,
                       const ask_scene_view *v)
{
    for (int i = 0; i < c->scene.n_toys; i++) {
        const ask_toy_view *t = &v->toys[i];
        ask_draw_box(sheet, x + ZOOM * t->x0, y + ZOOM * t->y0, ZOOM * (t->x1 - t->x0),
                     ZOOM * (t->y1 - t->y0), 1, frame);
    }
}

/* One of the clip's questions, another one in each clip, with its answer. */
static void draw_question(ask_image *sheet, int x, int y, const ask_world_clip *c)
{
    if (c->n_questions == 0) return;
    const ask_world_question *q = &c->questions[c->scene.index % c->n_questions];
    y = draw_lines(sheet, x, y, q->text, QUESTION_LINES - 1, ink);
    draw_lines(sheet, x, y, q->options[q->answer].text, 1, right);
}

static void draw_clip(ask_image *sheet, int x, int y, const ask_world_clip *c,
                      const ask_image *picture)
{
    int t = c->scene.n_frames / 2;
    put_picture(sheet, x, y, picture);
    draw_boxes(sheet, x, y, c, &c->views[t]);
    y += PICTURE_PX;
    char head[LINE_LETTERS + 1];
    ask_format(head, sizeof head, "%06lld  frame %d of %d", (long long)c->scene.index, t,
               c->scene.n_frames);
    draw_lines(sheet, x, y, head, 1, dim);
    draw_lines(sheet, x, y + LINE_PX, c->captions.clip, CAPTION_LINES, ink);
    draw_question(sheet, x, y + (TEXT_LINES - QUESTION_LINES) * LINE_PX, c);
}

static bool add_clip(ask_image *sheet, grid g, const char *dir, const ask_world_info *info,
                     int index, ask_error *err)
{
    char *video = ask_world_video_path(dir, index, err);
    ask_world_clip clip = {0};
    ask_image picture = {0};
    bool ok = video && ask_world_read_clip(&clip, dir, info, index, err) &&
              read_picture(&picture, video, clip.scene.n_frames / 2, err);
    if (ok)
        draw_clip(sheet, GAP_PX + index % g.columns * TILE_WIDTH,
                  GAP_PX + index / g.columns * TILE_HEIGHT, &clip, &picture);
    ask_image_free(&picture);
    ask_world_clip_free(&clip);
    free(video);
    return ok;
}

bool ask_world_contact_sheet(const char *path, const char *dir, ask_error *err)
{
    ask_world_info info;
    ask_image sheet;
    if (!ask_world_open(&info, dir, err)) return false;
    if (info.n_ready == 0)
        return ask_fail(err, ASK_ERR_USAGE, "%s holds no clips: make some", dir);
    grid g = grid_of(info.n_ready);
    if (!ask_image_new(&sheet, GAP_PX + g.columns * TILE_WIDTH,
                       GAP_PX + g.rows * TILE_HEIGHT, 3, err))
        return false;
    bool ok = true;
    for (int i = 0; i < g.n && ok; i++) ok = add_clip(&sheet, g, dir, &info, i, err);
    ok = ok && ask_image_write_png(&sheet, path, err);
    ask_image_free(&sheet);
    return ok;
}
