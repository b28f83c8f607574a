/* train/folder.h - the folder that a training makes a model in: whether it is free, where
 * its reports are, and files that are copied into it. */
#ifndef ASK_TRAIN_FOLDER_H
#define ASK_TRAIN_FOLDER_H

#include "base/arena.h"
#include "base/str.h"
#include "train/report.h"

/* Fails with ASK_ERR_USAGE for no folder, and for one that holds what a training would
 * write over: a model, or checkpoints. One that goes on (resumes) writes over nothing. */
ASK_API bool ask_train_folder_check(const char *dir, bool resumes, ask_error *err);

/* DIR/log.jsonl, log.csv, eval.csv and tensorboard, as a list asks for them
 * (ask_train_report_parse); paths are in the arena. */
ASK_API bool ask_train_folder_reports(ask_train_report_paths *out, const char *dir,
                                      const char *list, ask_arena *room, ask_error *err);

/* ---- files as they are ---- */

typedef struct {
    const char *name, *bytes;
    size_t n_bytes;
} ask_train_file;

typedef struct {
    ask_train_file *items;
    size_t n;
} ask_train_files;

/* Takes those files of a folder that are there, which may then go, into the arena; names
 * (NULL-ended) outlive them. */
ASK_API bool ask_train_files_take(ask_train_files *out, const char *dir,
                                  const char *const *names, ask_arena *room,
                                  ask_error *err);

/* Writes them into a folder that is there, each all or nothing. */
ASK_API bool ask_train_files_write(const ask_train_files *files, const char *dir,
                                   ask_error *err);

/* Writes one file; text->failed is a lack of memory. */
ASK_API bool ask_train_text_write(const ask_str *text, const char *dir, const char *name,
                                  ask_error *err);

#endif
