/* train/timeline_priv.h - what training Timeline holds, in the order in which it is opened.
 */
#ifndef ASK_TRAIN_TIMELINE_PRIV_H
#define ASK_TRAIN_TIMELINE_PRIV_H

#include "train/folder.h"
#include "train/timeline_finding_priv.h"
#include "train/timeline_measure_priv.h"
#include "train/timeline_task_priv.h"

enum { TIMELINE_MOST_SETTINGS = 32, TIMELINE_SETTING_BYTES = 96 };

/* What makes a model of the weights. */
typedef struct {
    ask_timeline_config config;
    ask_train_files preprocess, tokenizer;
} timeline_folder;

typedef struct {
    ask_train_timeline_options opt;
    const char *out;
    const timeline_stage *stage;
    timeline_stage untold; // it may be, of answers_only
    ask_arena *room;
    const char *init; // model folder to begin with; NULL: weights are drawn at random
    timeline_folder folder;
    ask_preprocess preprocess;
    ask_tokenizer *tokenizer;
    ask_schedule schedule;

    ask_train_setting settings[TIMELINE_MOST_SETTINGS];
    char values[TIMELINE_MOST_SETTINGS][TIMELINE_SETTING_BYTES];
    size_t n_settings;

    /* What runs. */
    ask_backend *backend;
    ask_store *store;
    ask_timeline net;
    ask_timeline_find find;    // where the configuration has it
    timeline_task *task;       // NULL: it is taught to find
    timeline_measure *measure; // NULL: nothing is measured
    timeline_finding *finding;
    timeline_search *search;
    ask_trainer *trainer;
} timeline_making;

/* timeline_folder.c: the configuration, with the tokens of names, and the files beside it.
 */
bool timeline_folder_open(timeline_making *m, ask_error *err);

/* The same: an ask_keeper_options.write_files of which user is a timeline_folder. */
bool timeline_folder_write(void *folder, const char *dir, ask_error *err);

/* The same: parameters, as they begin. */
bool timeline_bind(timeline_making *m, ask_error *err);

/* timeline_settings.c: what a training that is resumed must have in common. */
void timeline_list_settings(timeline_making *m);

#endif
