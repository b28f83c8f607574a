/* What the glance is taught. */
#include "net/joint/timeline_loss_priv.h"
#include "net/joint/timeline_priv.h"

/* ---- truth ---- */

void ask_glimpse_truth_inputs(ask_glimpse_truth *out, ask_graph *g,
                              const ask_timeline_kinds *k, int64_t batch, int64_t n_places)
{
    const int64_t places[] = {batch, n_places, 2};
    const int64_t pairs[] = {batch, (int64_t)k->n_values[ASK_KIND_OF_COLOR] *
                                        k->n_values[ASK_KIND_OF_SHAPE]};
    *out = (ask_glimpse_truth){
        .event = ask_input(g, ASK_I64, 2, places),
        .number = ask_input(g, ASK_I64, 2, places),
        .span = ask_input(g, ASK_F32, 3, places),
        .end = ask_input(g, ASK_F32, 3, places),
        .color = ask_input(g, ASK_I64, 2, places),
        .shape = ask_input(g, ASK_I64, 2, places),
        .size = ask_input(g, ASK_I64, 2, places),
        .texture = ask_input(g, ASK_I64, 2, places),
        .other_color = ask_input(g, ASK_I64, 2, places),
        .other_shape = ask_input(g, ASK_I64, 2, places),
        .later_color = ask_input(g, ASK_I64, 2, places),
        .way = ask_input(g, ASK_I64, 2, places),
        .deed = ask_input(g, ASK_I64, 2, places),
        .pairs = ask_input(g, ASK_F32, 2, pairs),
        .pairs_weight = ask_input(g, ASK_F32, 2, pairs),
    };
}

/* x: [B, T G G] or [B, T G G, n], cells: i64 [B, T, K] -> [B, T K] or [B, T K, n] */
static ask_tensor *pick(ask_graph *g, ask_tensor *x, ask_tensor *cells, int64_t n_cells)
{
    if (!x || !cells) return NULL;
    const int n_dims = ask_tensor_n_dims(x);
    const int64_t b = ask_tensor_dim(cells, 0), t = ask_tensor_dim(cells, 1);
    const int64_t k = ask_tensor_dim(cells, 2), n = n_dims == 3 ? ask_tensor_dim(x, 2) : 1;
    const int64_t index[] = {b * t, k}, picked[] = {b, t * k, n};
    x = ask_reshape(g, x, 3, (int64_t[]){b * t, n_cells, n});
    x = timeline_rows(g, x, ask_reshape(g, cells, 2, index)); // [B T, K, n]
    return ask_reshape(g, x, n_dims, picked);
}

void ask_glimpse_truth_pick(ask_glimpse_truth *out, ask_graph *g,
                            const ask_glimpse_truth *of_cells, ask_tensor *cells,
                            int64_t n_cells)
{
    *out = (ask_glimpse_truth){
        .event = pick(g, of_cells->event, cells, n_cells),
        .number = pick(g, of_cells->number, cells, n_cells),
        .span = pick(g, of_cells->span, cells, n_cells),
        .end = pick(g, of_cells->end, cells, n_cells),
        .color = pick(g, of_cells->color, cells, n_cells),
        .shape = pick(g, of_cells->shape, cells, n_cells),
        .size = pick(g, of_cells->size, cells, n_cells),
        .texture = pick(g, of_cells->texture, cells, n_cells),
        .other_color = pick(g, of_cells->other_color, cells, n_cells),
        .other_shape = pick(g, of_cells->other_shape, cells, n_cells),
        .later_color = pick(g, of_cells->later_color, cells, n_cells),
        .way = pick(g, of_cells->way, cells, n_cells),
        .deed = pick(g, of_cells->deed, cells, n_cells),
        .pairs = of_cells->pairs, // of the clip, whatever is picked
        .pairs_weight = of_cells->pairs_weight,
    };
}

/* Whether another slot of the same event is surer, or comes first where both are as sure:
 * bool.  events: i64 [B, E], confidence: [B, E] -> [B, E] */
static ask_tensor *is_outdone(ask_graph *g, ask_tensor *events, ask_tensor *confidence)
{
    if (!events || !confidence) return NULL;
    const int64_t batch = ask_tensor_dim(events, 0), n = ask_tensor_dim(events, 1),
                  own[] = {batch, n, 1}, other[] = {batch, 1, n}, order[] = {n, 1};
    ask_tensor *sure = ask_reshape(g, confidence, 3, own),
               *others = ask_reshape(g, confidence, 3, other);
    ask_tensor *rank = ask_range(g, n);
    ask_tensor *comes_later = ask_less(g, rank, ask_reshape(g, rank, 2, order)); // [E, E]
    ask_tensor *as_sure = ask_cast(g, ask_equal(g, sure, others), ASK_F32);
    ask_tensor *surer = ask_add(g, ask_cast(g, ask_less(g, sure, others), ASK_F32),
                                ask_mul(g, as_sure, ask_cast(g, comes_later, ASK_F32)));
    ask_tensor *same = ask_cast(
        g, ask_equal(g, ask_reshape(g, events, 3, own), ask_reshape(g, events, 3, other)),
        ASK_F32);
    return ask_cast(g, ask_max(g, ask_mul(g, same, surer), 2, false), ASK_BOOL);
}

/* The confidence of event slots.  -> [B, E] */
static ask_tensor *confidence_of(ask_graph *g, const ask_timeline_kinds *k,
                                 const ask_timeline_memory *memory)
{
    if (!memory->events || !memory->records) return NULL;
    int64_t n = ask_tensor_dim(memory->events, 1);
    ask_timeline_field at = ask_record_field_of(k, ASK_RECORD_CONFIDENCE);
    ask_tensor *x = timeline_field(g, ask_slice(g, memory->records, 1, 0, n), at);
    return ask_reshape(g, ask_contiguous(g, x), 2, (int64_t[]){-1, n});
}

void ask_slot_truth_pick(ask_slot_truth *out, ask_graph *g, const ask_timeline_kinds *kinds,
                         const ask_timeline_memory *memory, const ask_glimpse_truth *truth)
{
    const int64_t minus_one = -1;
    ask_tensor *none = ask_constant(g, ASK_I64, 0, NULL, &minus_one);
    ask_tensor *events = ask_gather(g, truth->number, memory->events, 1); // [B, E]
    ask_tensor *is_there = ask_gather(g, truth->pairs, memory->toys, 1);  // [B, S - E]
    is_there = ask_less(g, ask_full(g, 0, NULL, 0.5), is_there);
    *out = (ask_slot_truth){
        .events = ask_where(g, is_outdone(g, events, confidence_of(g, kinds, memory)), none,
                            events),
        .pairs = ask_where(g, is_there, memory->toys, none),
    };
}

void ask_slot_truth_of_sights(ask_slot_truth *out, ask_graph *g,
                              const ask_timeline_kinds *kinds,
                              const ask_glimpse_truth *truth)
{
    const int64_t n_shapes = kinds->n_values[ASK_KIND_OF_SHAPE], minus_one = -1;
    ask_tensor *none = ask_constant(g, ASK_I64, 0, NULL, &minus_one);
    ask_tensor *factor = ask_constant(g, ASK_I64, 0, NULL, &n_shapes);
    ask_tensor *pair = ask_add(g, ask_mul(g, truth->color, factor), truth->shape);
    *out = (ask_slot_truth){
        .events = truth->number,
        .pairs = ask_where(g, ask_less(g, none, truth->color), pair, none),
    };
}

/* ---- losses ---- */

/* Glimpses, and what is true of them. */
typedef struct {
    ask_graph *g;
    const ask_timeline_config *config;
    ask_tensor *glimpses; // [B, N, glimpse]
    const ask_glimpse_truth *truth;
} glimpses_held;

/* -> [B N, n] */
static ask_tensor *field(const glimpses_held *h, ask_glimpse_field f)
{
    ask_timeline_field at = ask_glimpse_field_of(&h->config->kinds, f);
    return ask_reshape(h->g, timeline_field(h->g, h->glimpses, at), 2,
                       (int64_t[]){-1, at.n});
}

static ask_tensor *in_one_row(ask_graph *g, ask_tensor *x)
{
    return ask_reshape(g, x, 1, (int64_t[]){-1});
}

static ask_tensor *kind_loss(const glimpses_held *h, ask_glimpse_field f,
                             ask_tensor *labels)
{
    return timeline_kind_loss(h->g, field(h, f), in_one_row(h->g, labels), NULL);
}

/* That nothing begins is by far the most frequent. */
static ask_tensor *event_loss(const glimpses_held *h)
{
    const float BACKGROUND = 0.15F;
    float weights[1 + ASK_TIMELINE_MOST_VALUES];
    const int64_t n = ask_glimpse_field_of(&h->config->kinds, ASK_GLIMPSE_CLASS).n;
    for (int64_t i = 0; i < n; i++) weights[i] = i == 0 ? BACKGROUND : 1;
    return timeline_kind_loss(h->g, field(h, ASK_GLIMPSE_CLASS),
                              in_one_row(h->g, h->truth->event),
                              ask_constant(h->g, ASK_F32, 1, &n, weights));
}

/* Where an event begins. truth: [B, N, n] */
static ask_tensor *distance_loss(const glimpses_held *h, ask_glimpse_field f,
                                 ask_tensor *truth)
{
    const int64_t nothing = 0;
    ask_graph *g = h->g;
    ask_tensor *begins =
        ask_less(g, ask_constant(g, ASK_I64, 0, NULL, &nothing), h->truth->event);
    ask_tensor *counts =
        ask_reshape(g, ask_cast(g, begins, ASK_F32), 2, (int64_t[]){-1, 1});
    int64_t n = ask_glimpse_field_of(&h->config->kinds, f).n;
    truth = ask_reshape(g, truth, 2, (int64_t[]){-1, n});
    return timeline_distance_loss(g, field(h, f), truth, counts);
}

typedef struct {
    ask_glimpse_field field;
    ask_tensor *labels;
} labelled;

static ask_tensor *sum_of(const glimpses_held *h, const labelled *kinds, int n)
{
    ask_tensor *sum = kind_loss(h, kinds[0].field, kinds[0].labels);
    for (int i = 1; i < n; i++)
        sum = ask_add(h->g, sum, kind_loss(h, kinds[i].field, kinds[i].labels));
    return sum;
}

static ask_tensor *identity_loss(const glimpses_held *h)
{
    const labelled kinds[] = {
        {ASK_GLIMPSE_COLOR, h->truth->color},
        {ASK_GLIMPSE_SHAPE, h->truth->shape},
        {ASK_GLIMPSE_SIZE, h->truth->size},
        {ASK_GLIMPSE_TEXTURE, h->truth->texture},
    };
    return sum_of(h, kinds, sizeof kinds / sizeof *kinds);
}

static ask_tensor *parts_loss(const glimpses_held *h)
{
    const labelled kinds[] = {
        {ASK_GLIMPSE_OTHER_COLOR, h->truth->other_color},
        {ASK_GLIMPSE_OTHER_SHAPE, h->truth->other_shape},
        {ASK_GLIMPSE_LATER_COLOR, h->truth->later_color},
        {ASK_GLIMPSE_WAY, h->truth->way},
    };
    return sum_of(h, kinds, sizeof kinds / sizeof *kinds);
}

static ask_tensor *pairs_loss(const glimpses_held *h, ask_tensor *pairs)
{
    const ask_glimpse_truth *t = h->truth;
    ask_tensor *sum =
        ask_bce_with_logits(h->g, pairs, t->pairs, t->pairs_weight, ASK_REDUCE_SUM);
    return timeline_mean_of(h->g, sum, ask_sum(h->g, t->pairs_weight, 0, false));
}

void ask_timeline_glance_loss(ask_glance_losses *out, ask_graph *g,
                              const ask_timeline_config *c,
                              const ask_timeline_memory *memory,
                              const ask_glimpse_truth *truth)
{
    const glimpses_held held = {g, c, memory->glimpses, truth};
    *out = (ask_glance_losses){
        .event = event_loss(&held),
        .span = distance_loss(&held, ASK_GLIMPSE_SPAN, truth->span),
        .identity = identity_loss(&held),
        .parts = parts_loss(&held),
        .end = distance_loss(&held, ASK_GLIMPSE_END, truth->end),
        .deed = kind_loss(&held, ASK_GLIMPSE_DEED, truth->deed),
        .pairs = pairs_loss(&held, memory->pairs),
    };
}
