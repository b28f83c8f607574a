/* eval/scores_priv.h - what grading has of each row. */
#ifndef ASK_EVAL_SCORES_PRIV_H
#define ASK_EVAL_SCORES_PRIV_H

#include "eval/scores.h"

/* A row as the model or a baseline answered it. */
typedef struct {
    const ask_eval_row *row;
    bool answered; // false: a baseline that does not have this row
    ask_eval_mark mark;
    bool denies;
    double moment_map; // of one who asks for a moment; NaN
    size_t video;      // a number below n_videos
} scores_view;

typedef struct {
    scores_view *views; // [n]
    size_t n, n_videos;
    bool has_moments, has_points, has_labels; // of some row; a baseline has none
    double presence_at05; // that a share of 0.05 of what is there does not reach; NaN
    size_t *videos;       // [n], of each view
    double *values;       // room: [n]
    const ask_bootstrap_options *bootstrap;
} scores_views;

/* What a row counts for a score; NaN: nothing. */
double scores_value(ask_eval_score score, const scores_view *v, const scores_views *all);

/* The number of the values that were put into the room. */
bool scores_number(ask_eval_number *out, const scores_views *all, ask_error *err);

/* by_type, types_mean and by_tag. */
bool scores_of_tags(ask_eval_table *out, const scores_views *all, ask_error *err);

/* span_map50. */
bool scores_of_events(ask_eval_number *out, const scores_views *all, ask_error *err);

/* mAP of a query's moments (metric/moments.h), 0 when none is given; NaN where no moment is
 * asked for, or told. */
bool scores_moment_map(double *out, const ask_eval_row *row, ask_error *err);

/* Those of QVHighlights, where moments were asked for and given. */
bool scores_official(ask_eval_table *out, const scores_views *all, ask_error *err);

#endif
