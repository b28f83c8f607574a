/* train/timeline_measure_priv.h - how good Timeline is on clips of a split. */
#ifndef ASK_TRAIN_TIMELINE_MEASURE_PRIV_H
#define ASK_TRAIN_TIMELINE_MEASURE_PRIV_H

#include <math.h>

#include "train/timeline_player_priv.h"
#include "train/timeline_stage_priv.h"

typedef struct timeline_measure timeline_measure;

typedef struct {
    const ask_timeline *net;
    const timeline_stage *stage;
    timeline_player_options player; // with the sizes of training and its split
    int n_clips;
    ask_split split; // that the clips are of
    ask_backend *backend;
    const ask_cancel *cancel; // heard between batches; may be NULL
} timeline_measure_options;

/* What is given outlives it. Nothing is planned before the first measuring. */
timeline_measure *timeline_measure_open(const timeline_measure_options *opt,
                                        ask_error *err);
void timeline_measure_close(timeline_measure *m); // NULL is fine

/* An ask_train_evaluation.evaluate of which user is the measure. */
bool timeline_measure_run(void *measure, int64_t step, ask_train_metrics *out,
                          ask_error *err);

/* ---- what is counted: one file each ---- */

/* What a graph has said of a batch, and what is true. */
typedef struct {
    const ask_timeline_config *config;
    const timeline_player *player;
    const timeline_batch *batch;
    int n_clips; // of the batch, from the front, that are looked at
    /* As the tensors of timeline_made; NULL where the stage has none. */
    const float *cells, *records;
    const int64_t *toys; // memory.toys
    const int64_t *slot_events, *slot_pairs;
    const float *option_logits, *logits, *pointer;
} timeline_said;

/* A share, or a mean. */
typedef struct {
    double sum, n;
} timeline_mean;

static inline void timeline_mean_add(timeline_mean *m, double value)
{
    m->sum += value;
    m->n++;
}

/* NaN of nothing. */
static inline double timeline_mean_value(timeline_mean m)
{
    return m.n > 0 ? m.sum / m.n : NAN;
}

int timeline_best_of(const float *scores, int n); // the first of the largest

/* "score" is the mean of all that are shares. */
typedef struct {
    timeline_mean recall, color, shape, size, texture, deed, deed_moving, box, velocity;
} timeline_cells_tally;
void timeline_cells_count(timeline_cells_tally *t, const timeline_said *said);
bool timeline_cells_tell(ask_train_metrics *out, const timeline_cells_tally *t,
                         ask_error *err);

typedef struct ask_event_ap ask_event_ap;
typedef struct {
    ask_event_ap *all, *of_kind[ASK_N_EVENTS];
    timeline_mean recall, color, shape, identity, toy_precision, toy_recall;
} timeline_glance_tally;
bool timeline_glance_open(timeline_glance_tally *t, ask_error *err);
void timeline_glance_close(timeline_glance_tally *t);
bool timeline_glance_count(timeline_glance_tally *t, const timeline_said *said,
                           ask_error *err);
bool timeline_glance_tell(ask_train_metrics *out, timeline_glance_tally *t, ask_error *err);

typedef struct {
    timeline_mean all, open, pointer, of_family[ASK_N_FAMILIES];
} timeline_focus_tally;
void timeline_focus_count(timeline_focus_tally *t, const timeline_said *said);
bool timeline_focus_tell(ask_train_metrics *out, const timeline_focus_tally *t,
                         ask_error *err);

#endif
