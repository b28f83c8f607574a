#include <string.h>

#include "world/scene_priv.h"

enum { NO_CELL = -1, PITCH_PX = 43, FIRST_PX = 21, ROOM_PX = 21, OFF_MIDDLE_PX = 7 };

/* Which cells are in use in which frames. */
typedef struct {
    bool cells[ASK_GRID_CELLS][ASK_SCENE_MAX_FRAMES];
} occupancy;

static bool is_free(const occupancy *o, int cell, int begin, int end)
{
    for (int t = begin; t < end; t++) {
        if (o->cells[cell][t]) return false;
    }
    return true;
}

static void take(occupancy *o, int cell, int begin, int end)
{
    for (int t = begin; t < end; t++) o->cells[cell][t] = true;
}

static int row_of(int cell)
{
    return cell / ASK_GRID_SIDE;
}

static int column_of(int cell)
{
    return cell % ASK_GRID_SIDE;
}

static bool is_inner(int cell)
{
    return row_of(cell) == 1 && column_of(cell) == 1;
}

static void shuffled_cells(ask_scene_draft *d, int cells[ASK_GRID_CELLS])
{
    for (int i = 0; i < ASK_GRID_CELLS; i++) cells[i] = i;
    ask_rng_shuffle(&d->rng, cells, ASK_GRID_CELLS, sizeof *cells);
}

/* Whether a toy may slide along a row or a column, over cells that are free meanwhile, to
 * one that stays free until the toy goes. */
static bool slide_fits(const occupancy *o, const ask_event *e, int end, int from, int to)
{
    bool in_row = row_of(from) == row_of(to), in_column = column_of(from) == column_of(to);
    if (from == to || !(in_row || in_column)) return false;
    int step = in_row ? 1 : ASK_GRID_SIDE;
    if (to < from) step = -step;
    for (int c = from + step; c != to; c += step) {
        if (!is_free(o, c, e->begin, e->end)) return false;
    }
    return is_free(o, to, e->begin, end);
}

static int draw_slide(ask_scene_draft *d, const occupancy *o, const ask_event *e, int end,
                      int from)
{
    int cells[ASK_GRID_CELLS];
    shuffled_cells(d, cells);
    for (int i = 0; i < ASK_GRID_CELLS; i++) {
        if (slide_fits(o, e, end, from, cells[i])) return cells[i];
    }
    return NO_CELL;
}

/* The cells between the ends of a slide, which it passes. */
static void take_way(occupancy *o, const ask_event *e, int from, int to)
{
    if ((from + to) % 2) return; // neighbours in a row or a column: one is odd, one even
    take(o, (from + to) / 2, e->begin, e->end);
}

/* Follows a toy from a cell through all that it does; o is changed even where it fails. */
static bool follow_toy(ask_scene_draft *d, occupancy *o, int toy, int cell)
{
    const ask_toy *t = &d->scene.toys[toy];
    int since = t->begin;
    if (!is_free(o, cell, since, t->end)) return false;
    for (int i = 0; i < d->scene.n_events; i++) {
        const ask_event *e = &d->scene.events[i];
        if (e->toy != toy) continue;
        if ((e->kind == ASK_ENTER || e->kind == ASK_LEAVE) && is_inner(cell)) return false;
        if (e->kind == ASK_JUMP) {
            int above = cell - ASK_GRID_SIDE;
            if (above < 0 || !is_free(o, above, e->begin, e->end)) return false;
            take(o, above, e->begin, e->end);
        }
        if (e->kind == ASK_SLIDE) {
            int to = draw_slide(d, o, e, t->end, cell);
            if (to == NO_CELL) return false;
            take(o, cell, since, e->end);
            take_way(o, e, cell, to);
            d->to_cell[i] = to;
            cell = to;
            since = e->begin;
        }
    }
    take(o, cell, since, t->end);
    return true;
}

static bool place_toy(ask_scene_draft *d, occupancy *o, int toy)
{
    int cells[ASK_GRID_CELLS];
    shuffled_cells(d, cells);
    for (int i = 0; i < ASK_GRID_CELLS; i++) {
        occupancy attempt = *o;
        if (follow_toy(d, &attempt, toy, cells[i])) {
            *o = attempt;
            d->home_cell[toy] = cells[i];
            return true;
        }
    }
    return false;
}

bool ask_draft_cells(ask_scene_draft *d)
{
    occupancy o;
    memset(&o, 0, sizeof o);
    for (int i = 0; i < d->scene.n_toys; i++) {
        if (!place_toy(d, &o, i)) return false;
    }
    return true;
}

// --- Exact positions ---------------------------------------------------------------------

int ask_toy_width_px(ask_size size)
{
    static const int widths[ASK_N_SIZES] = {
        [ASK_SMALL] = 20, [ASK_MEDIUM] = 28, [ASK_LARGE] = 38};
    return widths[size];
}

static bool comes_or_goes(const ask_scene *s, int toy)
{
    for (int i = 0; i < s->n_events; i++) {
        const ask_event *e = &s->events[i];
        if (e->toy == toy && (e->kind == ASK_ENTER || e->kind == ASK_LEAVE)) return true;
    }
    return false;
}

/* How far from the middle of its cell a toy stands, along one axis: within the cell; in the
 * middle of the picture to one side of the midline if there is room; where it has to cross
 * an edge, away from the edge, so that its way is long enough to be seen. */
static int draw_offset_px(ask_scene_draft *d, int cell, int room, bool crosses_edge)
{
    if (cell == 1) {
        int least = room >= OFF_MIDDLE_PX ? OFF_MIDDLE_PX : 0;
        int offset = ask_draft_between(d, least, room);
        return ask_draft_chance(d, 1, 2) ? offset : -offset;
    }
    if (crosses_edge) return ask_draft_between(d, 0, room) * (cell == 0 ? 1 : -1);
    return ask_draft_between(d, -room, room);
}

/* Just outside of an edge that the cell lies at. */
static void draw_way_out(ask_scene_draft *d, ask_event *e, int cell, int x, int y)
{
    int half = ask_toy_width_px(d->scene.toys[e->toy].size) / 2 * ASK_WORLD_UNITS_PER_PX;
    int far = ASK_WORLD_SIDE_PX * ASK_WORLD_UNITS_PER_PX + half;
    bool sideways =
        row_of(cell) == 1 || (column_of(cell) != 1 && ask_draft_chance(d, 1, 2));
    e->to_x = !sideways ? x : column_of(cell) == 0 ? -half : far;
    e->to_y = sideways ? y : row_of(cell) == 0 ? -half : far;
}

static void position_toy(ask_scene_draft *d, int toy)
{
    ask_toy *t = &d->scene.toys[toy];
    int cell = d->home_cell[toy], room = ROOM_PX - ask_toy_width_px(t->size) / 2;
    bool crosses = comes_or_goes(&d->scene, toy);
    int x = FIRST_PX + PITCH_PX * column_of(cell) +
            draw_offset_px(d, column_of(cell), room, crosses);
    int y =
        FIRST_PX + PITCH_PX * row_of(cell) + draw_offset_px(d, row_of(cell), room, crosses);
    t->home_x = x * ASK_WORLD_UNITS_PER_PX;
    t->home_y = y * ASK_WORLD_UNITS_PER_PX;
    int now_x = t->home_x, now_y = t->home_y;
    for (int i = 0; i < d->scene.n_events; i++) {
        ask_event *e = &d->scene.events[i];
        if (e->toy != toy) continue;
        if (e->kind == ASK_SLIDE) {
            int pitch = PITCH_PX * ASK_WORLD_UNITS_PER_PX, to = d->to_cell[i];
            now_x = e->to_x = now_x + pitch * (column_of(to) - column_of(cell));
            now_y = e->to_y = now_y + pitch * (row_of(to) - row_of(cell));
            cell = to;
        } else if (e->kind == ASK_ENTER || e->kind == ASK_LEAVE) {
            draw_way_out(d, e, cell, now_x, now_y);
        }
    }
}

void ask_draft_positions(ask_scene_draft *d)
{
    for (int i = 0; i < d->scene.n_toys; i++) position_toy(d, i);
}
