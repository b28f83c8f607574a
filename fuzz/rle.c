/* Mask texts: two bytes of height and width, then the text. */
#include <stdlib.h>
#include <string.h>

#include "base/rle.h"

static void check(bool condition)
{
    if (!condition) abort();
}

/* Text and pixels of a mask lead back to the same mask. */
static void go_around(const ask_rle *rle)
{
    ask_error err;
    char *text = ask_rle_to_string(rle, &err);
    ask_rle again;
    check(text && ask_rle_from_string(&again, text, rle->height, rle->width, &err));
    check(again.n_counts == rle->n_counts || rle->n_counts == 0);
    check(memcmp(again.counts, rle->counts, rle->n_counts * sizeof *rle->counts) == 0);

    size_t n_pixels = (size_t)rle->height * (size_t)rle->width;
    uint8_t *pixels = malloc(n_pixels + 1);
    ask_rle_decode(pixels, rle);
    ask_rle encoded;
    check(ask_rle_encode(&encoded, pixels, rle->height, rle->width, &err));
    uint64_t area = 0;
    for (size_t i = 0; i < n_pixels; i++) area += pixels[i];
    check(ask_rle_area(rle) == area && ask_rle_area(&encoded) == area);

    ask_rle both;
    check(ask_rle_merge(&both, rle, &again, ASK_RLE_INTERSECTION, &err));
    check(both.n_counts == encoded.n_counts);
    double iou;
    check(ask_rle_iou(&iou, rle, &encoded, false, &err));
    check(iou == (area > 0 ? 1 : 0));
    ask_rle_box box = ask_rle_bounds(rle);
    check(box.x >= 0 && box.y >= 0 && box.x + box.width <= rle->width &&
          box.y + box.height <= rle->height);

    free(pixels);
    free(text);
    ask_rle_free(&both);
    ask_rle_free(&encoded);
    ask_rle_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    char *text = malloc(size - 1);
    memcpy(text, data + 2, size - 2);
    text[size - 2] = '\0';
    ask_rle rle;
    ask_error err;
    if (ask_rle_from_string(&rle, text, data[0], data[1], &err)) {
        go_around(&rle);
        ask_rle_free(&rle);
    }
    free(text);
    return 0;
}
