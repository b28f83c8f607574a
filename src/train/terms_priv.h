/* train/terms_priv.h - on what terms a training may go on from what was kept: with the same
 * settings, on the same machine. */
#ifndef ASK_TRAIN_TERMS_PRIV_H
#define ASK_TRAIN_TERMS_PRIV_H

#include "train/checkpoint.h"

enum { TRAIN_N_MACHINE = 5 };

/* What bits depend on besides the settings. */
typedef struct {
    char threads[16], library[64];
    ask_weights_note notes[TRAIN_N_MACHINE]; // keys "machine.version", ...
} train_machine;

/* Not to be copied: notes refer to it. */
void train_machine_read(train_machine *out, const ask_backend *backend);

/* What was kept, and how to ask it for a value; NULL: it has none. */
typedef struct {
    const char *path;
    const void *from;
    const char *(*setting)(const void *from, const char *key);
    const char *(*machine)(const void *from, const char *key);
} train_kept;

/* Fails with ASK_ERR_USAGE, naming both values. */
bool train_check_terms(const train_kept *kept, const ask_train_settings *settings,
                       const ask_backend *backend, bool allow_drift, ask_error *err);

#endif
