/* eval/calibrate.h - fits calibration.json of a model to clips of the playroom.
 *
 * In turn, each with what was fitted before it:
 *
 *     find.sentences              texts in the language of the playroom
 *     find.background             such texts, or none: with which more is found
 *     find.threshold              eval/fit.h
 *     ask.scale                   of the likeliest scale (eval/fit.h) and those sqrt(2), 2
 *                                 and 2 sqrt(2) times smaller, the one whose thresholds
 *                                 keep the terms best: under a large one all answers are
 *                                 sure, and a check moves them little
 *     ask.threshold, tau_*        eval/fit.h, under that scale
 *     ask.outside                 mean and deviation of the frames' embeddings; the
 *                                 distance that clips keep; the words of training, and
 *                                 of the questions that thresholds were fitted on
 *
 * Of a model with a memory (model/memory.h) find is there when it can find too, and of ask
 * there are
 *
 *     ask.threshold               eval/fit.h: few of the questions that the video answers
 *                                 fall below; absent where the model's own answers do not
 *                                 deny
 *     ask.tau_*                   as above, of answers with options and without them
 *     ask.outside                 mean and deviation of what frames show
 *                                 (vqa/sightings.h); the words of full worlds too
 *
 * from questions about whole clips.
 *
 *     ask_calibrated c;
 *     ask_str text = {0};
 *     if (!ask_calibrate(&c, "val-world", session, NULL, err)) ...
 *     ask_calibrated_json(&text, &c); // for calibration.json in the model's folder
 *     ask_calibrated_free(&c);
 *
 * What is in the model's folder already is not read. */
#ifndef ASK_EVAL_CALIBRATE_H
#define ASK_EVAL_CALIBRATE_H

#include "eval/fit.h"
#include "eval/summary.h"

enum { ASK_CALIBRATE_SENTENCES = 64 };

/* The footage is covered up to this quantile of the clips' distances, and so much beyond:
 * a quantile of few clips lies near the farthest of them. */
#define ASK_CALIBRATE_COVERED 0.995
#define ASK_CALIBRATE_MARGIN 1.25

typedef struct {
    size_t struct_size;
    int64_t first, n_clips; // as in ask_playroom_options
    ask_sampling_options sampling;
    uint64_t seed;        // of the sentences, and of random checks: 1
    const char *download; // for footage and words that are not covered; NULL: not told
    const ask_cancel *cancel;
    const ask_progress *progress; // clips, then queries and questions
} ask_calibrate_options;
ASK_API ask_calibrate_options ask_calibrate_defaults(void);

/* Questions to a model with a memory whose right answer denies, and all others. */
typedef struct {
    int64_t n_absent, n_there;
    double absent, there; // share of each whose presence is under the threshold; NaN
} ask_asked_rejections;

typedef struct {
    bool can_find, has_memory;   // the model; one of them at least
    ask_calibration calibration; // its texts belong to the arena
    ask_standard standard;
    ask_fitted_limits limits; // how far the terms are kept
    int64_t n_clips;
    int n_embed;             // numbers of mean and deviation
    double median_distance;  // of the clips' footage
    double likeliest_scale;  // of which ask.scale is a part; of a memory there is none
    ask_found_summary found; // where it can find
    ask_answered_summary own, grey;  // of choices
    ask_answered_summary own_open;   // of a memory: without options
    ask_asked_rejections rejections; // of a memory
    ask_arena *arena;                // private: owns the texts and numbers
} ask_calibrated;

/* dir: of a world, whose seed nothing is tested on. s is a session of the model. opt may be
 * NULL. Fails as ask_playroom_open and its runs do; ASK_ERR_USAGE for clips without queries
 * or visual questions; ASK_ERR_UNSUPPORTED for a model that answers no questions about
 * videos; ASK_ERR_MODEL where a value comes out not finite. *out is written on
 * success. */
ASK_API bool ask_calibrate(ask_calibrated *out, const char *dir, ask_session *s,
                           const ask_calibrate_options *opt, ask_error *err);
ASK_API void ask_calibrated_free(ask_calibrated *c); // leaves {0}; NULL is fine

/* Appends the text of calibration.json (docs/formats.md). Memory shows as out->failed. */
ASK_API void ask_calibrated_json(ask_str *out, const ask_calibrated *c);

#endif
