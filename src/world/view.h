/* world/view.h - a frame of a scene as it is seen: its picture, and what of each toy is
 * visible. */
#ifndef ASK_WORLD_VIEW_H
#define ASK_WORLD_VIEW_H

#include "media/image.h"
#include "world/scene.h"

typedef struct {
    int n_px;      // pixels that show it: covered by half or more, and not hidden
    int n_full_px; // that it would have, unhidden and on an endless picture; 0: not there
    int x0, y0, x1,
        y1; // box of what shows it, [x0, x1) x [y0, y1); all 0 when nothing does
} ask_toy_view;

typedef struct {
    int frame;
    ask_toy_view toys[ASK_SCENE_MAX_TOYS];
    // toy + 1 of each pixel; 0: background
    uint8_t ids[ASK_WORLD_SIDE_PX * ASK_WORLD_SIDE_PX];
} ask_scene_view;

/* Keeps pictures of toys and the background between frames: about 9 MB. One thread at a
 * time; what it paints does not depend on what it has painted before. */
typedef struct ask_painter ask_painter;

/* NULL and ASK_ERR_NOMEM without memory. */
ASK_API ask_painter *ask_painter_new(ask_error *err);
ASK_API void ask_painter_free(ask_painter *p); // NULL is fine

/* image (RGB, 128 x 128, allocated by the caller) or view may be NULL. Cannot fail. */
ASK_API void ask_paint(ask_painter *p, const ask_scene *s, int frame, ask_image *image,
                       ask_scene_view *view);

/* Where a toy is in a view: an ask_corner; -1 when nothing of it is seen or the middle of
 * its box is within 6 px of a midline. */
ASK_API int ask_view_place(const ask_scene_view *v, int toy);

#endif
