/* Toy slots: the pairs of colour and shape that sights most surely are, as records. */
#include "net/joint/timeline_priv.h"

static const double LEAST = 1e-6; // that is divided by

static ask_tensor *at_least(ask_graph *g, ask_tensor *x, double least)
{
    return ask_maximum(g, x, ask_full(g, 0, NULL, least));
}

/* ---- pairs ---- */

/* How surely each sight is of each pair.  -> [B, N, P] */
static ask_tensor *pairs_of_sights(const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    const ask_timeline_config *c = &of->net->config;
    int64_t n = (int64_t)c->n_frames * c->n_sights;
    int64_t n_colors = c->kinds.n_values[ASK_KIND_OF_COLOR];
    int64_t n_shapes = c->kinds.n_values[ASK_KIND_OF_SHAPE];
    ask_tensor *seen = timeline_field(g, of->sights->sights,
                                      ask_sight_field_of(&c->kinds, ASK_SIGHT_SEEN));
    if (of->sights->mask) {
        ask_tensor *mask =
            ask_reshape(g, of->sights->mask, 3, (int64_t[]){of->batch, n, 1});
        seen = ask_where(g, mask, seen, ask_full(g, 0, NULL, 0));
    }
    ask_tensor *color = ask_mul(g, timeline_glimpsed_kind(of, ASK_GLIMPSE_COLOR), seen);
    ask_tensor *shape = timeline_glimpsed_kind(of, ASK_GLIMPSE_SHAPE);
    color = ask_reshape(g, color, 4, (int64_t[]){of->batch, n, n_colors, 1});
    shape = ask_reshape(g, shape, 4, (int64_t[]){of->batch, n, 1, n_shapes});
    return ask_reshape(g, ask_mul(g, color, shape), 3,
                       (int64_t[]){of->batch, n, n_colors * n_shapes});
}

/* most: [B, P] -> logits [B, P] */
static ask_tensor *judge_pairs(const timeline_glimpsed *of, ask_tensor *most)
{
    const double LEAST_SEEN = 1e-4; // within the logarithm
    ask_graph *g = of->g;
    ask_tensor *factor = ask_slice(g, of->net->seen_scale, 0, 0, 1);
    ask_tensor *offset = ask_slice(g, of->net->seen_scale, 0, 1, 2);
    ask_tensor *log_seen = ask_log(g, ask_affine(g, most, 1, LEAST_SEEN));
    return ask_mul(g, factor, ask_add(g, log_seen, offset));
}

/* i64 [n] as 1 where it is, 0 elsewhere.  -> [n, n] */
static ask_tensor *identity(ask_graph *g, int64_t n)
{
    ask_tensor *index = ask_range(g, n);
    ask_tensor *column = ask_reshape(g, index, 2, (int64_t[]){n, 1});
    return ask_cast(g, ask_equal(g, column, index), ASK_F32);
}

/* The colour, or the shape, of every pair, surely.  -> [P, n] */
static ask_tensor *values_of_pairs(const timeline_glimpsed *of, ask_timeline_kind kind)
{
    ask_graph *g = of->g;
    const int *n_values = of->net->config.kinds.n_values;
    int64_t n_colors = n_values[ASK_KIND_OF_COLOR], n_shapes = n_values[ASK_KIND_OF_SHAPE];
    int64_t n = n_values[kind];
    bool is_color = kind == ASK_KIND_OF_COLOR;
    int64_t one[] = {is_color ? n : 1, is_color ? 1 : n, n};
    int64_t all[] = {n_colors, n_shapes, n};
    ask_tensor *values = ask_reshape(g, identity(g, n), 3, one);
    return ask_reshape(g, ask_expand(g, values, 3, all), 2,
                       (int64_t[]){n_colors * n_shapes, n});
}

/* ---- their sights ---- */

/* What a slot's record is made from. M slots. */
typedef struct {
    ask_tensor *weights;      // [B, M, N]: shares of the sights; sum 1
    ask_tensor *first, *last; // [B, M, N]: the same, of those in its first and last frame
} toy_sights;

/* Of the sights of such toys, those in the latest frame; with direction -1 the earliest.
 * A sight that is none is further away than any frame is. present: [B, M, N], from 0 to 1
 * -> shares [B, M, N] */
static ask_tensor *in_end_frame(const timeline_glimpsed *of, ask_tensor *present,
                                double direction)
{
    const double STEEPNESS = 12, THRESHOLD = 0.5; // of the soft threshold
    const double SHARPNESS = 3;                   // of the choice among neighbouring frames
    ask_graph *g = of->g;
    const ask_timeline_config *c = &of->net->config;
    int64_t n = (int64_t)c->n_frames * c->n_sights;
    ask_tensor *above = ask_affine(g, present, STEEPNESS, -STEEPNESS * THRESHOLD);
    ask_tensor *log_p = ask_log(g, ask_sigmoid(g, above)); // from about -6 to 0
    double frames = c->n_frames / 4.0;                     // that one of these weighs
    ask_tensor *late = ask_reshape(g, of->frames, 1, &n);
    ask_tensor *score = ask_add(g, ask_scale(g, log_p, frames * SHARPNESS),
                                ask_scale(g, late, direction * SHARPNESS));
    return ask_softmax(g, score, NULL);
}

/* pairs: [B, N, P], most: [B, P], toys: i64 [B, M] */
static toy_sights sights_of(const timeline_glimpsed *of, ask_tensor *pairs,
                            ask_tensor *most, ask_tensor *toys)
{
    enum { SIGHTS = 2 };
    ask_graph *g = of->g;
    const int64_t column[] = {of->batch, of->net->config.n_toy_slots, 1};
    ask_tensor *p = timeline_rows(g, ask_transpose(g, pairs, 1, 2), toys); // [B, M, N]
    ask_tensor *surest = ask_reshape(g, ask_gather(g, most, toys, 1), 3, column);
    ask_tensor *present = ask_div(g, p, at_least(g, surest, LEAST));
    ask_tensor *sum = ask_sum(g, p, 1u << SIGHTS, true);
    return (toy_sights){
        .weights = ask_div(g, p, at_least(g, sum, LEAST)),
        .first = in_end_frame(of, present, -1),
        .last = in_end_frame(of, present, 1),
    };
}

/* ---- records ---- */

/* From the beginning of the first frame to the end of the last.  -> [B, M, 2] */
static ask_tensor *spans_of(const timeline_glimpsed *of, const toy_sights *s)
{
    ask_graph *g = of->g;
    double frame = 1.0 / of->net->config.n_frames;
    ask_tensor *first = ask_matmul(g, s->first, of->frames); // [B, M, 1]
    ask_tensor *last = ask_matmul(g, s->last, of->frames);
    ask_tensor *ends[] = {ask_scale(g, first, frame), ask_affine(g, last, frame, frame)};
    return ask_concat(g, ends, 2, 2);
}

/* What the sights say, of a slot's sights in the mean. shares: [B, M, N] -> [B, M, n] */
static ask_tensor *mean_sight(const timeline_glimpsed *of, ask_tensor *shares,
                              ask_timeline_field f)
{
    return ask_matmul(of->g, shares, timeline_field(of->g, of->sights->sights, f));
}

static ask_tensor *places_of(const timeline_glimpsed *of, const toy_sights *s)
{
    ask_timeline_field middle = ask_sight_field_of(&of->net->config.kinds, ASK_SIGHT_BOX);
    middle.n = 2;
    ask_tensor *ends[] = {mean_sight(of, s->first, middle),
                          mean_sight(of, s->last, middle)};
    return ask_concat(of->g, ends, 2, 2);
}

/* colors: [B, M, n], of the pairs */
static ask_tensor *later_colors(const timeline_glimpsed *of, const toy_sights *s,
                                ask_tensor *colors)
{
    ask_tensor *seen = mean_sight(
        of, s->last, ask_sight_field_of(&of->net->config.kinds, ASK_SIGHT_COLOR));
    return ask_mul(of->g, seen, ask_affine(of->g, colors, -1, 1));
}

/* A kind of the glimpses, of a slot's sights in the mean.  -> [B, M, n] */
static ask_tensor *mean_kind(const timeline_glimpsed *of, const toy_sights *s,
                             ask_glimpse_field f)
{
    return ask_matmul(of->g, s->weights, timeline_glimpsed_kind(of, f));
}

/* A field of which there is nothing.  -> [B, M, n] */
static ask_tensor *nothing(const timeline_glimpsed *of, ask_record_field f)
{
    const ask_timeline_config *c = &of->net->config;
    int n = ask_record_field_of(&c->kinds, f).n;
    return ask_full(of->g, 3, (int64_t[]){of->batch, c->n_toy_slots, n}, 0);
}

/* That it is a toy.  -> [B, M, events + 1] */
static ask_tensor *toy_class(const timeline_glimpsed *of)
{
    const ask_timeline_config *c = &of->net->config;
    ask_tensor *sure = ask_full(of->g, 3, (int64_t[]){of->batch, c->n_toy_slots, 1}, 1);
    return ask_pad(of->g, sure, 2, c->kinds.n_values[ASK_KIND_OF_EVENT], 0, 0);
}

ask_tensor *timeline_remember_toys(ask_timeline_memory *out, const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    const int64_t n_toys = of->net->config.n_toy_slots;
    ask_tensor *pairs = pairs_of_sights(of);        // [B, N, P]
    ask_tensor *most = ask_max(g, pairs, 1, false); // [B, P]
    out->pairs = judge_pairs(of, most);             // [B, P]
    out->toys = ask_top_k(g, most, n_toys);         // [B, M]
    toy_sights s = sights_of(of, pairs, most, out->toys);
    out->toy_sights = s.weights;

    ask_tensor *sure = ask_sigmoid(g, ask_gather(g, out->pairs, out->toys, 1)); // [B, M]
    ask_tensor *colors =
        ask_embedding(g, values_of_pairs(of, ASK_KIND_OF_COLOR), out->toys);
    ask_tensor *fields[ASK_N_RECORD_FIELDS] = {
        [ASK_RECORD_CONFIDENCE] =
            ask_reshape(g, sure, 3, (int64_t[]){of->batch, n_toys, 1}),
        [ASK_RECORD_CLASS] = toy_class(of),
        [ASK_RECORD_COLOR] = colors,
        [ASK_RECORD_SHAPE] =
            ask_embedding(g, values_of_pairs(of, ASK_KIND_OF_SHAPE), out->toys),
        [ASK_RECORD_SIZE] = mean_kind(of, &s, ASK_GLIMPSE_SIZE),
        [ASK_RECORD_TEXTURE] = mean_kind(of, &s, ASK_GLIMPSE_TEXTURE),
        [ASK_RECORD_OTHER_COLOR] = nothing(of, ASK_RECORD_OTHER_COLOR),
        [ASK_RECORD_OTHER_SHAPE] = nothing(of, ASK_RECORD_OTHER_SHAPE),
        [ASK_RECORD_LATER_COLOR] = later_colors(of, &s, colors),
        [ASK_RECORD_WAY] = nothing(of, ASK_RECORD_WAY),
        [ASK_RECORD_SPAN] = spans_of(of, &s),
        [ASK_RECORD_PLACES] = places_of(of, &s),
    };
    return ask_concat(g, fields, ASK_N_RECORD_FIELDS, 2); // [B, M, record]
}
