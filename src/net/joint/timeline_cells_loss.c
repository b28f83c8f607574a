/* What the cells are taught. */
#include "net/joint/timeline_loss_priv.h"

void ask_sight_truth_inputs(ask_sight_truth *out, ask_graph *g, int64_t n_places)
{
    const int64_t shape[] = {n_places, 4}, pair[] = {n_places, 2};
    *out = (ask_sight_truth){
        .seen = ask_input(g, ASK_F32, 1, shape),
        .seen_weight = ask_input(g, ASK_F32, 1, shape),
        .box = ask_input(g, ASK_F32, 2, shape),
        .velocity = ask_input(g, ASK_F32, 2, pair),
        .thing = ask_input(g, ASK_F32, 1, shape),
        .color = ask_input(g, ASK_I64, 1, shape),
        .shape = ask_input(g, ASK_I64, 1, shape),
        .size = ask_input(g, ASK_I64, 1, shape),
        .texture = ask_input(g, ASK_I64, 1, shape),
        .deed = ask_input(g, ASK_I64, 1, shape),
    };
}

/* The outputs of a batch, and where their fields lie. */
typedef struct {
    ask_graph *g;
    const ask_timeline_kinds *kinds;
    ask_tensor *outputs; // [P, sight]
} cells_said;

/* [P, n] */
static ask_tensor *field(const cells_said *said, ask_sight_field f)
{
    ask_timeline_field at = ask_sight_field_of(said->kinds, f);
    return ask_slice(said->g, said->outputs, 1, at.begin, at.begin + at.n);
}

static ask_tensor *seen_loss(const cells_said *said, const ask_sight_truth *truth)
{
    ask_graph *g = said->g;
    ask_tensor *logits = ask_reshape(g, field(said, ASK_SIGHT_SEEN), 1, (int64_t[]){-1});
    ask_tensor *sum =
        ask_bce_with_logits(g, logits, truth->seen, truth->seen_weight, ASK_REDUCE_SUM);
    return timeline_mean_of(g, sum, ask_sum(g, truth->seen_weight, 0, false));
}

/* target: [P, n], thing: [P] */
static ask_tensor *distance_loss(const cells_said *said, ask_sight_field f,
                                 ask_tensor *target, ask_tensor *thing)
{
    ask_tensor *counts = ask_reshape(said->g, thing, 2, (int64_t[]){-1, 1});
    return timeline_distance_loss(said->g, field(said, f), target, counts);
}

/* labels: i64 [P] */
static ask_tensor *kind_loss(const cells_said *said, ask_sight_field f, ask_tensor *labels)
{
    return timeline_kind_loss(said->g, field(said, f), labels, NULL);
}

void ask_cells_loss_build(ask_cells_losses *out, ask_graph *g, const ask_timeline_kinds *k,
                          ask_tensor *outputs, const ask_sight_truth *truth)
{
    const cells_said said = {g, k, outputs};
    *out = (ask_cells_losses){
        .seen = seen_loss(&said, truth),
        .box = distance_loss(&said, ASK_SIGHT_BOX, truth->box, truth->thing),
        .velocity = distance_loss(&said, ASK_SIGHT_VELOCITY, truth->velocity, truth->thing),
        .color = kind_loss(&said, ASK_SIGHT_COLOR, truth->color),
        .shape = kind_loss(&said, ASK_SIGHT_SHAPE, truth->shape),
        .look = ask_add(g, kind_loss(&said, ASK_SIGHT_SIZE, truth->size),
                        kind_loss(&said, ASK_SIGHT_TEXTURE, truth->texture)),
        .deed = kind_loss(&said, ASK_SIGHT_DEED, truth->deed),
    };
}
