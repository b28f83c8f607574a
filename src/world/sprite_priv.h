/* world/sprite_priv.h - a toy as it lies on a picture: which pixels it covers, and with
 * what. */
#ifndef ASK_WORLD_SPRITE_PRIV_H
#define ASK_WORLD_SPRITE_PRIV_H

#include <stdint.h>

#include "world/shape_priv.h"

enum {
    ASK_SPRITE_PX = ASK_GRID_PX,
    ASK_SPRITE_SAMPLES = ASK_GRID_PER_PX * ASK_GRID_PER_PX, // of a pixel
};

typedef struct {
    ask_shape shape;
    ask_size size;
    ask_texture texture;
    int angle, scale; // as in ask_pose
} ask_sprite_key;

typedef struct {
    uint8_t covered; // samples that are inside
    uint8_t filled;  // of these, not on the dark rim
    uint8_t second;  // of these, in the texture's second tone
} ask_sprite_pixel;

/* The toy's centre is the corner before row and column ASK_SPRITE_PX / 2. */
typedef struct {
    int reach_px; // no row or column further than this from the centre is covered
    int n_px;     // pixels covered by half or more
    ask_sprite_pixel pixels[ASK_SPRITE_PX][ASK_SPRITE_PX];
} ask_sprite;

void ask_sprite_make(ask_sprite *out, const ask_sprite_key *key);

#endif
