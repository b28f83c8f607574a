/* Clips as inputs of a graph. */
#include "train/timeline_batch_priv.h"

static void add_memory(timeline_inputs *out, ask_graph *g, const ask_timeline_config *c,
                       int64_t n_clips)
{
    int64_t n_events = c->n_event_slots, n_toys = c->n_toy_slots;
    int64_t shape[] = {n_clips, n_events + n_toys, ask_record_width(&c->kinds)};
    out->records = ask_input(g, ASK_F32, 3, shape);
    out->slots.events = ask_input(g, ASK_I64, 2, (int64_t[]){n_clips, n_events});
    out->slots.pairs = ask_input(g, ASK_I64, 2, (int64_t[]){n_clips, n_toys});
}

static void add_questions(timeline_inputs *out, ask_graph *g, const timeline_size *s)
{
    int64_t n_clips = s->n_clips, n_asked = s->n_questions, n_tokens = s->config->n_tokens;
    int64_t n_answers = timeline_n_answers(s);
    int64_t asked[] = {n_clips, n_asked, n_tokens}, answers[] = {n_answers, n_tokens};
    const timeline_room room = timeline_room_of(s);
    out->asked = (ask_timeline_texts){
        .ids = ask_input(g, ASK_I64, 3, asked),
        .mask = ask_input(g, ASK_BOOL, 3, asked),
        .room = room.questions,
    };
    out->answers = (ask_timeline_texts){
        .ids = ask_input(g, ASK_I64, 2, answers),
        .mask = ask_input(g, ASK_BOOL, 2, answers),
        .room = room.answers,
    };
    ask_focus_truth_inputs(&out->questions, g, n_clips * n_asked, ASK_N_OPTIONS, n_answers,
                           ASK_TIMELINE_PAIRS);
}

void timeline_inputs_add(timeline_inputs *out, ask_graph *g, const timeline_size *s)
{
    const ask_timeline_config *c = s->config;
    int64_t n_clips = s->n_clips, n_frames = n_clips * s->n_frames, side = c->cells.side_px;
    *out = (timeline_inputs){0};
    if (s->parts.pictures) {
        int64_t shape[] = {n_frames, c->cells.n_channels, side, side};
        out->pixels = ask_input(g, ASK_F32, 4, shape);
    }
    if (s->parts.cells)
        ask_sight_truth_inputs(&out->cells, g, n_frames * timeline_n_cells(s));
    if (s->parts.sights) {
        int64_t shape[] = {n_clips, s->n_frames * c->n_sights, ask_sight_width(&c->kinds)};
        out->sights = ask_input(g, ASK_F32, 3, shape);
    }
    if (s->parts.glimpses)
        ask_glimpse_truth_inputs(&out->glimpses, g, &c->kinds, n_clips,
                                 (int64_t)s->n_frames * timeline_n_places(s));
    if (s->parts.memory) add_memory(out, g, c, n_clips);
    if (s->parts.questions) add_questions(out, g, s);
}

/* ---- writing ---- */

typedef struct {
    ask_tensor *to; // NULL: nothing is written
    const void *from;
} copying;

static bool copy(const copying *all, size_t n, ask_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const copying *c = &all[i];
        if (c->to && !ask_tensor_write(c->to, c->from, ask_tensor_bytes(c->to), err))
            return false;
    }
    return true;
}

#define COPY(ALL, ERR) copy(ALL, sizeof(ALL) / sizeof *(ALL), ERR)

static bool write_cells(const ask_sight_truth *to, const ask_cell_labels *from,
                        ask_error *err)
{
    const copying all[] = {
        {to->seen, from->seen},       {to->seen_weight, from->seen_weight},
        {to->box, from->box},         {to->velocity, from->velocity},
        {to->thing, from->thing},     {to->color, from->color},
        {to->shape, from->shape},     {to->size, from->size},
        {to->texture, from->texture}, {to->deed, from->deed},
    };
    return COPY(all, err);
}

static bool write_glimpses(const ask_glimpse_truth *to, const ask_glimpse_labels *from,
                           ask_error *err)
{
    const copying all[] = {
        {to->event, from->event},
        {to->number, from->number},
        {to->span, from->span},
        {to->end, from->end},
        {to->color, from->color},
        {to->shape, from->shape},
        {to->size, from->size},
        {to->texture, from->texture},
        {to->other_color, from->other_color},
        {to->other_shape, from->other_shape},
        {to->later_color, from->later_color},
        {to->way, from->way},
        {to->deed, from->deed},
        {to->pairs, from->pairs},
        {to->pairs_weight, from->pairs_weight},
    };
    return COPY(all, err);
}

static bool write_questions(const timeline_inputs *in, const ask_timeline_questions *from,
                            ask_error *err)
{
    const ask_focus_truth *to = &in->questions;
    const copying all[] = {
        {in->asked.ids, from->ids},
        {in->asked.mask, from->text_mask},
        {in->answers.ids, from->answer_ids},
        {in->answers.mask, from->answer_mask},
        {to->options, from->options},
        {to->right, from->right},
        {to->open, from->open},
        {to->rivals, from->rivals},
        {to->weight, from->weight},
        {to->events, from->events},
        {to->pairs, from->pairs},
        {to->told, from->told},
    };
    return COPY(all, err);
}

bool timeline_inputs_write(const timeline_inputs *in, const timeline_batch *b,
                           ask_error *err)
{
    const copying all[] = {
        {in->pixels, b->pixels},          {in->sights, b->sights},
        {in->records, b->records},        {in->slots.events, b->slot_events},
        {in->slots.pairs, b->slot_pairs},
    };
    return COPY(all, err) && write_cells(&in->cells, &b->cells, err) &&
           write_glimpses(&in->glimpses, &b->glimpses, err) &&
           (!b->questions || write_questions(in, b->questions, err));
}
