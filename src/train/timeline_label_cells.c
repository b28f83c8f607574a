/* train/timeline_label_cells.c - what stands in the cells of one frame. */
#include "train/timeline_truth_priv.h"

int ask_toy_in_cell(const ask_scene *s, const ask_scene_view *v, int cell, int n_side)
{
    int found = ASK_CELL_EMPTY;
    for (int toy = 0; toy < s->n_toys; toy++) {
        const ask_toy_view *now = &v->toys[toy];
        if (now->n_px == 0 || ask_spot_cell(ask_toy_view_middle(now), n_side) != cell)
            continue;
        if (!ask_toy_is_seen(now))
            found = found == ASK_CELL_EMPTY ? ASK_CELL_DOES_NOT_COUNT : found;
        else if (found < 0 || now->n_px > v->toys[found].n_px)
            found = toy;
    }
    return found;
}

static void label_nothing(const ask_cell_labels *out, int cell, bool counts)
{
    out->seen[cell] = out->thing[cell] = 0;
    out->seen_weight[cell] = counts ? 1 : 0;
    for (int i = 0; i < 4; i++) out->box[4 * cell + i] = 0;
    for (int i = 0; i < 2; i++) out->velocity[2 * cell + i] = 0;
    out->color[cell] = out->shape[cell] = out->size[cell] = out->texture[cell] = -1;
    out->deed[cell] = -1;
}

static void label_box(float *box, const ask_toy_view *v, int cell, int n_side)
{
    double cells_per_px = (double)n_side / ASK_WORLD_SIDE_PX;
    ask_spot middle = ask_toy_view_middle(v);
    box[0] = (float)(middle.x * cells_per_px - cell % n_side - 0.5);
    box[1] = (float)(middle.y * cells_per_px - cell / n_side - 0.5);
    box[2] = (float)((v->x1 - v->x0) * cells_per_px);
    box[3] = (float)((v->y1 - v->y0) * cells_per_px);
}

static void label_velocity(float *velocity, const ask_scene *s, int toy, int frame,
                           int step, int n_side)
{
    double cells_per_px = (double)n_side / ASK_WORLD_SIDE_PX;
    ask_spot way = ask_toy_way(s, toy, frame, step);
    velocity[0] = (float)(way.x * cells_per_px);
    velocity[1] = (float)(way.y * cells_per_px);
}

static void label_kinds(const ask_cell_labels *out, int cell, const ask_scene *s, int toy,
                        int frame)
{
    const ask_toy *t = &s->toys[toy];
    int event = ask_scene_event_of(s, toy, frame);
    bool turns = event >= 0 && s->events[event].kind == ASK_TURN;
    bool grows = event >= 0 && s->events[event].kind == ASK_GROW;
    out->color[cell] = turns ? -1 : (int64_t)ask_scene_color_of(s, toy, frame);
    out->shape[cell] = t->shape;
    out->size[cell] = grows ? -1 : (int64_t)t->size;
    out->texture[cell] = t->texture;
    out->deed[cell] = ask_toy_deed(s, toy, frame);
}

void ask_timeline_label_cells(const ask_cell_labels *out, int *toys, const ask_scene *s,
                              const ask_scene_view *v, int step, int n_side)
{
    for (int cell = 0; cell < n_side * n_side; cell++) {
        int toy = ask_toy_in_cell(s, v, cell, n_side);
        if (toys) toys[cell] = toy < 0 ? -1 : toy;
        label_nothing(out, cell, toy != ASK_CELL_DOES_NOT_COUNT);
        if (toy < 0) continue;
        out->seen[cell] = out->thing[cell] = 1;
        label_box(out->box + 4 * cell, &v->toys[toy], cell, n_side);
        label_velocity(out->velocity + 2 * cell, s, toy, v->frame, step, n_side);
        label_kinds(out, cell, s, toy, v->frame);
    }
}
