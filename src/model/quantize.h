/* model/quantize.h - a model with its matrices in few bits.
 *
 * Of few bits become the matrices that the network reads as such (net/params.h): the
 * weights of linear layers, of vision towers too, tables of tokens, and heads. What is
 * added to them, scales, convolutions and tables of positions stay as they are. */
#ifndef ASK_MODEL_QUANTIZE_H
#define ASK_MODEL_QUANTIZE_H

#include "weights/quantize.h"

typedef struct {
    size_t struct_size;
    ask_dtype type;      // ASK_Q8 or ASK_Q4
    const char *network; // as in ask_model_options
    int n_threads;       // 0: the physical cores that the process may use
    const ask_cancel *cancel;
    const ask_progress *progress; // bytes of the source
} ask_model_quantize_options;

ASK_API ask_model_quantize_options ask_model_quantize_defaults(void); // ASK_Q8

/* Makes the folder `dir`, which must not be there or be empty, of the model in the folder
 * `from`: its weights in one model.safetensors, and copies of the files beside them that
 * are not weights: *.json, *.txt, *.model, *.jinja, *.md, and its licence. They are written
 * into a hidden folder beside it, of a name that nothing else has, which takes its place
 * when all is there, and is removed on failure; folders above it that had to be made stay.
 * Memory does not grow with the model. Fails: ASK_ERR_USAGE for a folder that holds
 * something or has no name of its own
 * ("", "/", "." and ".."), and for an unknown type or network; ASK_ERR_MODEL for a model
 * that cannot be read, has few bits already, or holds numbers that are not finite;
 * ASK_ERR_LIMIT when the new one is larger than the free space there; ASK_ERR_IO,
 * ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_model_quantize(ask_weights_quantized *out, const char *dir,
                                const char *from, const ask_model_quantize_options *opt,
                                ask_error *err);

#endif
