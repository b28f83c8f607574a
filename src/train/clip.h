/* train/clip.h - train a dual encoder of frames and texts on the playroom.
 *
 * OUT becomes a model folder at once, and its weights are those of the last checkpoint;
 * what else a training needs lies beside them:
 *
 *     OUT/config.json, model.safetensors, preprocessor_config.json, tokenizer files
 *     OUT/checkpoint.safetensors   parameters and moments (train/checkpoint.h)
 *     OUT/log.jsonl                (train/loop.h) */
#ifndef ASK_TRAIN_CLIP_H
#define ASK_TRAIN_CLIP_H

#include "base/log.h"
#include "train/loop.h"

typedef struct {
    size_t struct_size; // set by ask_train_clip_defaults; lets fields be added later
    const char *data;   // folder of a world; NULL: painted in memory
    const char *config; // config.json, with preprocessor_config.json beside it: weights are
                        // drawn at random
    const char *tokenizer; // folder whose tokenizer files are copied, with config
    const char *init;      // or: model folder to begin with, whose files are copied
    bool neighbours;       // with config: the image tower begins by looking at neighbours
                           // (train/neighbours.h); one that is resumed has begun
    const char *log;       // NULL: OUT/log.jsonl
    const char *stage;
    int64_t n_steps, n_warmup; // n_warmup < 0: a twentieth of the steps, at most 200
    int64_t until; // the last step to make, of a schedule that goes on; 0: all of it
    int64_t save_every, log_every;
    int n_clips, n_frames, n_texts; // of a step
    int n_tokens;                   // most of a text; 0: the network's context
    double rate;                    // 0: that of the stage
    double weight_decay;
    uint64_t seed;
    int n_threads;    // 0: the physical cores that the process may use
    bool resume;      // from OUT's checkpoint: config, tokenizer and init are not needed
    bool allow_drift; // as in ask_checkpoint_options
    const ask_progress *progress;
    const ask_cancel *cancel;
} ask_train_clip_options;

/* Stage "frames", 1000 steps, 8 clips of 6 frames, 128 texts, decay 0.01, seed 1; a line of
 * the log every 10 steps, a checkpoint every 500. */
ASK_API ask_train_clip_options ask_train_clip_defaults(void);

typedef struct {
    ask_train_result run;
    int64_t n_params;
    int64_t n_examples; // frames of a step
    size_t arena_bytes; // planned for activations and gradients
    size_t widest_bytes;
} ask_train_clip_result;

/* Trains into the folder `out`, which must not hold a model yet unless resume is set. opt
 * may not be NULL. Fails: ASK_ERR_USAGE for options that do not fit together, a folder that
 * is taken, an unknown stage; ASK_ERR_MODEL for files of a model; ASK_ERR_LIMIT when
 * numbers ran out of range (naming the tensor); ASK_ERR_CANCELLED after the checkpoint was
 * written; ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API bool ask_train_clip(const char *out, const ask_train_clip_options *opt,
                            ask_train_clip_result *result, ask_error *err);

#endif
