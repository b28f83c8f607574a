/* media/viewers.h - the frames of a video for several viewers, decoded once.
 *
 * Each viewer has times of its own. The video is asked for all of them together, and every
 * frame is handed to whoever wants it: what a viewer sees does not depend on the others. */
#ifndef ASK_MEDIA_VIEWERS_H
#define ASK_MEDIA_VIEWERS_H

#include "media/video.h"

typedef struct {
    const double *t_s; // borrowed; n ascending times within the video, repeats allowed
    int n;
    ask_frame_fn fn; // frame->request: which of the viewer's times this is
    void *user;
} ask_viewer;

/* Gives each viewer the frames on display at its times, in order; of viewers with the same
 * time the first comes first. The video's own progress tells how far it is; cancel may be
 * NULL. Fails: ASK_ERR_LIMIT for more times than an int counts, ASK_ERR_CANCELLED,
 * ASK_ERR_NOMEM, or as ask_video_frames_at and the viewers do. */
ASK_API bool ask_video_show(ask_video *v, const ask_viewer *viewers, int n_viewers,
                            const ask_cancel *cancel, ask_error *err);

#endif
