/* model/blip2_priv.h - what the rows of BLIP-2 and of its retrieval have in common: how
 * they see. */
#ifndef ASK_MODEL_BLIP2_PRIV_H
#define ASK_MODEL_BLIP2_PRIV_H

#include "model/network_priv.h"
#include "net/joint/blip2.h"

/* Size i of what sees; false past the last. */
bool blip2_size_at(const ask_blip2_sight_config *c, size_t i, ask_model_size *out);
enum { BLIP2_N_SIZES = 11 };

/* pixel_values: [B, 3, side, side]; of a video [B, F, 3, side, side]. Fails:
 * ASK_ERR_MODEL. */
bool blip2_check_pixels(const ask_blip2_sight_config *c, const network_value *v, bool video,
                        ask_error *err);

#endif
