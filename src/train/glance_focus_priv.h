/* train/glance_focus_priv.h - what training Glance-Focus holds, in the order in which it is
 * opened. */
#ifndef ASK_TRAIN_GLANCE_FOCUS_PRIV_H
#define ASK_TRAIN_GLANCE_FOCUS_PRIV_H

#include "base/arena.h"
#include "train/glance_extract.h"
#include "train/glance_focus.h"
#include "train/glance_folder.h"

enum { GLANCE_MOST_SETTINGS = 32, GLANCE_SETTING_BYTES = 96 };

/* What runs: opened several times by a self-test. */
typedef struct {
    ask_backend *backend;
    ask_store *store;
    ask_arena *room; // of the network
    ask_glance_focus net;
    ask_glance_task *task;
    ask_trainer *trainer;
} glance_engine;

typedef struct {
    ask_train_glance_focus_options opt;
    const char *out;
    ask_arena *room;

    /* Data. */
    ask_glance_data *train, *val; // val may be NULL
    ask_glance_features *features;
    const char *features_layout, *features_id; // NULL: not known

    /* The network, before it has weights. */
    ask_glance_folder folder; // with its configuration
    const char **answers;     // owned; of the folder
    ask_tokenizer *tokenizer;
    size_t n_outside;
    int n_tokens; // room for a text
    int64_t n_steps, n_warmup;

    ask_train_setting settings[GLANCE_MOST_SETTINGS];
    char values[GLANCE_MOST_SETTINGS][GLANCE_SETTING_BYTES];
    size_t n_settings;
} glance_making;

/* glance_focus_data.c: the set, and its features where they are made. */
bool glance_open_data(glance_making *m, ask_error *err);

/* glance_focus_start.c: configuration, tokenizer, vocabulary; then the features, as many
 * frames as the configuration takes, and what the configuration takes from them. */
bool glance_open_start(glance_making *m, ask_error *err);

/* The same: parameters, as they begin. */
bool glance_bind(const glance_making *m, glance_engine *e, ask_error *err);

/* glance_focus.c: an engine of parameters alone. *e is closed in any case. */
bool glance_open_store(const glance_making *m, glance_engine *e, ask_error *err);
void glance_close_engine(glance_engine *e);

/* glance_focus_settings.c: what a training that is resumed must have in common. */
void glance_list_settings(glance_making *m);

#endif
