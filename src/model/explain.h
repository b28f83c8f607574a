/* model/explain.h - which parts of a picture speak for a text.
 *
 * "gradient-weighted attention": in the last layer of the image tower, tokens look at
 * patches. A patch counts as much as it is looked at, times how much looking at it raises
 * the fit (model/pictures.h); what lowers it counts nothing:
 *
 *     heat = mean over heads of the sum over tokens of max(0, attention * d fit / d
 * attention)
 *
 * Tokens that the fit does not rest on have no gradient: what is left is the token that
 * becomes the vector of the whole, and the patch that fits best where patches count.
 *
 * After: Chefer, Gur & Wolf 2021, "Generic Attention-model Explainability", one layer.
 *
 * "patch fit", of a network without attention, which has a vector for each patch:
 *
 *     heat = max(0, text . patch) */
#ifndef ASK_MODEL_EXPLAIN_H
#define ASK_MODEL_EXPLAIN_H

#include "model/model.h"

/* The method, as it is called above; lives for ever. The model has pictures. */
ASK_API const char *ask_explain_method(const ask_model *m);

/* heat: [n, heat_side, heat_side], not negative, not scaled; owned by the caller. pixels: n
 * inputs as ask_embed_pixels takes them. text: [n_embed], a unit vector. Fails as
 * ask_embed_pixels does; *heat is then undefined. */
ASK_API bool ask_explain_pixels(ask_session *s, float *heat, const float *pixels, int n,
                                const float *text, const ask_cancel *cancel,
                                ask_error *err);

/* The name of the layer that is looked into: "vision.attentions.4"; "vectors": what comes
 * out in the end. */
ASK_API void ask_explain_layer(const ask_model *m, char *name, size_t size);

#endif
