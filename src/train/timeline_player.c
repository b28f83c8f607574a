#include "train/timeline_player_priv.h"

#include <stdlib.h>

#include "train/playroom_pictures.h"

enum { LEAST_BEGUN = 3 }; // frames of an event that is cut off

/* A clip while its part of a batch is filled. */
typedef struct {
    ask_scene scene; // whole
    ask_scene shown; // the same as if it ended with what is shown
    int until;
    const ask_scene_view *all; // views of all frames; NULL: not made
} playing;

struct timeline_player {
    timeline_player_options opt;
    ask_playroom_pictures *pictures;
    ask_painter *painter;
    ask_arena *room;
    playing *clips;        // [B], of the last batch
    ask_scene_view *views; // [T]
    int *times;            // [T]
    int *toys;             // [T P]
    ask_cell_labels cells; // of a frame, where a batch does not want them
    ask_sight_noise sight_noise;
    ask_memory_noise memory_noise;
};

/* ---- opening ---- */

static bool allocate(timeline_player *p, ask_error *err)
{
    const timeline_size *s = &p->opt.size;
    size_t n_frames = (size_t)s->n_frames, n_places = (size_t)timeline_n_places(s);
    p->room = ask_arena_new(0);
    if (!p->room) return ask_fail_memory(err);
    p->painter = ask_painter_new(err);
    if (!p->painter) return false;
    p->clips = ask_arena_array(p->room, (size_t)s->n_clips, sizeof *p->clips);
    p->views = ask_arena_array(p->room, n_frames, sizeof *p->views);
    p->times = ask_arena_array(p->room, n_frames, sizeof *p->times);
    p->toys = ask_arena_array(p->room, n_frames * n_places, sizeof *p->toys);
    if (!p->clips || !p->views || !p->times || !p->toys) return ask_fail_memory(err);
    return timeline_cells_allocate(&p->cells, (size_t)timeline_n_cells(s), p->room, err);
}

timeline_player *timeline_player_open(const timeline_player_options *opt, ask_error *err)
{
    timeline_player *p = calloc(1, sizeof *p);
    if (!p) {
        ask_fail_memory(err);
        return NULL;
    }
    const ask_cells_config *cells = &opt->size.config->cells;
    p->opt = *opt;
    p->sight_noise = ask_sight_noise_usual(opt->noise);
    p->memory_noise = ask_memory_noise_usual(opt->noise);
    p->pictures =
        ask_playroom_pictures_open(opt->preprocess, cells->n_channels, cells->side_px, err);
    if (p->pictures && allocate(p, err)) return p;
    timeline_player_close(p);
    return NULL;
}

void timeline_player_close(timeline_player *p)
{
    if (!p) return;
    ask_playroom_pictures_close(p->pictures);
    ask_painter_free(p->painter);
    ask_arena_free(p->room);
    free(p);
}

const ask_scene *timeline_player_scene(const timeline_player *p, int clip, int *until)
{
    *until = p->clips[clip].until;
    return &p->clips[clip].scene;
}

/* ---- what is shown ---- */

/* Up to where some event has just begun. */
static int draw_end(const ask_scene *s, ask_rng *r)
{
    if (s->n_events == 0) return s->n_frames;
    const ask_event *e = &s->events[ask_rng_below(r, (uint64_t)s->n_events)];
    int end = (int)ask_rng_between(r, e->begin + LEAST_BEGUN, e->end);
    return end < s->n_frames ? end : s->n_frames;
}

/* Up to where it is asked what comes next. */
static int end_of_prediction(const ask_world_clip *clip)
{
    for (int i = 0; i < clip->n_questions; i++)
        if (clip->questions[i].family == ASK_FAMILY_PREDICTION)
            return clip->questions[i].until;
    return clip->scene.n_frames;
}

static void show(playing *now, const timeline_player *p, const ask_scene *s,
                 const ask_world_clip *asked, ask_rng *r)
{
    const timeline_parts *parts = &p->opt.size.parts;
    bool is_cut = ask_rng_below(r, ASK_TIMELINE_AHEAD_CLIPS) == 0;
    *now = (playing){.scene = *s, .shown = *s, .until = s->n_frames};
    if (asked) now->all = asked->views;
    if (is_cut && asked)
        now->until = end_of_prediction(asked);
    else if (is_cut && parts->glimpses)
        now->until = draw_end(s, r);
    now->shown.n_frames = now->until;
}

static void choose_times(timeline_player *p, const playing *now, ask_rng *r)
{
    const timeline_size *s = &p->opt.size;
    if (s->parts.glimpses || s->parts.memory)
        ask_timeline_frames(p->times, s->n_frames, now->until);
    else
        for (int t = 0; t < s->n_frames; t++)
            p->times[t] = (int)ask_rng_below(r, (uint64_t)now->until);
}

/* ---- parts ---- */

static bool fill_pictures(timeline_player *p, timeline_batch *b, int clip,
                          const playing *now, ask_rng *r, ask_error *err)
{
    const timeline_size *s = &b->size;
    const ask_cells_config *c = &s->config->cells;
    size_t side = (size_t)c->side_px, n_cells = (size_t)timeline_n_cells(s);
    size_t picture = (size_t)c->n_channels * side * side;
    int step = ask_playroom_pictures_step(p->pictures);
    for (int t = 0; t < s->n_frames; t++) {
        size_t frame = (size_t)clip * (size_t)s->n_frames + (size_t)t;
        ask_cell_labels labels =
            s->parts.cells ? timeline_cells_from(&b->cells, frame * n_cells) : p->cells;
        if (!ask_playroom_pictures_paint(p->pictures, b->pixels + frame * picture,
                                         &p->views[t], &now->shown, p->times[t], r, err))
            return false;
        ask_timeline_label_cells(&labels, p->toys + (size_t)t * n_cells, &now->shown,
                                 &p->views[t], step, (int)(side / ASK_CELLS_PX));
    }
    return true;
}

static void fill_sights(timeline_player *p, timeline_batch *b, int clip, const playing *now,
                        ask_rng *r)
{
    const timeline_size *s = &b->size;
    const ask_timeline_config *c = s->config;
    size_t n = (size_t)s->n_frames * (size_t)c->n_sights;
    float *sights = b->sights + (size_t)clip * n * (size_t)ask_sight_width(&c->kinds);
    for (int t = 0; t < s->n_frames; t++)
        ask_paint(p->painter, &now->scene, p->times[t], NULL, &p->views[t]);
    ask_timeline_imagine_sights(sights, p->toys, &now->shown, p->views, s->n_frames,
                                c->n_sights, c->cells.side_px / ASK_CELLS_PX,
                                ask_playroom_pictures_step(p->pictures), &p->sight_noise,
                                r);
}

static void fill_memory(timeline_player *p, timeline_batch *b, int clip, const playing *now,
                        ask_rng *r)
{
    const ask_timeline_config *c = b->size.config;
    size_t at = (size_t)clip, n_events = (size_t)c->n_event_slots,
           n_toys = (size_t)c->n_toy_slots;
    float *records =
        b->records + at * (n_events + n_toys) * (size_t)ask_record_width(&c->kinds);
    ask_timeline_imagine_memory(records, b->slot_events + at * n_events,
                                b->slot_pairs + at * n_toys, &now->scene, now->all,
                                now->until, c, &p->memory_noise, r);
}

static void fill_glimpses(timeline_player *p, timeline_batch *b, int clip,
                          const playing *now)
{
    const ask_glimpse_labels labels = timeline_glimpses_of(b, clip);
    ask_timeline_label_clip(&labels, &now->scene, p->times, b->size.n_frames, p->toys,
                            timeline_n_places(&b->size), now->until);
}

/* ---- clips ---- */

static bool fill_parts(timeline_player *p, timeline_batch *b, int clip, const ask_rng *root,
                       ask_error *err)
{
    const timeline_parts *parts = &b->size.parts;
    const playing *now = &p->clips[clip];
    ask_rng times = ask_rng_split(root, "times"),
            pictures = ask_rng_split(root, "pictures");
    ask_rng sights = ask_rng_split(root, "sights"), memory = ask_rng_split(root, "memory");
    choose_times(p, now, &times);
    if (parts->pictures && !fill_pictures(p, b, clip, now, &pictures, err)) return false;
    if (parts->sights) fill_sights(p, b, clip, now, &sights);
    if (parts->memory) fill_memory(p, b, clip, now, &memory);
    if (parts->glimpses) fill_glimpses(p, b, clip, now);
    return true;
}

static bool fill_asked(timeline_player *p, timeline_batch *b, int clip, int64_t index,
                       ask_rng *end, const ask_rng *root, ask_error *err)
{
    ask_world_clip made;
    ask_rng asking = ask_rng_split(root, "questions");
    if (!ask_world_clip_make(&made, p->painter, p->opt.seed, index, p->opt.split,
                             p->opt.style, err))
        return false;
    playing *now = &p->clips[clip];
    show(now, p, &made.scene, &made, end);
    bool ok = fill_parts(p, b, clip, root, err) &&
              ask_timeline_questions_add(b->questions, clip, &made, now->until,
                                         p->opt.tokenizer, &asking, err);
    now->all = NULL;
    ask_world_clip_free(&made);
    return ok;
}

static bool fill_clip(timeline_player *p, timeline_batch *b, int clip, int64_t index,
                      ask_error *err)
{
    ask_rng seed = ask_rng_new(p->opt.seed);
    ask_rng split = ask_rng_split(&seed, ask_split_name(p->opt.split));
    ask_rng root = ask_rng_split_at(&split, (uint64_t)index);
    ask_rng end = ask_rng_split(&root, "end");
    if (b->questions) return fill_asked(p, b, clip, index, &end, &root, err);
    ask_scene scene;
    ask_scene_make(&scene, p->opt.seed, index, p->opt.split, p->opt.style);
    show(&p->clips[clip], p, &scene, NULL, &end);
    return fill_parts(p, b, clip, &root, err);
}

bool timeline_player_fill(timeline_player *p, timeline_batch *b, int64_t first,
                          ask_error *err)
{
    bool ok = true;
    if (b->questions) ask_timeline_questions_begin(b->questions);
    for (int i = 0; ok && i < b->size.n_clips; i++) ok = fill_clip(p, b, i, first + i, err);
    if (!ok || !b->questions) return ok;
    ask_timeline_questions_end(b->questions);
    timeline_fit(b->questions, timeline_room_of(&b->size));
    return true;
}
