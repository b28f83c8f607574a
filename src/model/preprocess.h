/* model/preprocess.h - pictures to the numbers that a vision tower takes, as the
 * preprocessor_config.json of a checkpoint says: resized, the middle cut out, scaled,
 * normalised.
 *
 *     ask_preprocess p;
 *     const char *path = "clip/preprocessor_config.json";
 *     if (!ask_preprocess_read(&p, path, ASK_PROCESSOR_CLIP, err)) ...
 *     int width, height;
 *     if (!ask_preprocess_size(&width, &height, &p, image, err)) ...
 *     float *pixels = malloc(...);                           // [3, height, width]
 *     if (!ask_preprocess_apply(pixels, &p, image, err)) ...
 *
 * The numbers are those of the image processors of Hugging Face's transformers 4.45 that
 * work through Pillow, bit for bit. Files of their "Fast" twins are read too, and computed
 * in the same way. */
#ifndef ASK_MODEL_PREPROCESS_H
#define ASK_MODEL_PREPROCESS_H

#include "media/resize.h"
#include "model/views.h"

/* The image processors that exist. Each has its own defaults for what a file does not say.
 */
typedef enum {
    ASK_PROCESSOR_CLIP,   // the shorter side to 224 px, the middle 224 x 224 of it; bicubic
    ASK_PROCESSOR_BIT,    // the same; DINOv2 uses it
    ASK_PROCESSOR_SIGLIP, // 224 x 224 whatever the shape was, bicubic
    ASK_PROCESSOR_VIT,    // the same, bilinear
    ASK_PROCESSOR_BLIP,   // 384 x 384 whatever the shape was, bicubic
} ask_processor;

typedef enum {
    ASK_FIT_NONE,    // not resized
    ASK_FIT_EXACT,   // to width_px x height_px
    ASK_FIT_SHORTER, // the shorter side to shorter_px, the shape stays
} ask_fit;

/* What is done to a picture, in this order. A plain value. */
typedef struct {
    ask_fit fit;
    int width_px, height_px; // of ASK_FIT_EXACT
    int shorter_px;          // of ASK_FIT_SHORTER
    ask_resize_filter filter;
    int crop_width_px,
        crop_height_px;    // the middle; black where the picture ends; 0: all of it
    double scale;          // what a sample of 0..255 is multiplied with
    float mean[3], std[3]; // then (x - mean) / std, for red, green, blue
    ask_views views;       // which pictures make one input; ours: no other program has it
} ask_preprocess;

enum { ASK_PREPROCESS_MOST_PX = 4096 }; // longest side that a file may ask for

/* The processor's defaults, for pictures of side_px; 0: its own size. This is what holds
 * for a checkpoint without a file. */
ASK_API ask_preprocess ask_preprocess_defaults(ask_processor processor, int side_px);

/* Reads a file, or its text; name stands in front of messages. `processor` holds for a file
 * that does not name its own, as old ones do not. Fails: ASK_ERR_MODEL for what is missing,
 * malformed, absurd, or a processor that does not exist here; ASK_ERR_NOMEM. */
ASK_API bool ask_preprocess_read(ask_preprocess *out, const char *path,
                                 ask_processor processor, ask_error *err);
ASK_API bool ask_preprocess_parse(ask_preprocess *out, const char *text, size_t bytes,
                                  const char *name, ask_processor processor,
                                  ask_error *err);

/* The sides of what a picture becomes; they depend on the picture only where nothing is
 * cropped. Fails with ASK_ERR_LIMIT for a picture so long that it cannot be resized. */
ASK_API bool ask_preprocess_size(int *width, int *height, const ask_preprocess *p,
                                 const ask_image *image, ask_error *err);

/* The part of a picture of width_px x height_px that is left after cropping: its upper left
 * corner and its size, in widths and heights of the picture. Beyond it where black is
 * added.
 */
ASK_API void ask_preprocess_seen(double *x, double *y, double *width, double *height,
                                 const ask_preprocess *p, int width_px, int height_px);

/* out: [3, height, width] of ask_preprocess_size, owned by the caller. Grey is taken as
 * three equal channels; alpha is dropped. Fails, with *out untouched, as
 * ask_preprocess_size does, or with ASK_ERR_NOMEM. */
ASK_API bool ask_preprocess_apply(float *out, const ask_preprocess *p,
                                  const ask_image *image, ask_error *err);

#endif
