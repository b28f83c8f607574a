#include "support/toy_talk.h"

#include <stdio.h>
#include <stdlib.h>

/* The word of value 0, and how many values there are. */
static const struct {
    int first, n;
} kinds[ASK_N_TIMELINE_KINDS] = {
    [ASK_KIND_OF_COLOR] = {W_RED, TALK_COLORS},
    [ASK_KIND_OF_SHAPE] = {W_BALL, TALK_SHAPES},
    [ASK_KIND_OF_SIZE] = {W_LARGE, 2},
    [ASK_KIND_OF_TEXTURE] = {W_PLAIN, 2},
    [ASK_KIND_OF_EVENT] = {W_JUMPS, TALK_EVENTS},
    [ASK_KIND_OF_WAY] = {W_LEFT, 4},
};

ask_timeline_config talk_config(void)
{
    ask_timeline_config c = {.n_frames = 8,
                             .n_sights = 3,
                             .width = 32,
                             .inner = 48,
                             .n_heads = 4,
                             .glance_layers = 1,
                             .memory_layers = 1,
                             .focus_layers = 2,
                             .text_layers = 1,
                             .n_event_slots = 4,
                             .n_toy_slots = 2,
                             .has_memory = true,
                             .n_counters = 2,
                             .n_vocab = N_WORDS,
                             .n_tokens = TALK_TOKENS};
    for (int kind = 0; kind < ASK_N_TIMELINE_KINDS; kind++) {
        c.kinds.n_values[kind] = kinds[kind].n;
        for (int i = 0; i < kinds[kind].n; i++)
            c.names[kind][i].token = kinds[kind].first + i;
    }
    return c;
}

static void put_one(float *row, const ask_timeline_config *c, ask_record_field f,
                    ask_timeline_kind kind, int word)
{
    if (word == W_PAD) return;
    int value = word - kinds[kind].first;
    if (value < 0 || value >= kinds[kind].n) fail_msg("word %d is of another kind", word);
    row[ask_record_field_of(&c->kinds, f).begin + value] = 1;
}

static void put_numbers(float *row, const ask_timeline_config *c, ask_record_field f,
                        const double *numbers)
{
    ask_timeline_field at = ask_record_field_of(&c->kinds, f);
    for (int i = 0; i < at.n; i++) row[at.begin + i] = (float)numbers[i];
}

void talk_record(float *row, const ask_timeline_config *c, const talk_slot *slot)
{
    for (int i = 0; i < ask_record_width(&c->kinds); i++) row[i] = 0;
    put_numbers(row, c, ASK_RECORD_CONFIDENCE, &slot->confidence);
    put_one(row, c, ASK_RECORD_CLASS, ASK_KIND_OF_EVENT, slot->does);
    if (slot->does == W_PAD)
        row[ask_record_field_of(&c->kinds, ASK_RECORD_CLASS).begin + TALK_EVENTS] = 1;
    put_one(row, c, ASK_RECORD_COLOR, ASK_KIND_OF_COLOR, slot->color);
    put_one(row, c, ASK_RECORD_SHAPE, ASK_KIND_OF_SHAPE, slot->shape);
    put_one(row, c, ASK_RECORD_SIZE, ASK_KIND_OF_SIZE, slot->size);
    put_one(row, c, ASK_RECORD_TEXTURE, ASK_KIND_OF_TEXTURE, slot->texture);
    put_one(row, c, ASK_RECORD_OTHER_COLOR, ASK_KIND_OF_COLOR, slot->other_color);
    put_one(row, c, ASK_RECORD_OTHER_SHAPE, ASK_KIND_OF_SHAPE, slot->other_shape);
    put_one(row, c, ASK_RECORD_LATER_COLOR, ASK_KIND_OF_COLOR, slot->later_color);
    put_one(row, c, ASK_RECORD_WAY, ASK_KIND_OF_WAY, slot->way);
    put_numbers(row, c, ASK_RECORD_SPAN, slot->span);
    put_numbers(row, c, ASK_RECORD_PLACES, slot->places);
}

void talk_open(talk_network *n, const ask_timeline_config *c, uint64_t seed)
{
    ask_error err = {0};
    ask_params *p;
    n->room = ask_arena_new(0);
    CHECK_OK(n->store = ask_store_new(the_cpu, &err), &err);
    CHECK_OK(p = ask_params_random(n->store, seed, n->room, &err), &err);
    ask_timeline_focus_bind(&n->net, p, c);
    CHECK_OK(ask_params_finish(p, NULL, &err), &err);
}

void talk_close(talk_network *n)
{
    ask_store_free(n->store);
    ask_arena_free(n->room);
}

ask_tensor *talk_parameter(const talk_network *n, const char *name)
{
    ask_tensor *t = ask_store_find(n->store, name);
    if (!t) fail_msg("there is no parameter %s", name);
    return t;
}

static ask_tensor *masks(ask_graph *g, int n_dims, const int64_t *shape)
{
    return ask_input(g, ASK_BOOL, n_dims, shape);
}

void talk_build(talk_graph *t, const talk_network *n, const talk_sizes *s,
                ask_dropping *dropping)
{
    ask_graph *g = t->g;
    const int64_t asked[3] = {s->videos, s->questions, s->tokens};
    const int64_t said[2] = {s->answers, s->tokens}, seen[2] = {s->videos, s->slots};
    t->answers = (ask_timeline_texts){ask_input(g, ASK_I64, 2, said), masks(g, 2, said),
                                      s->answers_room};
    t->asking = (ask_timeline_asking){
        .records = INPUT(g, s->videos, s->slots, ask_record_width(&n->net.config.kinds)),
        .mask = masks(g, 2, seen),
        .questions = {ask_input(g, ASK_I64, 3, asked), masks(g, 3, asked), s->room},
        .answers = ask_timeline_texts_build(g, &n->net, &t->answers, dropping),
    };
    ask_timeline_focus_build(&t->out, g, &n->net, &t->asking, dropping);
}

void talk_put_texts(const ask_timeline_texts *texts, const int *words)
{
    int64_t n = ask_tensor_count(texts->ids);
    int64_t *ids = calloc((size_t)n, sizeof *ids);
    bool *mask = calloc((size_t)n, sizeof *mask);
    assert_true(ids && mask);
    for (int64_t i = 0; i < n; i++) {
        ids[i] = words[i];
        mask[i] = words[i] != W_PAD;
    }
    test_put(texts->ids, ids);
    test_put(texts->mask, mask);
    free(ids);
    free(mask);
}
