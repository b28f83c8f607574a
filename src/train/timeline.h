/* train/timeline.h - train Timeline (net/joint/timeline.h) on the playroom, part by part.
 *
 *     OUT/config.json, model.safetensors, preprocessor_config.json, tokenizer files,
 *         answers.json, denials.json
 *     OUT/checkpoint-<step>/   (train/keeper.h)
 *     OUT/log.jsonl, log.csv, eval.csv   (train/report.h)
 *
 * Every stage's folder is a model with all parts; those that the stage does not train stay
 * as they were. */
#ifndef ASK_TRAIN_TIMELINE_H
#define ASK_TRAIN_TIMELINE_H

#include "base/log.h"
#include "train/loop.h"
#include "world/scene.h"

/* What is trained, and from what. */
typedef enum {
    ASK_TIMELINE_CELLS,       // "cells": single frames of many clips
    ASK_TIMELINE_GLANCE,      // "glance": sights that are imagined from truth; no pictures
    ASK_TIMELINE_GLANCE_SEEN, // "glance-seen": sights that the cells, as they are, see
    ASK_TIMELINE_FOCUS,       // "focus": memories that are imagined from truth
    ASK_TIMELINE_FOCUS_SEEN,  // "focus-seen": memories that cells and glance make
    ASK_TIMELINE_GLANCE_FOCUS_SEEN, // "glance-focus-seen": both, from what the cells see
    ASK_TIMELINE_JOINT, // "joint": all, from pictures, with all losses; norms are kept
    ASK_TIMELINE_FIND,  // "find": frames and texts in one space, on cells as they are
    ASK_N_TIMELINE_STAGES,
} ask_timeline_stage;

ASK_API const char *ask_timeline_stage_name(ask_timeline_stage stage);
/* Fails with ASK_ERR_USAGE, which tells the names there are. */
ASK_API bool ask_timeline_stage_find(ask_timeline_stage *out, const char *name,
                                     ask_error *err);

typedef struct {
    size_t struct_size; // set by ask_train_timeline_defaults; lets fields be added later
    ask_timeline_stage stage;
    const char *config; // config.json, with preprocessor_config.json beside it: weights are
                        // drawn at random
    const char *tokenizer; // folder whose tokenizer files are copied, with config; its
                           // tokens of the names of kinds go into the model's config.json
    const char *init;      // or: model folder to begin with
    const char *cells, *glance, *focus,
        *find;             // folders that these parts come from instead
    ask_scene_style style; // what is played; the full world, clutter 0 to 2
    bool no_memory;        // with config: an ablation (net/joint/timeline.h)
    bool answers_only;     // an ablation: nothing is told of what happens, and where
    double noise; // how badly what is imagined is seen, as a share of what is usual:
                  // 1; from little noise a focus learns much sooner

    int n_clips;               // of a step; 0: 32 for "cells", 16 for "find", else 8
    int n_frames;              // of each clip, for "cells" and "find"; 0: 5
    int n_questions;           // of each clip; for "find" texts
    int n_near;                // answers of each open question that are nearly right
    int64_t n_steps, n_warmup; // n_warmup < 0: 100, at most a tenth of the steps
    int64_t until;             // the last step to make of a schedule that goes on; 0: all
    double rate, last_rate;    // rate 0: that of the stage; last_rate < 0: a twentieth
    double weight_decay;
    uint64_t seed;

    int64_t log_every, eval_every, save_every;
    int n_eval;              // clips that an evaluation takes
    ask_split eval_split;    // of which split
    int most_checkpoints;    // 0: all
    const char *report;      // as in ask_train_report_parse
    const char *resume_from; // a checkpoint's folder, or "last"; then config, tokenizer and
                             // init need not be given again, all else as it was
    bool allow_drift;
    int n_threads; // 0: the physical cores that the process may use

    const ask_logger *log;
    const ask_progress *progress;
    void (*pace)(void *user, const ask_train_pace *pace);
    void *pace_user;
    const ask_cancel *cancel;
} ask_train_timeline_options;

/* 1000 steps of "cells", with 8 questions of each clip where there are any; decay 0.01,
 * gradients clipped at 1; seed 1; a line of the log every 10 steps; every 500 a checkpoint,
 * and an evaluation on 64 clips of the validation split; JSONL and CSV. */
ASK_API ask_train_timeline_options ask_train_timeline_defaults(void);

typedef struct {
    ask_train_result run;
    int64_t n_params; // that are trained
    size_t arena_bytes;
} ask_train_timeline_result;

/* Trains into the folder `out`, which must not hold a model or checkpoints yet unless it
 * goes on from one. A batch is a function of seed and step alone. Fails as
 * ask_train_glance_focus does. */
ASK_API bool ask_train_timeline(const char *out, const ask_train_timeline_options *opt,
                                ask_train_timeline_result *result, ask_error *err);

#endif
