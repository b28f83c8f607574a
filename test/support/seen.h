/* support/seen.h - the frames that a video gave, to be compared. */
#ifndef SUPPORT_SEEN_H
#define SUPPORT_SEEN_H

#include "media/video.h"

typedef struct {
    int request;
    int64_t index, pts;
    double t_s;
    bool key;
    int width, height;
    int number;    // what the picture shows (support/clips.h); -1: none
    uint64_t hash; // of the pixels
} seen_frame;

/* Start with {0}. */
typedef struct {
    seen_frame *items; // owned; n of them
    int n, capacity;
} seen;

/* An ask_frame_fn: adds the frame to the seen that user points to. */
bool seen_add(void *user, const ask_video_frame *frame, ask_error *err);

/* All frames of a video, from a walk. Fails the test with `where` when that fails. */
seen seen_walk(const char *where, ask_video *v);

void seen_free(seen *s);

#endif
