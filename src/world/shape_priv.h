/* world/shape_priv.h - the outlines and the textures of toys, as samples of a grid. */
#ifndef ASK_WORLD_SHAPE_PRIV_H
#define ASK_WORLD_SHAPE_PRIV_H

#include <stdbool.h>

#include "world/names.h"

/* 4 x 4 samples are a pixel; the centre of a toy is the corner in the middle of the grid.
 */
enum {
    ASK_GRID_PX = 56,
    ASK_GRID_PER_PX = 4,
    ASK_GRID_SAMPLES = ASK_GRID_PX * ASK_GRID_PER_PX,
};
typedef bool ask_grid[ASK_GRID_SAMPLES][ASK_GRID_SAMPLES];

/* How a toy lies on the grid. */
typedef struct {
    int width;  // in samples
    int angle;  // in 1/256 of a turn, clockwise
    int margin; // rows and columns less than this from the border are not looked at
} ask_grid_pose;

/* Sets the samples that are inside of the shape; the rest of the grid is left. */
void ask_shape_fill(ask_grid inside, ask_shape s, const ask_grid_pose *pose);

/* Of the samples within the margin, sets those that show the second of a texture's two
 * tones (never for ASK_PLAIN) and clears the others. */
void ask_texture_fill(ask_grid second, ask_texture t, const ask_grid_pose *pose);

/* 16384 times the sine of an angle in 1/256 of a turn. */
int ask_sine(int angle);

#endif
