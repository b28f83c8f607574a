/* model/features.h - features of a video, as networks over features take them.
 *
 * A layout says which frames are looked at and what becomes of them:
 *
 *     frames         [N, P]      CLIP: one vector, of unit length, for each time asked for
 *     mist           [n, 17, P]  CLIP: of n = 32 frames, the middle ones of equal intervals
 *                                (shorter videos give fewer), not normalised: first the
 *                                frame as the model prepares it, then 4 x 4 tiles, in
 *                                reading order, of the frame stretched to four times the
 *                                input's side
 *     video-chatgpt  [100 + M, C] CLIP: of n <= 100 frames, stretched to the input's size
 *                                by nearest neighbours, the M patches' states before the
 *                                last layer: the mean of each frame's, zero rows up to 100,
 *                                then the mean of each patch over the frames. ViT-L/14:
 *                                356 x 1024
 *     clips          [n, P]      S3D: one vector for each second (model/video_vectors.h)
 *
 *     ask_feature_plan plan;
 *     if (!ask_feature_plan_make(&plan, video, model, ASK_FEATURES_MIST, NULL, err)) ...
 *     ask_feature_job job = {session, &plan};
 *     if (!ask_features_make(&features, video, &job, 1, NULL, err)) ...
 *
 * After: Gao et al. 2023, "MIST"; Maaz et al. 2024, "Video-ChatGPT"; Yang et al. 2021,
 * "Just Ask". Their programs crop and resize by other libraries: what CLIP sees may differ
 * by a level or, where an odd number of columns is cut off, by one column, and what S3D
 * sees by a few levels at sharp edges. */
#ifndef ASK_MODEL_FEATURES_H
#define ASK_MODEL_FEATURES_H

#include "base/json_write.h"
#include "media/video.h"
#include "model/feature_file.h"
#include "model/model.h"

typedef enum {
    ASK_FEATURES_FRAMES,
    ASK_FEATURES_MIST,
    ASK_FEATURES_VIDEO_CHATGPT,
    ASK_FEATURES_CLIPS,
    ASK_FEATURES_N_LAYOUTS,
} ask_feature_layout;

/* "frames", "mist", "video-chatgpt", "clips". */
ASK_API const char *ask_feature_layout_name(ask_feature_layout layout);

/* The layout of that name. Fails: ASK_ERR_USAGE, which lists the names. */
ASK_API bool ask_feature_layout_find(ask_feature_layout *out, const char *name,
                                     ask_error *err);

/* What a model's network is for: clips or frames. Fails: ASK_ERR_UNSUPPORTED for one that
 * sees neither. */
ASK_API bool ask_feature_layout_of(ask_feature_layout *out, const ask_model *m,
                                   ask_error *err);

/* Whether a model can make a layout. Fails: ASK_ERR_UNSUPPORTED, with the reason. */
ASK_API bool ask_feature_layout_check(ask_feature_layout layout, const ask_model *m,
                                      ask_error *err);

/* Whether it is always of the whole video: it takes no window. */
ASK_API bool ask_feature_layout_is_whole(ask_feature_layout layout);

/* ---- what will be looked at: known before anything is decoded ---- */

/* What a layout leaves open. */
typedef struct {
    size_t struct_size; // its sizeof; lets fields be added later; all others may be 0
    const double *t_s;  // frames: n ascending times within the window; borrowed
    int n;
    double start_s, end_s; // window of frames and mist; end_s 0 or INFINITY: the end
} ask_feature_request;

typedef struct {
    ask_feature_layout layout;
    double *t_s; // owned; n ascending times: of frames, or where clips begin
    int n;
    int n_frames_each;     // that are seen of each: 1, or the frames of a clip
    double start_s, end_s; // the part of the video
    double fps;            // frames a second that are seen of it
} ask_feature_plan;

/* request may be NULL, but for frames. Fails: ASK_ERR_UNSUPPORTED for a model that cannot,
 * or a video too short for one clip; ASK_ERR_USAGE for a window past the end, or for
 * layouts that are always of the whole video; as ask_video_table does; ASK_ERR_NOMEM. */
ASK_API bool ask_feature_plan_make(ask_feature_plan *out, ask_video *v, const ask_model *m,
                                   ask_feature_layout layout,
                                   const ask_feature_request *request, ask_error *err);
ASK_API void ask_feature_plan_free(ask_feature_plan *p); // leaves {0}

/* Puts the plan, but its single times, as an object. */
ASK_API void ask_feature_plan_put(ask_json_writer *w, const char *key,
                                  const ask_feature_plan *p);

/* ---- making them ---- */

typedef struct {
    ask_session *session;
    const ask_feature_plan *plan; // made for the session's model and the same video
} ask_feature_job;                // both borrowed

typedef struct {
    float *data; // owned; [shape], C order
    int n_dims;
    int64_t shape[ASK_FEATURES_MAX_DIMS];
    double *t_s; // owned; [n_times]: of the frames that were on display; where clips begin
    int64_t n_times;
    bool unit;         // vectors of unit length
    int64_t n_damaged; // frames looked at that are
} ask_features;

/* out: [n_jobs], undefined on failure. Decodes the video once for all jobs; the bits of
 * each are those it has alone. Of each job a batch of pictures, or one clip, is in memory
 * beside what comes out. The video's own progress tells how far it is; cancel may be NULL.
 * Fails as the video and the models do; ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
ASK_API bool ask_features_make(ask_features *out, ask_video *v, const ask_feature_job *jobs,
                               int n_jobs, const ask_cancel *cancel, ask_error *err);
ASK_API void ask_features_free(ask_features *f); // leaves {0}

#endif
