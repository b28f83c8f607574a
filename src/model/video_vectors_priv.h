/* model/video_vectors_priv.h - the clips of a video as one of its viewers. */
#ifndef ASK_MODEL_VIDEO_VECTORS_PRIV_H
#define ASK_MODEL_VIDEO_VECTORS_PRIV_H

#include "media/viewers.h"
#include "model/video_vectors.h"

/* How many whole clips so many seconds give. Fails: ASK_ERR_LIMIT. */
bool clips_count(int *n, const ask_video_sizes *sizes, double duration_s, ask_error *err);

/* Makes the vectors of a video's first n clips, at least one, and gives each to fn. Holds
 * one clip at a time. Fails: ASK_ERR_UNSUPPORTED, ASK_ERR_NOMEM. */
typedef struct clip_walk clip_walk;
clip_walk *clip_walk_open(ask_session *s, int n, ask_video_vector_fn fn, void *user,
                          const ask_cancel *cancel, ask_error *err);
void clip_walk_close(clip_walk *w); // NULL is fine
ask_viewer clip_walk_viewer(clip_walk *w);

#endif
