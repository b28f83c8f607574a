/* base/rle.h - masks as run lengths, as in COCO data sets.
 *
 * The pixels of an image are taken column by column, from the top down; the runs tell how
 * many are outside the mask, then how many are inside, and so on. The first run (outside)
 * may be 0, and so may others in masks from elsewhere; the runs add up to height * width,
 * always.
 *
 * In files a mask is {"size": [height, width], "counts": text}, where the text holds from
 * the fourth run on the difference to the run two before, in groups of five bits, lowest
 * first: 0x20 says that a group follows, 0x10 of the last group is the sign, and 48 is
 * added to make it printable.  After: Lin et al. 2014 (Microsoft COCO), mask tools. */
#ifndef ASK_BASE_RLE_H
#define ASK_BASE_RLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

/* A mask. Made by the functions here only, so that the runs always add up; {0} is none. */
typedef struct {
    int height, width; // pixels
    uint32_t *counts;  // owned; [n_counts]
    size_t n_counts;
} ask_rle;

typedef struct {
    int x, y, width, height; // pixels; all 0 for an empty mask
} ask_rle_box;

/* Leaves *rle {0}; {0} is allowed. */
ASK_API void ask_rle_free(ask_rle *rle);

/* The functions that make a mask write *out only on success; ask_rle_free frees it. Sizes
 * are at least 0 and height * width is below 2^32, else ASK_ERR_LIMIT. All may fail for
 * memory. */

/* From pixels [height, width], row by row; everything but 0 is inside. */
ASK_API bool ask_rle_encode(ask_rle *out, const uint8_t *pixels, int height, int width,
                            ask_error *err);

/* From runs (copied). ASK_ERR_FORMAT when they do not add up to height * width. */
ASK_API bool ask_rle_from_counts(ask_rle *out, const uint32_t *counts, size_t n_counts,
                                 int height, int width, ask_error *err);

/* From the text of a file. ASK_ERR_FORMAT, with the place in the text, when it is malformed
 * or its runs do not add up. */
ASK_API bool ask_rle_from_string(ask_rle *out, const char *text, int height, int width,
                                 ask_error *err);

/* Pixels inside a, b, or both. ASK_ERR_SHAPE for masks of different sizes. */
typedef enum { ASK_RLE_UNION, ASK_RLE_INTERSECTION } ask_rle_operation;

ASK_API bool ask_rle_merge(ask_rle *out, const ask_rle *a, const ask_rle *b,
                           ask_rle_operation operation, ask_error *err);

/* To pixels [height, width], row by row: 1 inside, 0 outside. */
ASK_API void ask_rle_decode(uint8_t *pixels, const ask_rle *rle);

/* The text for a file; the caller frees it with free(). NULL and ASK_ERR_NOMEM without
 * memory. */
ASK_API char *ask_rle_to_string(const ask_rle *rle, ask_error *err);

/* Pixels inside. */
ASK_API uint64_t ask_rle_area(const ask_rle *rle);

/* The smallest box around the mask. */
ASK_API ask_rle_box ask_rle_bounds(const ask_rle *rle);

/* Intersection over union, in [0, 1]; 0 when both masks are empty. For a crowd b, as COCO
 * counts, the area of a stands in place of the union. ASK_ERR_SHAPE for different sizes. */
ASK_API bool ask_rle_iou(double *out, const ask_rle *a, const ask_rle *b, bool b_is_crowd,
                         ask_error *err);

#endif
