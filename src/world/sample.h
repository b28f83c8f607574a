/* world/sample.h - pictures and phrases for training, straight from the painter: a frame
 * with its neighbours, with the noise that compression would have made. */
#ifndef ASK_WORLD_SAMPLE_H
#define ASK_WORLD_SAMPLE_H

#include "world/phrase.h"

/* Frames t - step, t, t + step (held within the clip) as three RGB pictures of 128 x 128,
 * compressed alike. noise draws the strength; NULL: none. view (may be NULL) is that of
 * frame t. */
ASK_API void ask_sample_paint(ask_painter *p, const ask_scene *s, int frame, int step,
                              ask_rng *noise, ask_image images[3], ask_scene_view *view);

/* A phrase for training about a scene: of what is there in the frame, of a near miss, or of
 * what another frame has. It can be said as a caption. */
ASK_API ask_phrase ask_sample_phrase(ask_rng *r, const ask_scene *s,
                                     const ask_scene_view *v);

/* A way to say it that fits, with its wording. */
ASK_API ask_saying ask_sample_saying(ask_rng *r, ask_phrase p, int *wording);

#endif
