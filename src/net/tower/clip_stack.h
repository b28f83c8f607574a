/* net/tower/clip_stack.h - what the configurations of CLIP's two towers have in common. */
#ifndef ASK_NET_TOWER_CLIP_STACK_H
#define ASK_NET_TOWER_CLIP_STACK_H

#include "net/block/layer.h"

/* Sizes where config.json has none. */
typedef struct {
    int width, inner, n_heads;
} ask_clip_stack_defaults;

/* v: "text_config" or "vision_config". *factor: what deviations are multiplied with.
 * Fails: ASK_ERR_MODEL. */
ASK_API bool ask_clip_stack_config_read(ask_stack_config *out, double *factor,
                                        ask_json_value v,
                                        const ask_clip_stack_defaults *defaults,
                                        ask_error *err);

#endif
