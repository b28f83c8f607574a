/* media/video_priv.h - what stands behind a video, for those who read more of its file. */
#ifndef ASK_MEDIA_VIDEO_PRIV_H
#define ASK_MEDIA_VIDEO_PRIV_H

#include "media/source_priv.h"

/* Borrowed until the video is closed; only to be looked at. */
const ask_source *ask_video_source(const ask_video *v);

#endif
