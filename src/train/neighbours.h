/* train/neighbours.h - an image tower that begins by looking at neighbours.
 *
 * A tower drawn at random has to find out which patches lie beside each other before it can
 * tell a shape, and with some hundred thousand frames it does not. So it begins near a
 * convolution: the positions are waves in the first numbers of each patch, which nothing
 * else writes to at first, and each of the first eight heads of a layer turns them by one
 * step in a direction of its own, so that it looks at that neighbour. All of it is then
 * trained like the rest. After: Cordonnier et al. 2020, "On the Relationship between
 * Self-Attention and Convolutional Layers"; d'Ascoli et al. 2021, "ConViT". */
#ifndef ASK_TRAIN_NEIGHBOURS_H
#define ASK_TRAIN_NEIGHBOURS_H

#include "net/tower/clip_vision.h"

/* Changes parameters that were drawn at random and can be written. Fails: ASK_ERR_USAGE for
 * heads of fewer than 4 numbers, which hold no wave; ASK_ERR_NOMEM. */
ASK_API bool ask_neighbours_begin(const ask_clip_vision *v, ask_error *err);

#endif
