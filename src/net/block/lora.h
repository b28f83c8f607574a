/* net/block/lora.h - adapters: what was learned of a linear layer beside its weights, as a
 * product of two narrow matrices.
 *
 *     y + alpha / r B A x
 *
 * After: Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models". */
#ifndef ASK_NET_BLOCK_LORA_H
#define ASK_NET_BLOCK_LORA_H

#include "net/config.h"
#include "net/params.h"
#include "tensor/ops.h"

typedef struct {
    ask_tensor *a, *b; // [r, K], [N, r]; NULL: nothing is added
    double scale;
} ask_lora;

/* adapter_config.json, as PEFT writes it. */
typedef struct {
    int rank;     // r
    double scale; // alpha / r, or alpha / sqrt(r)
} ask_lora_config;

/* Refuses by name what is more than such additions. Fails: ASK_ERR_MODEL. */
ASK_API bool ask_lora_config_read(ask_lora_config *out, ask_json_value v, ask_error *err);

/* "base_model.model.<layer>.lora_A.weight" and "...lora_B.weight" of an adapter, if the
 * checkpoint has them; in the store they are called "<name>.lora_A.weight" and so on. They
 * are constant. The scale is 1 until it is told. Where nothing is read from a checkpoint
 * there is none. */
ASK_API void ask_lora_bind(ask_lora *out, ask_params *p, const char *layer,
                           const char *name, int64_t n_in, int64_t n_out);

/* Scales what was bound. Returns false where its rank is another. */
ASK_API bool ask_lora_scale(ask_lora *l, const ask_lora_config *config);

/* y: [..., N], of x: [..., K] -> [..., N] */
ASK_API ask_tensor *ask_lora_add(ask_graph *g, const ask_lora *l, ask_tensor *y,
                                 ask_tensor *x);

#endif
