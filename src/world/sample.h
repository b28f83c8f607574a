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

/* A phrase for training about a scene: of what is there in the frame, of a near miss (one
 * demand is changed; half the time to what another toy of the scene has), or of what
 * another frame has. It can be said as a caption, and speaks of nothing that only another
 * split has. */
ASK_API ask_phrase ask_sample_phrase(ask_rng *r, const ask_scene *s,
                                     const ask_scene_view *v);

/* The i-th of the phrases that demand one thing alone ("something red"). */
enum {
    ASK_N_SINGLE_DEMANDS = ASK_N_COLORS + ASK_N_SHAPES + ASK_N_SIZES + ASK_N_TEXTURES +
                           ASK_N_PLACES + ASK_N_SIMPLE_EVENTS
};
ASK_API ask_phrase ask_sample_single_demand(int i);

/* A way to say it that fits, with its wording. */
ASK_API ask_saying ask_sample_saying(ask_rng *r, ask_phrase p, int *wording);

#endif
