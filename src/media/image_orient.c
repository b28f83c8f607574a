#include "media/image_orient_priv.h"

#include <string.h>

/* Where a pixel of the result comes from, as steps through the stored pixels. */
typedef struct {
    ptrdiff_t first;    // the one that becomes the top left
    ptrdiff_t right;    // to the next in a row of the result
    ptrdiff_t down;     // to the next in a column of the result
    bool sides_swapped; // the result's width is the stored height
} walk;

static walk walk_of(const ask_image *in, ask_orientation orientation)
{
    ptrdiff_t w = in->width, last_row = (ptrdiff_t)(in->height - 1) * w;
    switch (orientation) {
    case ASK_UPRIGHT:
        break;
    case ASK_FLIP_X:
        return (walk){.first = w - 1, .right = -1, .down = w};
    case ASK_TURN_180:
        return (walk){.first = last_row + w - 1, .right = -1, .down = -w};
    case ASK_FLIP_Y:
        return (walk){.first = last_row, .right = 1, .down = -w};
    case ASK_TRANSPOSE:
        return (walk){.first = 0, .right = w, .down = 1, .sides_swapped = true};
    case ASK_TURN_90:
        return (walk){.first = last_row, .right = -w, .down = 1, .sides_swapped = true};
    case ASK_TRANSVERSE:
        return (walk){
            .first = last_row + w - 1, .right = -w, .down = -1, .sides_swapped = true};
    case ASK_TURN_270:
        return (walk){.first = w - 1, .right = w, .down = -1, .sides_swapped = true};
    }
    return (walk){.first = 0, .right = 1, .down = w};
}

bool ask_image_orient(ask_image *out, const ask_image *in, ask_orientation orientation,
                      ask_error *err)
{
    walk step = walk_of(in, orientation);
    ask_image turned;
    int width = step.sides_swapped ? in->height : in->width;
    int height = step.sides_swapped ? in->width : in->height;
    if (!ask_image_new(&turned, width, height, in->channels, err)) return false;
    size_t n = (size_t)in->channels;
    uint8_t *to = turned.pixels;
    for (int y = 0; y < height; y++) {
        ptrdiff_t from = step.first + y * step.down;
        for (int x = 0; x < width; x++, from += step.right, to += n)
            for (size_t c = 0; c < n; c++) to[c] = in->pixels[(size_t)from * n + c];
    }
    if (out == in) ask_image_free(out);
    *out = turned;
    return true;
}
