/* metric/moments.h - moments and highlights of a video for a query, as QVHighlights scores
 * them.
 *
 *     R1@t   the first window has an IoU of t or more with some true window
 *     AP@t   average precision (metric/precision.h) of the first 10 windows, of which each
 *            takes a true one of IoU t or more; mAP is the mean over t = 0.5, 0.55 ... 0.95
 *     HIT@1  some annotator finds the clip of the highest score worth seeing
 *     HL-mAP average precision of the clips in order of score, the mean over annotators; of
 *            one who finds none worth seeing 0, all of them 1
 *
 * Set numbers are means over queries. After: Lei et al. 2021 (QVHighlights), and the scorer
 * of Moment-DETR. */
#ifndef ASK_METRIC_MOMENTS_H
#define ASK_METRIC_MOMENTS_H

#include "metric/precision.h"

enum {
    ASK_MOMENT_N_THRESHOLDS = 10,
    ASK_MOMENT_MOST_WINDOWS = 10,
    ASK_HIGHLIGHT_ANNOTATORS = 3,
    ASK_HIGHLIGHT_N_LEVELS = 3,
};

ASK_API double ask_moment_threshold(int i); // 0.5, 0.55, ... 0.95

/* True windows are told apart by their lengths: (0, 10], (10, 30], (30, 150], all. */
typedef enum {
    ASK_MOMENT_SHORT,
    ASK_MOMENT_MIDDLE,
    ASK_MOMENT_LONG,
    ASK_MOMENT_FULL,
    ASK_MOMENT_N_LENGTHS,
} ask_moment_length;
ASK_API const char *ask_moment_length_name(ask_moment_length length); // "short", ...
ASK_API bool ask_moment_has_length(ask_span window, ask_moment_length length);

/* Of one query. */
typedef struct {
    double ap[ASK_MOMENT_N_THRESHOLDS];
    double r1[ASK_MOMENT_N_THRESHOLDS]; // 1 or 0
} ask_moment_scores;

/* The first window is predicted[0]; n >= 1. Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_moment_score(ask_moment_scores *out, const ask_scored_span *predicted,
                              size_t n, const ask_span *truths, size_t n_truths,
                              ask_error *err);
ASK_API double ask_moment_map(const ask_moment_scores *s); // the mean of ap

/* How worth seeing a clip must be: "Fair" from 2, "Good" from 3, "VeryGood" from 4. */
ASK_API const char *ask_highlight_level_name(int level);
ASK_API int ask_highlight_least(int level);

typedef struct {
    double map[ASK_HIGHLIGHT_N_LEVELS];
    double hit1[ASK_HIGHLIGHT_N_LEVELS]; // 1 or 0
} ask_highlight_scores;

/* truth: [n_clips][annotators], 0 to 4. scores: [n_scores]; what lies beyond the clips is
 * left out, and clips without one have 0. Of equal scores the earlier clip comes first.
 * Fails: ASK_ERR_NOMEM. */
ASK_API bool ask_highlight_score(ask_highlight_scores *out, const double *scores,
                                 size_t n_scores,
                                 const int (*truth)[ASK_HIGHLIGHT_ANNOTATORS],
                                 size_t n_clips, ask_error *err);

#endif
