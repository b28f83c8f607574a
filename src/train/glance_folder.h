/* train/glance_folder.h - what makes a model of the weights of Glance-Focus: config.json,
 * the tokenizer's files, answers.json, action_mapping.txt (docs/formats.md, "Glance-Focus
 * models"). */
#ifndef ASK_TRAIN_GLANCE_FOLDER_H
#define ASK_TRAIN_GLANCE_FOLDER_H

#include "base/arena.h"
#include "net/joint/glance_focus.h"

enum { ASK_GLANCE_TOKENIZER_FILES = 5 };

typedef struct {
    ask_glance_focus_config config;
    const char *option_joint; // between a question and an option
    bool ends;                // spans are (start, end), not (centre, width)
    struct {
        const char *name, *bytes; // NULL: the tokenizer does without
        size_t n_bytes;
    } tokenizer[ASK_GLANCE_TOKENIZER_FILES];
    const char *const *answers;  // [n_answers of the config], with a vocabulary
    const char *const *classes;  // [n_classes - 1 of the config]; NULL: not known
    const char *features_id;     // of the model whose features it takes; NULL: not known
    const char *features_layout; // NULL: not known
} ask_glance_folder;

/* Takes the tokenizer's files of a folder, which may then go, into the arena. */
ASK_API bool ask_glance_folder_take_tokenizer(ask_glance_folder *f, const char *dir,
                                              ask_arena *room, ask_error *err);

/* Writes all into a folder that is there, each file all or nothing: an ask_keeper_options
 * .write_files of which user is the ask_glance_folder. */
ASK_API bool ask_glance_folder_write(void *folder, const char *dir, ask_error *err);

#endif
