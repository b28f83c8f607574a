/* media/yuv_priv.h - pictures as brightness and colour differences, for encoders. */
#ifndef ASK_MEDIA_YUV_PRIV_H
#define ASK_MEDIA_YUV_PRIV_H

#include <libavutil/frame.h>

#include "media/image.h"

/* Brightness and colour differences of R, G and B, in 16 fraction bits: rows Y, Cb, Cr; and
 * the brightness of black. */
typedef struct {
    int of[3][3];
    int dark;
} ask_yuv_matrix;

extern const ask_yuv_matrix ask_yuv_bt601; // 219 and 224 steps, as in videos
extern const ask_yuv_matrix ask_yuv_bt709; // the same, of high definition
extern const ask_yuv_matrix ask_yuv_jpeg;  // BT.601 with all 256 steps

/* Fills a frame of three planes, the colours halved in both directions, from an RGB image
 * of its size. */
void ask_yuv_paint(AVFrame *to, const ask_yuv_matrix *m, const ask_image *from);

#endif
