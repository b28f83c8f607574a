/* train/glance_extract.h - features of the videos of a set, made from their files before a
 * training begins: one file for each video (model/feature_file.h). What is there already,
 * of the same video, model and plan, is kept: so a run that was interrupted goes on. */
#ifndef ASK_TRAIN_GLANCE_EXTRACT_H
#define ASK_TRAIN_GLANCE_EXTRACT_H

#include "data/dataset.h"
#include "model/features.h"

typedef struct {
    size_t struct_size;
    const char *model; // folder of the model that sees
    const char *dir;   // in which the files come: DIR/<video's name>.safetensors
    double fps;        // frames a second, of the layout "frames"
    int n_threads;
    const ask_progress *progress; // videos
    const ask_cancel *cancel;
} ask_glance_extract_options;

/* Which layout the model's features have, and whose they are. */
typedef struct {
    char model_id[65];
    ask_feature_layout layout;
    size_t n_made, n_kept;
} ask_glance_extract_result;

/* Makes those of all videos of the records of n sets. Fails: ASK_ERR_IO for a question
 * whose video's file is not known or cannot be read; ASK_ERR_USAGE where two videos have
 * one name, and for a file that holds something else; as models and videos do. */
ASK_API bool ask_glance_extract(const ask_dataset *const *sets, int n,
                                const ask_glance_extract_options *opt,
                                ask_glance_extract_result *out, ask_error *err);

#endif
