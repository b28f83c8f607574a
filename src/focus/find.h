/* focus/find.h - where in a video is what a text says?
 *
 * Frames and text meet in one embedding space. Their cosines mean little by themselves, so
 * they are calibrated per video: background prompts ("a photo") tell how much of a cosine
 * any text gets, and random sentences tell how far chance reaches on these frames. Moments
 * are runs of that curve (focus/moments.h). A text whose best frame does not stand out of
 * the best that random sentences reach is not in the video. After: Radford et al. 2021
 * (CLIP).
 *
 *     ask_find_result r;
 *     if (!ask_find(&r, video, session, "a red ball", NULL, err)) ...
 *     if (r.present) printf("%.2f s\n", r.frames[r.moments[0].best].t_s);
 *     ask_find_result_free(&r);
 */
#ifndef ASK_FOCUS_FIND_H
#define ASK_FOCUS_FIND_H

#include "focus/moments.h"
#include "focus/sampling.h"
#include "model/model.h"

/* A video as a session has seen it: focus/seen.h. */
typedef struct ask_seen ask_seen;

typedef struct {
    size_t struct_size;
    ask_sampling_options sampling;
    int n_top;             // most moments to give; 0: not asked, 5
    double near_duplicate; // frames whose cosine reaches it show the same: 0.985; above 1:
                           // none
    const ask_cancel *cancel;
    const ask_progress *progress; // frames
    /* Frames that were seen before, of the same video, session and sampling; borrowed. The
     * result is the same, apart from the times it took. NULL: the call looks itself. */
    const ask_seen *seen;
} ask_find_options;
ASK_API ask_find_options ask_find_defaults(void);

/* Refuses what no video and no model could answer, before either is opened: an empty text,
 * one that is not UTF-8, senseless options (focus/sampling.h). opt may be NULL.
 * Fails: ASK_ERR_USAGE. */
ASK_API bool ask_find_check(const char *text, const ask_find_options *opt, ask_error *err);

/* What a call will do, before anything is decoded. */
typedef struct {
    ask_sampling sampling;      // owned: the times that are looked at
    int n_tokens;               // of the text, start and end included
    bool unknown_words;         // some part of the text has no token
    int n_background, n_random; // prompts of the calibration
    int64_t n_all_tokens;       // of the text and all prompts
    int n_images; // frames through the network. Times on one frame count once where that is
                  // known: when frames were counted, and after a search. Else no more than
                  // the container says there are
    double gflop; // of all images and texts
} ask_find_plan;

/* text: UTF-8. opt may be NULL. Fails as ask_find does, apart from decoding. */
ASK_API bool ask_find_plan_make(ask_find_plan *out, ask_video *v, ask_session *s,
                                const char *text, const ask_find_options *opt,
                                ask_error *err);
ASK_API void ask_find_plan_free(ask_find_plan *p); // leaves {0}; NULL is fine

typedef struct {
    int64_t index; // into the full time table; -1 while there is only an outline
    int64_t pts;
    double t_s;            // when it appears
    double start_s, end_s; // the part of the video that it stands for: from one change of
                           // frames to the next where every frame was seen, else from
                           // middle to middle between the times that were looked at; from
                           // t_s on where it was on display as the window opened
    float cosine;          // with the text; of a picture with many vectors, the fit
                           // (model/pictures.h); NAN: they are not compared
    float score;           // calibrated: see focus/curve.h
    int duplicate_of;      // an earlier frame of the curve that shows the same; -1
    bool damaged;
} ask_find_frame;

typedef struct {
    ask_find_plan plan; // owned
    ask_find_frame
        *frames;  // owned; in time order: the curve. Times on one frame count once
    int n_frames; // at least 1
    ask_find_moment *moments; // owned; at least 1, given also when nothing is present
    int n_moments;
    bool present;     // presence >= threshold; false: not in this video
    double presence;  // see focus/curve.h
    double threshold; // see focus/calibration.h
    double level; // the score that a best frame needs to reach the threshold; NAN: scores
                  // do not tell
    const char *threshold_source; // static: "calibration.json" or "default"
    char *calibration_data;       // owned: what the threshold was fitted on; NULL: not told
    int64_t calibration_n;        // and on how many; 0: not told
    double decode_s, encode_s, answer_s; // frames; their embeddings; texts and curve
} ask_find_result;

/* text: UTF-8. opt may be NULL. The embeddings of all frames are kept, the pixels of a few.
 * The same inputs give the same bits, the times it took apart. With opt->seen, v may be
 * NULL: the times are then those that were seen, whatever the sampling says, and the
 * calibration is that of its yardstick. Fails: ASK_ERR_USAGE (an empty text, sampling,
 * options; frames seen by another session or at other times), ASK_ERR_LIMIT (a text longer
 * than the model's context, too many frames), ASK_ERR_MODEL (calibration.json; a model to
 * which all random sentences are alike), ASK_ERR_CANCELLED, or as the video or the model
 * do. */
ASK_API bool ask_find(ask_find_result *out, ask_video *v, ask_session *s, const char *text,
                      const ask_find_options *opt, ask_error *err);
ASK_API void ask_find_result_free(ask_find_result *r); // leaves {0}; NULL is fine

#endif
