/* model/image_outputs.h - what an image tower can give of a picture.
 *
 * Searching wants unit vectors (ask_embed_images, ask_embed_pixels of model/model.h).
 * Networks that were trained on the features of another one want them as that one's
 * authors stored them. */
#ifndef ASK_MODEL_IMAGE_OUTPUTS_H
#define ASK_MODEL_IMAGE_OUTPUTS_H

#include "model/model.h"

typedef enum {
    ASK_IMAGE_VECTORS,      // [n_vectors, n_embed], unit length
    ASK_IMAGE_FEATURES,     // [1, n_embed]: the whole, not normalised
    ASK_IMAGE_PATCH_STATES, // [heat_side^2, C]: what of each patch goes into the last
                            // layer, in reading order; C is the tower's width
} ask_image_output;

/* The shape of what one input gives, for a model with pictures
 * (ask_model_check_pictures). */
ASK_API void ask_image_output_shape(int64_t shape[2], const ask_model *m,
                                    ask_image_output what);

/* out: [n, shape]. pixels: [n, n_channels, image_px, image_px]; an input's bits do not
 * depend on the others. cancel may be NULL. On failure *out is undefined. Fails:
 * ASK_ERR_UNSUPPORTED for a model without pictures, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_image_outputs(ask_session *s, ask_image_output what, float *out,
                               const float *pixels, int n, const ask_cancel *cancel,
                               ask_error *err);

#endif
