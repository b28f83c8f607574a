/* train/glance_folder.h - what makes a model of the weights of Glance-Focus: config.json,
 * the tokenizer's files, answers.json, action_mapping.txt (docs/formats.md, "Glance-Focus
 * models"). */
#ifndef ASK_TRAIN_GLANCE_FOLDER_H
#define ASK_TRAIN_GLANCE_FOLDER_H

#include "net/joint/glance_focus.h"
#include "train/folder.h"

typedef struct {
    ask_glance_focus_config config;
    const char *option_joint;    // between a question and an option
    bool ends;                   // spans are (start, end), not (centre, width)
    ask_train_files tokenizer;   // its files
    const char *const *answers;  // [n_answers of the config], with a vocabulary
    const char *const *classes;  // [n_classes - 1 of the config]; NULL: see class_list
    ask_train_files class_list;  // where they have no names here: action_mapping.txt of the
                                 // model that was begun with, if it has one
    const char *features_id;     // of the model whose features it takes; NULL: not known
    const char *features_layout; // NULL: not known
} ask_glance_folder;

/* Takes the tokenizer's files of a folder, which may then go, into the arena. */
ASK_API bool ask_glance_folder_take_tokenizer(ask_glance_folder *f, const char *dir,
                                              ask_arena *room, ask_error *err);

/* The same of action_mapping.txt, where it is there. */
ASK_API bool ask_glance_folder_take_classes(ask_glance_folder *f, const char *dir,
                                            ask_arena *room, ask_error *err);

/* Writes all into a folder that is there, each file all or nothing: an ask_keeper_options
 * .write_files of which user is the ask_glance_folder. */
ASK_API bool ask_glance_folder_write(void *folder, const char *dir, ask_error *err);

#endif
