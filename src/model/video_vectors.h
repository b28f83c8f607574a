/* model/video_vectors.h - vectors of a video, one a clip: what S3D makes of each second.
 *
 * The video is shown at the network's rate (16 a second): at tick k stands the last frame
 * that is nearer to it than to a later tick, as ffmpeg's `fps` filter has it. Clips of 16
 * frames follow each other without overlap; frames that fill no clip are left out, so a
 * video of less than a second gives nothing. Of a frame the shorter side becomes 224 px
 * (the longer one truncated), the middle 224 x 224 is seen, and samples are divided by 255;
 * no mean is subtracted.
 *
 * The published features were scaled by ffmpeg, in YUV and with its bicubic filter; here it
 * is Pillow's bicubic filter on RGB, which is the same shape (a = -0.5 for -0.6), widens
 * alike when shrinking, and gives the same bits everywhere. Pixels differ by a few of 255
 * at sharp edges, and nowhere by a shift.
 * After: the feature extractor of Yang et al. 2021, "Just Ask". */
#ifndef ASK_MODEL_VIDEO_VECTORS_H
#define ASK_MODEL_VIDEO_VECTORS_H

#include "media/video.h"
#include "model/model.h"

/* What the network takes and gives. */
typedef struct {
    double fps;
    int n_frames; // of a clip
    int side_px;
    int n_embed;       // numbers of a vector
    double clip_gflop; // work of a clip, multiply and add counted as two
} ask_video_sizes;

/* False, with ASK_ERR_UNSUPPORTED, for a network that takes no clips. */
ASK_API bool ask_video_sizes_of(ask_video_sizes *out, const ask_model *m, ask_error *err);

/* out: [n, n_embed]. clips: [n, 3, n_frames, side_px, side_px] in 0..1. A clip's bits do
 * not depend on the others. cancel may be NULL. On failure *out is undefined. */
ASK_API bool ask_embed_clips(ask_session *s, float *out, const float *clips, int n,
                             const ask_cancel *cancel, ask_error *err);

/* Takes the vector of one clip, which begins at t_s and is borrowed for the call. */
typedef bool (*ask_video_vector_fn)(void *user, const float *vector, double t_s,
                                    ask_error *err);

/* Gives the vectors of a video in order. Holds one clip at a time, whatever the length of
 * the video. *n_clips (may be NULL): how many there are, known before the first one. cancel
 * may be NULL. Fails as ask_video_table, ask_video_frames_at and fn do. */
ASK_API bool ask_embed_video(ask_session *s, ask_video *video, int64_t *n_clips,
                             ask_video_vector_fn fn, void *user, const ask_cancel *cancel,
                             ask_error *err);

#endif
