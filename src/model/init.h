/* model/init.h - a checkpoint to begin with: random weights for a config.json. */
#ifndef ASK_MODEL_INIT_H
#define ASK_MODEL_INIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "tensor/dtype.h"

typedef struct {
    size_t struct_size;
    uint64_t seed;
    const char *network;    // as in ask_model_options
    const char *tokenizer;  // folder whose tokenizer files are copied in; NULL: none
    const char *preprocess; // file that is copied in; NULL: one with the network's defaults
    /* Writes model.safetensors, at the path in dir that it is given, before the files
     * beside it; what it wrote is removed on failure. Seed and progress are then not used.
     * NULL: weights are drawn. */
    bool (*write_weights)(void *user, const char *path, ask_error *err);
    void *user;
    const ask_cancel *cancel;
    const ask_progress *progress; // bytes
    /* ASK_Q8 or ASK_Q4: matrices of products and look-ups have so few bits; ASK_F32. */
    ask_dtype matrices;
} ask_model_init_options;

/* Makes the folder `dir` (which must not hold a model yet) with config.json (a copy),
 * model.safetensors drawn as the network's authors begin, preprocessor_config.json, and the
 * tokenizer files. The same seed gives the same bytes. Memory
 * does not grow with the tensors. On failure nothing that was written is left; folders
 * above it that had to be made stay.
 * Fails: ASK_ERR_USAGE when dir holds a model already, and for other types of matrices;
 * ASK_ERR_MODEL for the config or the tokenizer; ASK_ERR_LIMIT when the weights are larger
 * than the free space there; ASK_ERR_IO, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_model_init(const char *dir, const char *config_path,
                            const ask_model_init_options *opt, ask_error *err);
#endif
