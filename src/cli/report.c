#include "cli/report.h"

#include <stdlib.h>

#include "media/resize.h"
#include "record/report.h"

enum {
    MOST_MOMENTS = 24, // that are shown
    N_CONTEXT = 6,     // frames spread over the video
    MOST_PICTURES = MOST_MOMENTS + N_CONTEXT,
    PICTURE_HEIGHT_PX = 240,
};

/* The frames that are shown, in time order, and what was made of them so far. */
typedef struct {
    double t_s[MOST_PICTURES];
    ask_report_picture items[MOST_PICTURES];
    uint8_t *png[MOST_PICTURES]; // owned
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

static void choose(pictures *p, const ask_record *r)
{
    for (size_t i = 0; i < r->n_frames && p->n < MOST_PICTURES; i++) {
        if (!is_best(r, r->frames[i].t_s) && !is_context(r, i)) continue;
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
    }
    ask_image_free(&small);
    return ok;
}

bool cli_report(ask_str *out, const ask_record *r, ask_video *v, ask_error *err)
{
    pictures p = {0};
    choose(&p, r);
    bool ok = (p.n == 0 || ask_video_frames_at(v, p.t_s, p.n, NULL, take, &p, err)) &&
              ask_report_html(out, r, p.items, (size_t)p.n, err);
    for (int i = 0; i < p.n; i++) free(p.png[i]);
    return ok;
}
