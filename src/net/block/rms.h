/* net/block/rms.h - an RMS norm with its parameter.
 * After: Zhang & Sennrich 2019, "Root Mean Square Layer Normalization". */
#ifndef ASK_NET_BLOCK_RMS_H
#define ASK_NET_BLOCK_RMS_H

#include "net/params.h"
#include "tensor/ops.h"

typedef struct {
    ask_tensor *w; // [C]
    double eps;
} ask_rms;

/* "<name>.weight", begins with 1. */
ASK_API void ask_rms_bind(ask_rms *out, ask_params *p, const char *name, int64_t n,
                          double eps);
/* x: [..., C] -> [..., C] */
ASK_API ask_tensor *ask_rms_build(ask_graph *g, const ask_rms *n, ask_tensor *x);

#endif
