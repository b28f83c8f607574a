/* vqa/footage.h - frames of a video as a language model sees them: rows that stand in its
 * prompt (model/rows.h). Many questions, and many talks, can share them:
 *
 *     ask_footage footage = {0};
 *     if (!ask_footage_plan(&footage, v, s, NULL, &sampling, err) ||
 *         !ask_footage_look(&footage, v, NULL, NULL, err)) ...
 *
 * A model that is given features (Video-ChatGPT) has them made by another one, which sees
 * frames: by the layout of its authors (model/features.h), whose frames are then the ones
 * that are shown; or by its vectors of frames (GIF-QA).
 *
 * Where rows are made of all frames that are shown, and of an instruction, looking keeps
 * what they are made of, and ask_footage_show makes them. */
#ifndef ASK_VQA_FOOTAGE_H
#define ASK_VQA_FOOTAGE_H

#include "focus/sampled.h"
#include "model/rows.h"

typedef struct {
    ask_session *session; // borrowed
    ask_session *eye;     // borrowed; makes the features; NULL: the model sees frames
    ask_rows_info info;
    ask_sampling_options options; // of the times
    ask_sampling sampling;        // owned; the times
    ask_sampled sampled;          // owned; their frames; n is 0 before they are known
    int width_px, height_px;      // of the frames
    char video_id[17];
    int n_frames; // before they are known the most there may be
    int n_rows;   // of each frame; 0: rows are of all frames together
    int n;        // rows in all; before looking the most there may be
    float *rows;  // owned; [n, width]; NULL before looking, and where info.together
    float *cells; // owned; [n, side x side], as in ask_rows_made; NULL where there are no
                  // `rows`, or not info.looks
    float *kept;  // owned; [n_frames, info.n_kept]; NULL but where info.together
    double decode_s, encode_s;
} ask_footage;

enum { ASK_FOOTAGE_DEFAULT_FRAMES = 8 };

/* What will be shown: nothing is decoded. Without a number or a rate in the sampling: 8
 * frames. eye: of a model that is given features; else NULL. opt may be NULL. *out is freed
 * with ask_footage_free. Fails: ASK_ERR_MODEL for a model that sees nothing, or an
 * eye that makes no such features; ASK_ERR_MODEL for one that makes them of another width;
 * ASK_ERR_USAGE for a model that needs an eye and has none or the other way round;
 * ASK_ERR_LIMIT for more rows than can be counted; as ask_sampling_resolve does. */
ASK_API bool ask_footage_plan(ask_footage *out, ask_video *v, ask_session *s,
                              ask_session *eye, const ask_sampling_options *opt,
                              ask_error *err);

/* Decodes and encodes what was planned; where rows are there already it does nothing.
 * cancel and progress may be NULL; progress is of frames, and of another model that makes
 * features the video's own tells. On failure *s is as it was. Fails as the video and the
 * models do. */
ASK_API bool ask_footage_look(ask_footage *s, ask_video *v, const ask_cancel *cancel,
                              const ask_progress *progress, ask_error *err);

/* Finds out which frames they are, without decoding: from the full time table. */
ASK_API bool ask_footage_place(ask_footage *s, ask_video *v, ask_error *err);

/* Whether all that is shown has been looked at. */
ASK_API bool ask_footage_is_seen(const ask_footage *s);

/* Which row it is, for ask_place: the same video, models, frame and cell have the same. Not
 * 0. Once the frames are known. */
ASK_API uint64_t ask_footage_identity(const ask_footage *s, int row);

/* Frames that are shown together, in this order, where info.together. */
typedef struct {
    const int *frames;       // borrowed; NULL: all, in time order
    int n_frames;            // of `frames`
    const char *instruction; // borrowed; NULL is "", and for a model that takes none
} ask_footage_scene;

/* How many rows a scene of n frames has. */
ASK_API int ask_footage_n_shown(const ask_footage *s, int n_frames);

/* The rows of a scene. rows: [ask_footage_n_shown, width], origins: [the same, n_frames]:
 * what share of each is of which frame of the footage. Once it was looked at. *out is freed
 * with ask_footage_view_free. Fails as ask_rows_show does. */
typedef struct {
    float *rows, *origins;
    float *cells; // [the same, side x side], as in ask_rows_made; NULL where not info.looks
} ask_footage_view;
ASK_API bool ask_footage_show(ask_footage_view *out, const ask_footage *s,
                              const ask_footage_scene *scene, const ask_cancel *cancel,
                              ask_error *err);
ASK_API void ask_footage_view_free(ask_footage_view *v); // leaves {0}

/* As ask_footage_identity, of row i of a scene: the same frames in the same order with the
 * same instruction have the same. */
ASK_API uint64_t ask_footage_scene_identity(const ask_footage *s,
                                            const ask_footage_scene *scene, int row);

/* Work of making all rows, multiply and add counted as two. */
ASK_API double ask_footage_gflop(const ask_footage *s);

ASK_API void ask_footage_free(ask_footage *s); // leaves {0}; NULL is fine

#endif
