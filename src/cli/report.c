#include "cli/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/draw.h"
#include "media/resize.h"
#include "record/report.h"

enum {
    MOST_MOMENTS = 24, // that are shown
    N_CONTEXT = 6,     // frames spread over the video
    MOST_PICTURES = MOST_MOMENTS + N_CONTEXT,
    PICTURE_HEIGHT_PX = 240,
};

static const double HEAT_OPACITY = 0.75;

/* The frames that are shown, in time order, and what was made of them so far. */
typedef struct {
    const ask_record *record;
    double t_s[MOST_PICTURES];
    ask_report_picture items[MOST_PICTURES];
    uint8_t *png[MOST_PICTURES], *heat[MOST_PICTURES]; // owned
    int n;
} pictures;

static bool is_best(const ask_record *r, double t_s)
{
    for (size_t k = 0; k < r->n_moments && k < MOST_MOMENTS; k++) {
        if (r->moments[k].best_s == t_s) return true;
    }
    return false;
}

/* Whether the frame is one of those spread over the video, and shows something new. */
static bool is_context(const ask_record *r, size_t i)
{
    if (r->frames[i].duplicate_of.known) return false;
    for (size_t k = 0; k < N_CONTEXT; k++) {
        if (i == r->n_frames * (2 * k + 1) / (2 * N_CONTEXT)) return true;
    }
    return false;
}

/* A language model was shown few enough frames to look at each: attention has a column of
 * its own for all of them. */
static bool all_fit(const ask_record *r)
{
    return ask_record_in_words(r) && r->n_frames <= MOST_PICTURES;
}

static void choose(pictures *p, const ask_record *r)
{
    bool all = all_fit(r);
    for (size_t i = 0; i < r->n_frames && p->n < MOST_PICTURES; i++) {
        bool picked = r->answer && r->frames[i].role != ASK_ROLE_ANCHOR;
        if (!all && !picked && !is_best(r, r->frames[i].t_s) && !is_context(r, i)) continue;
        p->items[p->n].frame = i;
        p->t_s[p->n++] = r->frames[i].t_s;
    }
}

/* A picture no higher than it is shown. */
static bool shrink(ask_image *out, const ask_image *image, ask_error *err)
{
    if (image->height <= PICTURE_HEIGHT_PX) return ask_image_copy(out, image, err);
    int64_t width = (int64_t)image->width * PICTURE_HEIGHT_PX / image->height;
    return ask_resize(out, image, width < 1 ? 1 : (int)width, PICTURE_HEIGHT_PX,
                      ASK_RESIZE_LANCZOS, err);
}

/* ---- heat ---- */

static const ask_record_map *map_of(const ask_record *r, size_t frame)
{
    for (size_t i = 0; i < r->n_saliency; i++)
        if ((size_t)r->saliency[i].frame == frame) return &r->saliency[i];
    return NULL;
}

/* The part [x0, x1) x [y0, y1) of a picture, copied into another of that size, or back. */
static void copy_part(ask_image *part, ask_image *whole, int x0, int y0, bool back)
{
    size_t row_bytes = (size_t)part->width * 3;
    for (int y = 0; y < part->height; y++) {
        uint8_t *inner = part->pixels + (size_t)y * row_bytes;
        uint8_t *outer =
            whole->pixels + ((size_t)(y0 + y) * (size_t)whole->width + (size_t)x0) * 3;
        memcpy(back ? outer : inner, back ? inner : outer, row_bytes);
    }
}

static int clamp(double value, int most)
{
    return value < 0 ? 0 : value > most ? most : (int)lround(value);
}

/* Draws the map over the part of the picture that it covers. */
static bool draw_map(ask_image *image, const ask_record_map *m, ask_error *err)
{
    int x0 = clamp(m->x * image->width, image->width - 1);
    int y0 = clamp(m->y * image->height, image->height - 1);
    int x1 = clamp((m->x + m->width) * image->width, image->width);
    int y1 = clamp((m->y + m->height) * image->height, image->height);
    ask_image part = {0};
    float *heat = malloc(m->values.n * sizeof *heat);
    bool ok = heat || ask_fail_memory(err);
    ok = ok && ask_image_new(&part, x1 > x0 ? x1 - x0 : 1, y1 > y0 ? y1 - y0 : 1, 3, err);
    if (ok) {
        for (size_t i = 0; i < m->values.n; i++) heat[i] = (float)m->values.items[i];
        copy_part(&part, image, x0, y0, false);
        ask_draw_heat(&part, heat, (int)m->rows, (int)m->cols, ASK_MAP_INFERNO,
                      HEAT_OPACITY);
        copy_part(&part, image, x0, y0, true);
    }
    free(heat);
    ask_image_free(&part);
    return ok;
}

/* The picture once more with heat over it, where the record has a map of it. */
static bool add_heat(pictures *p, int i, ask_image *image, ask_error *err)
{
    ask_report_picture *item = &p->items[i];
    const ask_record_map *m = map_of(p->record, item->frame);
    if (!m) return true;
    if (!draw_map(image, m, err) ||
        !ask_image_png(image, &p->heat[i], &item->n_heat_bytes, err))
        return false;
    item->heat = p->heat[i];
    return true;
}

/* ---- pictures ---- */

/* An ask_frame_fn. */
static bool take(void *user, const ask_video_frame *frame, ask_error *err)
{
    pictures *p = user;
    ask_report_picture *item = &p->items[frame->request];
    ask_image small = {0};
    bool ok = shrink(&small, frame->image, err) &&
              ask_image_png(&small, &p->png[frame->request], &item->n_bytes, err);
    if (ok) {
        item->png = p->png[frame->request];
        item->width = small.width;
        item->height = small.height;
        ok = add_heat(p, frame->request, &small, err);
    }
    ask_image_free(&small);
    return ok;
}

bool cli_report(ask_str *out, const ask_record *r, ask_video *v, ask_error *err)
{
    pictures p = {.record = r};
    choose(&p, r);
    bool ok = (p.n == 0 || ask_video_frames_at(v, p.t_s, p.n, NULL, take, &p, err)) &&
              ask_report_html(out, r, p.items, (size_t)p.n, err);
    for (int i = 0; i < p.n; i++) {
        free(p.png[i]);
        free(p.heat[i]);
    }
    return ok;
}
