/* Clips as arrays. */
#include <stdlib.h>

#include "train/timeline_batch_priv.h"

int timeline_n_cells(const timeline_size *s)
{
    int side = s->config->cells.side_px / ASK_CELLS_PX;
    return side * side;
}

int timeline_n_places(const timeline_size *s)
{
    return s->parts.pictures ? timeline_n_cells(s) : s->config->n_sights;
}

/* All options, the right one in other words, and what is nearly right. */
int64_t timeline_n_answers(const timeline_size *s)
{
    return (int64_t)s->n_clips * s->n_questions * (ASK_N_OPTIONS + 1 + s->n_near);
}

/* ---- memory ---- */

/* Zeros of the arena; after the first that could not be had, none. */
typedef struct {
    ask_arena *room;
    bool failed;
} taking;

static void *take(taking *t, size_t count, size_t item_bytes)
{
    void *items = t->failed ? NULL : ask_arena_array(t->room, count, item_bytes);
    t->failed = !items;
    return items;
}

static float *take_floats(taking *t, size_t n)
{
    return take(t, n, sizeof(float));
}

static int64_t *take_labels(taking *t, size_t n)
{
    return take(t, n, sizeof(int64_t));
}

static void take_cells(taking *t, ask_cell_labels *out, size_t n)
{
    *out = (ask_cell_labels){
        .seen = take_floats(t, n),
        .seen_weight = take_floats(t, n),
        .box = take_floats(t, 4 * n),
        .velocity = take_floats(t, 2 * n),
        .thing = take_floats(t, n),
        .color = take_labels(t, n),
        .shape = take_labels(t, n),
        .size = take_labels(t, n),
        .texture = take_labels(t, n),
        .deed = take_labels(t, n),
    };
}

bool timeline_cells_allocate(ask_cell_labels *out, size_t n_cells, ask_arena *room,
                             ask_error *err)
{
    taking t = {.room = room};
    take_cells(&t, out, n_cells);
    return !t.failed || ask_fail_memory(err);
}

static size_t n_pairs(const ask_timeline_config *c)
{
    return (size_t)c->kinds.n_values[ASK_KIND_OF_COLOR] *
           (size_t)c->kinds.n_values[ASK_KIND_OF_SHAPE];
}

static void take_glimpses(taking *t, ask_glimpse_labels *out, size_t n, size_t pairs)
{
    *out = (ask_glimpse_labels){
        .event = take_labels(t, n),
        .number = take_labels(t, n),
        .span = take_floats(t, 2 * n),
        .end = take_floats(t, 2 * n),
        .color = take_labels(t, n),
        .shape = take_labels(t, n),
        .size = take_labels(t, n),
        .texture = take_labels(t, n),
        .other_color = take_labels(t, n),
        .other_shape = take_labels(t, n),
        .later_color = take_labels(t, n),
        .way = take_labels(t, n),
        .deed = take_labels(t, n),
        .pairs = take_floats(t, pairs),
        .pairs_weight = take_floats(t, pairs),
    };
}

static void take_parts(taking *t, timeline_batch *b)
{
    const timeline_size *s = &b->size;
    const ask_timeline_config *c = s->config;
    size_t clips = (size_t)s->n_clips, frames = clips * (size_t)s->n_frames;
    size_t side = (size_t)c->cells.side_px, events = (size_t)c->n_event_slots;
    size_t toys = (size_t)c->n_toy_slots;
    if (s->parts.pictures)
        b->pixels = take_floats(t, frames * (size_t)c->cells.n_channels * side * side);
    if (s->parts.cells) take_cells(t, &b->cells, frames * (size_t)timeline_n_cells(s));
    if (s->parts.sights)
        b->sights = take_floats(t, frames * (size_t)c->n_sights *
                                       (size_t)ask_sight_width(&c->kinds));
    if (s->parts.glimpses)
        take_glimpses(t, &b->glimpses, frames * (size_t)timeline_n_places(s),
                      clips * n_pairs(c));
    if (!s->parts.memory) return;
    b->records =
        take_floats(t, clips * (events + toys) * (size_t)ask_record_width(&c->kinds));
    b->slot_events = take_labels(t, clips * events);
    b->slot_pairs = take_labels(t, clips * toys);
}

static bool open_questions(timeline_batch *b, ask_error *err)
{
    const timeline_size *s = &b->size;
    const ask_timeline_questions_size size = {
        .n_clips = s->n_clips,
        .n_questions = s->n_questions,
        .n_tokens = s->config->n_tokens,
        .n_answers = (int)timeline_n_answers(s),
        .n_near = s->n_near,
    };
    if (!s->parts.questions) return true;
    b->questions = ask_timeline_questions_new(&size, err);
    return b->questions;
}

timeline_batch *timeline_batch_new(const timeline_size *size, ask_error *err)
{
    timeline_batch *b = calloc(1, sizeof *b);
    taking t = {.room = b ? ask_arena_new(0) : NULL};
    if (!t.room) {
        free(b);
        ask_fail_memory(err);
        return NULL;
    }
    b->size = *size;
    b->room = t.room;
    take_parts(&t, b);
    if (t.failed) ask_fail_memory(err);
    if (!t.failed && open_questions(b, err)) return b;
    timeline_batch_free(b);
    return NULL;
}

void timeline_batch_free(timeline_batch *b)
{
    if (!b) return;
    ask_timeline_questions_free(b->questions);
    ask_arena_free(b->room);
    free(b);
}

/* ---- parts of arrays ---- */

ask_cell_labels timeline_cells_from(const ask_cell_labels *all, size_t place)
{
    return (ask_cell_labels){
        .seen = all->seen + place,
        .seen_weight = all->seen_weight + place,
        .box = all->box + 4 * place,
        .velocity = all->velocity + 2 * place,
        .thing = all->thing + place,
        .color = all->color + place,
        .shape = all->shape + place,
        .size = all->size + place,
        .texture = all->texture + place,
        .deed = all->deed + place,
    };
}

ask_glimpse_labels timeline_glimpses_of(const timeline_batch *b, int clip)
{
    const timeline_size *s = &b->size;
    const ask_glimpse_labels *all = &b->glimpses;
    size_t place = (size_t)clip * (size_t)s->n_frames * (size_t)timeline_n_places(s);
    size_t pair = (size_t)clip * n_pairs(s->config);
    return (ask_glimpse_labels){
        .event = all->event + place,
        .number = all->number + place,
        .span = all->span + 2 * place,
        .end = all->end + 2 * place,
        .color = all->color + place,
        .shape = all->shape + place,
        .size = all->size + place,
        .texture = all->texture + place,
        .other_color = all->other_color + place,
        .other_shape = all->other_shape + place,
        .later_color = all->later_color + place,
        .way = all->way + place,
        .deed = all->deed + place,
        .pairs = all->pairs + pair,
        .pairs_weight = all->pairs_weight + pair,
    };
}
