#include "world/sprite_priv.h"

#include <string.h>

#include "world/scene_priv.h"

enum {
    SIDE = ASK_GRID_SAMPLES,
    RIM = ASK_GRID_PER_PX,  // 1 px
    RIM_DIAGONAL = RIM - 1, // nearly the same, along a diagonal
};

/* Shapes stay at least RIM away from the border of the grid. */
typedef struct {
    ask_grid inside, filled, second;
} samples;

static void keep_where(bool *row, const bool *other)
{
    for (int x = RIM; x < SIDE - RIM; x++) row[x] = row[x] & other[x];
}

/* What is inside and further than the rim from what is not. */
static void fill_within_rim(samples *s, const ask_grid_pose *pose)
{
    for (int y = pose->margin; y < SIDE - pose->margin; y++) {
        bool *row = s->filled[y];
        memcpy(row, s->inside[y], sizeof s->filled[y]);
        keep_where(row, s->inside[y] - RIM);
        keep_where(row, s->inside[y] + RIM);
        keep_where(row, s->inside[y - RIM]);
        keep_where(row, s->inside[y + RIM]);
        keep_where(row, s->inside[y - RIM_DIAGONAL] - RIM_DIAGONAL);
        keep_where(row, s->inside[y - RIM_DIAGONAL] + RIM_DIAGONAL);
        keep_where(row, s->inside[y + RIM_DIAGONAL] - RIM_DIAGONAL);
        keep_where(row, s->inside[y + RIM_DIAGONAL] + RIM_DIAGONAL);
    }
}

static ask_sprite_pixel count_samples(const samples *s, int row_px, int column_px)
{
    ask_sprite_pixel p = {0};
    int left = column_px * ASK_GRID_PER_PX;
    for (int y = row_px * ASK_GRID_PER_PX; y < (row_px + 1) * ASK_GRID_PER_PX; y++) {
        for (int x = left; x < left + ASK_GRID_PER_PX; x++) {
            p.covered += s->inside[y][x];
            p.filled += s->filled[y][x];
            p.second += s->filled[y][x] & s->second[y][x];
        }
    }
    return p;
}

/* Upright shapes are within half their width of the centre, turned ones within 1.42 times
 * that. */
static int reach_of(const ask_sprite_key *key)
{
    int half = ask_toy_width_px(key->size) * key->scale; // in 1/512 px
    if (key->angle) half = half * 142 / 100;
    int reach = half / 512 + 1, most = ASK_SPRITE_PX / 2 - RIM / ASK_GRID_PER_PX;
    return reach < most ? reach : most;
}

void ask_sprite_make(ask_sprite *out, const ask_sprite_key *key)
{
    samples s;
    memset(out, 0, sizeof *out);
    out->reach_px = reach_of(key);
    int first = ASK_SPRITE_PX / 2 - out->reach_px, end = ASK_SPRITE_PX / 2 + out->reach_px;
    const ask_grid_pose pose = {ask_toy_width_px(key->size) * ASK_GRID_PER_PX * key->scale /
                                    256,
                                key->angle, first * ASK_GRID_PER_PX};
    memset(s.inside, 0, sizeof s.inside);
    ask_shape_fill(s.inside, key->shape, &pose);
    ask_texture_fill(s.second, key->texture, &pose);
    fill_within_rim(&s, &pose);
    for (int row = first; row < end; row++) {
        for (int column = first; column < end; column++) {
            ask_sprite_pixel p = count_samples(&s, row, column);
            out->pixels[row][column] = p;
            out->n_px += p.covered * 2 >= ASK_SPRITE_SAMPLES;
        }
    }
}
