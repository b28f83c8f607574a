/* train/keeper.h - the checkpoints of a training as folders, and the model that comes of
 * it.
 *
 *     DIR/checkpoint-<step>/model.safetensors      parameters of the network
 *                           optimizer.safetensors  moments, and parameters of the loss
 *                           trainer_state.json     steps, losses, measures: keys of Hugging
 *                                                  Face's trainer; and ours under "askance"
 *                           config.json, ...       what makes a model of it
 *     DIR/model.safetensors, config.json, ...      at the end: the best, or the last
 *
 * A checkpoint is a model folder like any other. It is written under another name, put on
 * the disk, and then renamed: so one that is there is whole, whatever ended the process or
 * filled the disk. The state tells size and XXH64 of each file, and a reader checks them.
 * What the next step needs is all in it: whatever a task draws at random is a function of
 * its seed and the batch. */
#ifndef ASK_TRAIN_KEEPER_H
#define ASK_TRAIN_KEEPER_H

#include "base/log.h"
#include "train/checkpoint.h"

typedef struct {
    size_t struct_size;
    const char *dir; // is made if it is missing
    /* Writes what makes a model of model.safetensors into a folder: config.json, tokenizer
     * files. May be NULL. */
    bool (*write_files)(void *user, const char *dir, ask_error *err);
    void *user;
    int most;         // checkpoints that are kept (save_total_limit); 0: all. The best and
                      // the last one are never removed
    bool best_at_end; // DIR becomes the best model, not the last (load_best_model_at_end)
    const ask_logger *log; // told of checkpoints that are passed over; may be NULL
} ask_keeper_options;

/* The folder of the last checkpoint in dir that is whole: every file is there and as it was
 * written. Freed by the caller. Those that are not are told to log. Fails: ASK_ERR_MODEL
 * when there is none, ASK_ERR_IO, ASK_ERR_NOMEM. */
ASK_API char *ask_keeper_last(const char *dir, const ask_logger *log, ask_error *err);

/* Whether a file is as a checkpoint's state has it, for all of them. Fails with
 * ASK_ERR_MODEL, naming the file. */
ASK_API bool ask_keeper_check(const char *checkpoint, ask_error *err);

#endif
