/* model/features_priv.h - what a layout of features is: one row each.
 *
 * A row says which models can make it, when the video is looked at, and how frames become
 * numbers. To add a layout: a file features_<name>.c with its row, its line in features.c
 * and in model/features.h. */
#ifndef ASK_MODEL_FEATURES_PRIV_H
#define ASK_MODEL_FEATURES_PRIV_H

#include "media/viewers.h"
#include "model/features.h"
#include "model/image_outputs.h"

/* ---- inputs, embedded a few together ---- */

/* Takes what came of the next input; borrowed for the call. */
typedef void (*feature_take_fn)(void *user, const float *values);

typedef struct {
    ask_session *session;
    ask_image_output what;
    const ask_cancel *cancel;
    feature_take_fn take;
    void *user;
    float *pixels, *values; // owned; of a whole batch
    size_t input_size, output_size;
    int n; // inputs that wait
} feature_batch;

bool feature_batch_open(feature_batch *b, ask_session *s, ask_image_output what,
                        feature_take_fn take, void *user, const ask_cancel *cancel,
                        ask_error *err);
void feature_batch_close(feature_batch *b); // {0} is fine

/* Where the next input's pixels go; NULL when those before it could not be embedded. */
float *feature_batch_next(feature_batch *b, ask_error *err);

/* Embeds what waits. */
bool feature_batch_flush(feature_batch *b, ask_error *err);

/* ---- the row ---- */

/* One job while the video is shown. */
typedef struct {
    ask_session *session;
    const ask_feature_plan *plan;
    const ask_cancel *cancel;
    ask_features *out; // shape, data (zeros) and t_s (zeros) are there before begin
    ask_viewer viewer; // set by begin: who is shown the frames
    void *own;         // what the layout keeps; set by begin
} feature_maker;

typedef struct {
    const char *name;
    bool unit;
    bool whole_video; // takes no window
    bool (*check)(const ask_model *m, ask_error *err);
    /* Fills in the times, and what differs from one frame each, evenly over the window,
     * which is there and within the video. */
    bool (*plan)(ask_feature_plan *p, const ask_time_table *table, const ask_model *m,
                 const ask_feature_request *r, ask_error *err);
    /* Returns n_dims. */
    int (*shape)(int64_t shape[ASK_FEATURES_MAX_DIMS], const ask_model *m,
                 const ask_feature_plan *p);
    bool (*begin)(feature_maker *k, ask_video *v, ask_error *err);
    bool (*end)(feature_maker *k, ask_error *err); // all frames were shown
    void (*close)(feature_maker *k);               // also after a begin that failed
} feature_layout;

extern const feature_layout feature_layout_frames, feature_layout_mist,
    feature_layout_video_chatgpt, feature_layout_clips;

/* ---- what layouts share ---- */

/* For layouts that see one picture at a time. Fails: ASK_ERR_UNSUPPORTED. */
bool feature_check_plain(const ask_model *m, const char *layout, ask_error *err);

/* Room for the times of n frames. Fails: ASK_ERR_NOMEM. */
bool feature_plan_reserve(ask_feature_plan *p, int n, ask_error *err);

#endif
