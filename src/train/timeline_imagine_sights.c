/* train/timeline_imagine_sights.c - the sights that cells would give of a clip. */
#include "train/timeline_imagine_priv.h"

#include <string.h>

enum { NO_TOY = -1, MOST_SIGHT = 1024 };

/* What all sights of a clip share. */
typedef struct {
    const ask_scene *s;
    ask_timeline_kinds kinds;
    int n_side, step;
    const ask_sight_noise *noise;
    ask_rng *r;
    ask_guise taken[ASK_SCENE_MAX_TOYS]; // what every toy is taken for
} eye;

static float *field(const eye *e, float *row, ask_sight_field f)
{
    return row + ask_sight_field_of(&e->kinds, f).begin;
}

static ask_guise_shares mistaken_shares(const ask_sight_noise *z)
{
    return (ask_guise_shares){z->color, z->shape, z->size, z->texture};
}

/* ---- what is seen of a toy ---- */

static void see_kind(const eye *e, float *p, ask_timeline_kind kind, int shown, int right)
{
    ask_imagine_kind(p, e->kinds.n_values[kind], shown, right, ask_imagine_doubt(e->r),
                     e->r);
}

/* The colour that it has now; a mistake about the first one is made throughout. */
static void see_color(const eye *e, float *p, int toy, int frame, ask_guise taken)
{
    int event = ask_scene_event_of(e->s, toy, frame), n = ASK_N_COLORS;
    int first = (int)e->s->toys[toy].color;
    int now = (int)ask_scene_color_of(e->s, toy, frame), shown = now;
    if (taken.color != first)
        shown = now == first ? taken.color : ask_imagine_value(e->r, now, n, 1);
    see_kind(e, p, ASK_KIND_OF_COLOR, shown, now);
    if (event < 0 || e->s->events[event].kind != ASK_TURN) return;
    ask_pose pose = ask_scene_pose(e->s, toy, frame);
    double turned = pose.turned / 256.0;
    for (int i = 0; i < n; i++) p[i] = (float)(p[i] * (1 - turned));
    p[pose.to_color] += (float)turned;
}

/* One that grows looks larger. */
static void see_size(const eye *e, float *p, int toy, int frame, ask_guise now)
{
    int right = (int)e->s->toys[toy].size;
    ask_pose pose = ask_scene_pose(e->s, toy, frame);
    bool larger = pose.scale > 256 && right + 1 < ASK_N_SIZES &&
                  ask_imagine_chance(e->r, (pose.scale - 256.0) / (ASK_GROW_SCALE - 256));
    see_kind(e, p, ASK_KIND_OF_SIZE, larger ? right + 1 : now.size, right);
}

/* What is taken for what a toy does. Three frames hardly tell one way of going from
 * another; of other deeds, half of those that are missed are taken for nothing. */
static int mistake_deed(const eye *e, int right)
{
    enum { NOTHING = 0, MOVED = 1 + ASK_N_EVENTS };
    const double wrong = e->noise->deed;
    bool goes =
        right == MOVED || (right != NOTHING && ask_event_goes((ask_event_kind)(right - 1)));
    if (right == NOTHING)
        return ask_imagine_value(e->r, right, ASK_N_EVENTS + 2, wrong / 4);
    if (!ask_imagine_chance(e->r, goes ? 4 * wrong : wrong)) return right;
    if (ask_imagine_chance(e->r, goes ? 0.2 : 0.5)) return NOTHING;
    return 1 + ask_imagine_event(e->r, right == MOVED ? ASK_SLIDE : right - 1, 1);
}

/* When something begins and ends is not seen to the frame. */
static void see_deed(const eye *e, float *p, int toy, int frame)
{
    if (ask_imagine_chance(e->r, 0.5))
        frame += (int)ask_rng_between(e->r, -e->step, e->step);
    int right = ask_toy_deed(e->s, toy, ask_frame_within(e->s, frame));
    ask_imagine_kind(p, ASK_N_EVENTS + 2, mistake_deed(e, right), right,
                     ask_imagine_doubt(e->r), e->r);
}

static void see_box(const eye *e, float *box, const ask_toy_view *v)
{
    const double side = ASK_WORLD_SIDE_PX, off = e->noise->box / e->n_side;
    ask_spot middle = ask_toy_view_middle(v);
    box[0] = (float)(middle.x / side + off * ask_rng_normal(e->r));
    box[1] = (float)(middle.y / side + off * ask_rng_normal(e->r));
    box[2] = (float)((v->x1 - v->x0) / side + off * ask_rng_normal(e->r));
    box[3] = (float)((v->y1 - v->y0) / side + off * ask_rng_normal(e->r));
}

static void see_velocity(const eye *e, float *velocity, int toy, int frame)
{
    ask_spot way = ask_toy_way(e->s, toy, frame, e->step);
    double cells_per_px = (double)e->n_side / ASK_WORLD_SIDE_PX, off = e->noise->velocity;
    velocity[0] = (float)(way.x * cells_per_px + off * ask_rng_normal(e->r));
    velocity[1] = (float)(way.y * cells_per_px + off * ask_rng_normal(e->r));
}

static void see_toy(const eye *e, float *row, const ask_scene_view *v, int toy, double seen)
{
    ask_guise is = ask_guise_of(&e->s->toys[toy]);
    ask_guise now = ask_guise_looked_at(e->r, is, e->taken[toy], mistaken_shares(e->noise));
    *field(e, row, ASK_SIGHT_SEEN) = (float)seen;
    see_box(e, field(e, row, ASK_SIGHT_BOX), &v->toys[toy]);
    see_velocity(e, field(e, row, ASK_SIGHT_VELOCITY), toy, v->frame);
    see_color(e, field(e, row, ASK_SIGHT_COLOR), toy, v->frame, now);
    see_kind(e, field(e, row, ASK_SIGHT_SHAPE), ASK_KIND_OF_SHAPE, now.shape, is.shape);
    see_size(e, field(e, row, ASK_SIGHT_SIZE), toy, v->frame, now);
    see_kind(e, field(e, row, ASK_SIGHT_TEXTURE), ASK_KIND_OF_TEXTURE, now.texture,
             is.texture);
    see_deed(e, field(e, row, ASK_SIGHT_DEED), toy, v->frame);
}

/* ---- what is seen where no toy is ---- */

static void see_anything(const eye *e, float *row)
{
    float *box = field(e, row, ASK_SIGHT_BOX);
    for (int i = 0; i < 2; i++) box[i] = ask_rng_float(e->r);
    for (int i = 2; i < 4; i++)
        box[i] = (float)ask_imagine_between(e->r, 0.5, 2.5) / (float)e->n_side;
    for (int i = 0; i < 2; i++)
        field(e, row, ASK_SIGHT_VELOCITY)[i] =
            (float)(e->noise->velocity * ask_rng_normal(e->r));
    for (int f = ASK_SIGHT_COLOR; f <= ASK_SIGHT_TEXTURE; f++)
        ask_imagine_any(field(e, row, (ask_sight_field)f),
                        ask_sight_field_of(&e->kinds, (ask_sight_field)f).n, e->r);
    ask_imagine_kind(field(e, row, ASK_SIGHT_DEED), ASK_N_EVENTS + 2, 0, 0,
                     ask_imagine_doubt(e->r), e->r);
}

/* A cell beside that of a toy says what that says, and a little off. */
static void see_beside(const eye *e, float *row, const ask_scene_view *v, int toy)
{
    see_toy(e, row, v, toy, 0);
    for (int i = 0; i < 2; i++)
        field(e, row, ASK_SIGHT_BOX)[i] +=
            (float)(ask_imagine_between(e->r, -0.7, 0.7) / e->n_side);
}

static void see_no_toy(const eye *e, float *row, const ask_scene_view *v, double seen)
{
    int toy = (int)ask_rng_below(e->r, (uint64_t)e->s->n_toys);
    if (v->toys[toy].n_px > 0 && ask_imagine_chance(e->r, 0.8))
        see_beside(e, row, v, toy);
    else
        see_anything(e, row);
    *field(e, row, ASK_SIGHT_SEEN) = (float)seen;
}

/* ---- frames ---- */

static double draw_seen(const eye *e)
{
    return 1 - ask_imagine_doubt(e->r);
}

static double draw_unseen(const eye *e)
{
    double u = ask_rng_double(e->r);
    return 0.49 * u * u * u * u;
}

static void see_frame(const eye *e, float *rows, int *toys, const ask_scene_view *v, int n)
{
    static const int none = NO_TOY;
    ask_imagine_rows list = {.rows = rows,
                             .marks = toys,
                             .mark_bytes = sizeof *toys,
                             .most = n,
                             .width = ask_sight_width(&e->kinds),
                             .key = ask_sight_field_of(&e->kinds, ASK_SIGHT_SEEN).begin};
    float row[MOST_SIGHT];
    for (int toy = 0; toy < e->s->n_toys; toy++) {
        bool seen = ask_toy_is_seen(&v->toys[toy]);
        if (v->toys[toy].n_px == 0 || (seen && ask_imagine_chance(e->r, e->noise->miss)))
            continue;
        see_toy(e, row, v, toy, seen ? draw_seen(e) : 0.7 * ask_rng_double(e->r));
        ask_imagine_rows_add(&list, row, seen ? &toy : &none);
    }
    for (int n_others = n - list.n; n_others > 0; n_others--) {
        bool ghost = ask_imagine_chance(e->r, e->noise->ghost);
        see_no_toy(e, row, v, ghost ? ask_imagine_between(e->r, 0.3, 1) : draw_unseen(e));
        ask_imagine_rows_add(&list, row, &none);
    }
}

ask_sight_noise ask_sight_noise_usual(double share)
{
    return (ask_sight_noise){.miss = 0.04 * share,
                             .ghost = 0.05 * share,
                             .color = 0.01 * share,
                             .shape = 0.10 * share,
                             .size = 0.04 * share,
                             .texture = 0.06 * share,
                             .deed = 0.10 * share,
                             .box = 0.08 * share,
                             .velocity = 0.05 * share};
}

void ask_timeline_imagine_sights(float *sights, int *toys, const ask_scene *s,
                                 const ask_scene_view *views, int n_frames, int n_sights,
                                 int n_side, int step, const ask_sight_noise *noise,
                                 ask_rng *r)
{
    eye e = {.s = s,
             .kinds = ask_timeline_playroom_kinds(),
             .n_side = n_side,
             .step = step,
             .noise = noise,
             .r = r};
    size_t of_frame = (size_t)n_sights * (size_t)ask_sight_width(&e.kinds);
    for (int i = 0; i < s->n_toys; i++)
        e.taken[i] = ask_guise_mistaken(r, ask_guise_of(&s->toys[i]),
                                        ask_guise_half(mistaken_shares(noise)));
    for (int t = 0; t < n_frames; t++)
        see_frame(&e, sights + (size_t)t * of_frame, toys + t * n_sights, &views[t],
                  n_sights);
}
