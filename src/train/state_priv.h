/* train/state_priv.h - trainer_state.json: how far a training is, in the keys of Hugging
 * Face's trainer, and what makes its folder trustworthy. */
#ifndef ASK_TRAIN_STATE_PRIV_H
#define ASK_TRAIN_STATE_PRIV_H

#include "train/entry_priv.h"
#include "train/terms_priv.h"

#define TRAIN_STATE_FILE "trainer_state.json"
#define TRAIN_WEIGHTS_FILE "model.safetensors"
#define TRAIN_OPTIMIZER_FILE "optimizer.safetensors"

/* Start with {0}. */
typedef struct {
    int64_t step, n_steps;
    double epoch, steps_per_epoch; // NaN, 0: not told
    int64_t evaluate_every, log_every, save_every;
    int64_t best_step; // 0: none
    double best;
    train_history history;
} train_state;

/* "checkpoint-<step>" */
enum { TRAIN_NAME_BYTES = 40 };
const char *train_checkpoint_name(char out[TRAIN_NAME_BYTES], int64_t step);

/* Writes the state of a folder in which all other files are already: it tells their sums.
 */
bool train_state_write(const char *dir, const train_state *s,
                       const ask_train_settings *settings, const ask_backend *backend,
                       ask_error *err);

/* The file of a folder, opened. All that is wrong with it is ASK_ERR_MODEL. */
ask_json *train_state_open(const char *dir, ask_error *err);

/* Whether the folder's files are as the state tells. */
bool train_state_check_files(const ask_json *doc, const char *dir, ask_error *err);

/* dir: for messages. */
bool train_state_check_terms(const ask_json *doc, const char *dir,
                             const ask_train_settings *settings, const ask_backend *backend,
                             bool allow_drift, ask_error *err);

/* Reads steps, the best and the history; *out is {0} before, and freed on failure. */
bool train_state_read(train_state *out, const ask_json *doc, ask_error *err);

#endif
