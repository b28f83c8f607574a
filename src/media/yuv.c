#include "media/yuv_priv.h"

enum { BITS = 16 };

/* After: ITU-R BT.601 and BT.709; the JPEG File Interchange Format. */
const ask_yuv_matrix ask_yuv_bt601 = {
    {{16829, 33039, 6416}, {-9714, -19070, 28784}, {28784, -24103, -4681}}, 16};
const ask_yuv_matrix ask_yuv_bt709 = {
    {{11966, 40254, 4064}, {-6596, -22188, 28784}, {28784, -26145, -2639}}, 16};
const ask_yuv_matrix ask_yuv_jpeg = {
    {{19595, 38470, 7471}, {-11058, -21710, 32768}, {32768, -27439, -5329}}, 0};

static int weigh(const int of[3], int r, int g, int b)
{
    return of[0] * r + of[1] * g + of[2] * b;
}

static uint8_t clamp(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* A pixel; beyond the picture, the last of its row or column. */
static const uint8_t *pixel(const ask_image *image, int x, int y)
{
    if (x >= image->width) x = image->width - 1;
    if (y >= image->height) y = image->height - 1;
    return image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
}

/* Four pixels: one brightness each, and colour differences of their mean. */
static void paint_block(AVFrame *to, const ask_yuv_matrix *m, const ask_image *from, int x,
                        int y)
{
    enum { HALF = 1 << (BITS - 1), NEUTRAL = 128 };
    int sum[3] = {0};
    for (int i = 0; i < 4; i++) {
        int at_x = x + (i & 1), at_y = y + (i >> 1);
        const uint8_t *rgb = pixel(from, at_x, at_y);
        for (int c = 0; c < 3; c++) sum[c] += rgb[c];
        int luma = weigh(m->of[0], rgb[0], rgb[1], rgb[2]) + (m->dark << BITS) + HALF;
        to->data[0][at_y * to->linesize[0] + at_x] = clamp(luma >> BITS);
    }
    for (int c = 1; c < 3; c++) {
        int chroma = weigh(m->of[c], sum[0], sum[1], sum[2]) +
                     4 * ((NEUTRAL << BITS) + HALF); // the sum of four
        to->data[c][y / 2 * to->linesize[c] + x / 2] = clamp(chroma >> (BITS + 2));
    }
}

void ask_yuv_paint(AVFrame *to, const ask_yuv_matrix *m, const ask_image *from)
{
    for (int y = 0; y < to->height; y += 2)
        for (int x = 0; x < to->width; x += 2) paint_block(to, m, from, x, y);
}
