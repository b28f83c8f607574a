/* train/glance_measure.h - how well Glance-Focus answers the questions of a split, measured
 * while it is trained. */
#ifndef ASK_TRAIN_GLANCE_MEASURE_H
#define ASK_TRAIN_GLANCE_MEASURE_H

#include "metric/count.h"
#include "train/evaluation.h"
#include "train/glance_batch.h"

typedef struct ask_glance_measure ask_glance_measure;

typedef struct {
    const ask_glance_focus *net;
    const ask_glance_data *data;
    ask_glance_batch_size size; // its events are not looked at
    const char *const *answers; // of a vocabulary; else NULL
    ask_count_range counts;     // that numbers are held within
    ask_backend *backend;
    const ask_cancel *cancel; // heard between batches; may be NULL
} ask_glance_measure_options;

/* What is given outlives it. Nothing is planned before the first measuring. */
ASK_API ask_glance_measure *ask_glance_measure_open(const ask_glance_measure_options *opt,
                                                    ask_error *err);
ASK_API void ask_glance_measure_close(ask_glance_measure *m); // NULL is fine

/* Measures all questions: "loss" (of answers) and
 *   options, vocabulary  "accuracy"
 *   count                "accuracy" of the rounded number, "mae"
 *   moment               "accuracy": the chosen slot and a true moment have an IoU of 0.5;
 *                        "iou", the mean
 * over those whose answer is told; what is right says eval/row.h, so that an evaluation of
 * the model finds the same. Fails as reading features and running do. */
ASK_API bool ask_glance_measure_run(ask_glance_measure *m, ask_train_metrics *out,
                                    ask_error *err);

#endif
