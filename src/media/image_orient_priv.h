/* media/image_orient_priv.h - pictures that were stored lying or mirrored, put upright. */
#ifndef ASK_MEDIA_IMAGE_ORIENT_PRIV_H
#define ASK_MEDIA_IMAGE_ORIENT_PRIV_H

#include "media/image.h"

/* What has to be done to the stored picture; the numbers are those of EXIF. */
typedef enum {
    ASK_UPRIGHT = 1,
    ASK_FLIP_X = 2, // left for right
    ASK_TURN_180 = 3,
    ASK_FLIP_Y = 4,     // top for bottom
    ASK_TRANSPOSE = 5,  // along the diagonal from the top left
    ASK_TURN_90 = 6,    // clockwise
    ASK_TRANSVERSE = 7, // along the other diagonal
    ASK_TURN_270 = 8,   // clockwise
} ask_orientation;

/* out may be `in`, whose pixels are then replaced; else `in` is untouched. */
bool ask_image_orient(ask_image *out, const ask_image *in, ask_orientation orientation,
                      ask_error *err);

#endif
