/* Event slots: the sights where an event most surely begins, as records. */
#include "net/joint/timeline_priv.h"

/* What only some events have. */
enum { MOVES_OTHER, CHANGES_COLOR, GOES_SOMEWHERE, N_TRAITS };

/* How surely an event of its thing begins at each sight.  -> [B, N] */
static ask_tensor *certainties(const timeline_glimpsed *of)
{
    ask_tensor *nothing =
        ask_slice(of->g, timeline_glimpsed_kind(of, ASK_GLIMPSE_CLASS), 2, 0, 1);
    return ask_reshape(of->g, ask_affine(of->g, nothing, -1, 1), 2,
                       (int64_t[]){of->batch, -1});
}

/* Whether two sights lie in frames at most so many apart, where one event may seem to begin
 * twice: no thing begins two so soon.  -> [N, N] */
static ask_tensor *near_ones(const timeline_glimpsed *of)
{
    const double nearest = 2.5;
    ask_graph *g = of->g;
    int64_t n = ask_tensor_count(of->frames);
    ask_tensor *here = ask_reshape(g, of->frames, 2, (int64_t[]){n, 1});
    ask_tensor *there = ask_reshape(g, of->frames, 2, (int64_t[]){1, n});
    ask_tensor *apart = ask_sub(g, here, there);
    ask_tensor *square = ask_mul(g, apart, apart);
    return ask_cast(g, ask_less(g, square, ask_full(g, 0, NULL, nearest * nearest)),
                    ASK_F32);
}

/* How surely sights are of one thing: of one colour and of one shape.  -> [B, N, N] */
static ask_tensor *alike(const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    ask_tensor *color = timeline_glimpsed_kind(of, ASK_GLIMPSE_COLOR);
    ask_tensor *shape = timeline_glimpsed_kind(of, ASK_GLIMPSE_SHAPE);
    return ask_mul(g, ask_matmul_t(g, color, color), ask_matmul_t(g, shape, shape));
}

/* How surely an event begins at each sight and not at another of the same thing nearby that
 * is surer of it. certainty, seen: [B, N]; seen is -1 where nothing is looked at */
static ask_tensor *without_echoes(const timeline_glimpsed *of, ask_tensor *certainty,
                                  ask_tensor *seen)
{
    ask_graph *g = of->g;
    if (!seen) return NULL;
    int64_t n = ask_tensor_dim(seen, 1);
    ask_tensor *own = ask_reshape(g, seen, 3, (int64_t[]){of->batch, n, 1});
    ask_tensor *other = ask_reshape(g, seen, 3, (int64_t[]){of->batch, 1, n});
    ask_tensor *surer = ask_cast(g, ask_less(g, own, other), ASK_F32);
    ask_tensor *rivals = ask_mul(g, ask_mul(g, alike(of), near_ones(of)), surer);
    ask_tensor *outshone = ask_max(g, rivals, 2, false); // [B, N]
    return ask_mul(g, certainty, ask_affine(g, outshone, -1, 1));
}

/* As it is where a sight is looked at, -1 elsewhere. */
static ask_tensor *where_seen(const timeline_glimpsed *of, ask_tensor *certainty)
{
    if (!of->sights->mask) return certainty;
    return ask_where(of->g, of->sights->mask, certainty, ask_full(of->g, 0, NULL, -1));
}

/* As a share of the whole. */
static ask_tensor *within(ask_graph *g, ask_tensor *share)
{
    share = ask_maximum(g, share, ask_full(g, 0, NULL, 0));
    return ask_minimum(g, share, ask_full(g, 0, NULL, 1));
}

/* From the middles of their own frames to shares of the video.  -> [B, N, 2] */
static ask_tensor *spans_of(const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    const ask_timeline_config *c = &of->net->config;
    ask_timeline_field at = ask_glimpse_field_of(&c->kinds, ASK_GLIMPSE_SPAN);
    ask_tensor *frame = ask_add(g, timeline_field(g, of->glimpses, at), of->frames);
    ask_tensor *share = ask_affine(g, frame, 1.0 / c->n_frames, 0.5 / c->n_frames);
    share = within(g, share);
    ask_tensor *start = ask_slice(g, share, 2, 0, 1), *end = ask_slice(g, share, 2, 1, 2);
    ask_tensor *ends[] = {start, ask_maximum(g, start, end)};
    return ask_concat(g, ends, 2, 2);
}

/* The E surest, by start. certainty: [B, N], spans: [B, N, 2] -> i64 [B, E] */
static ask_tensor *choose(const timeline_glimpsed *of, ask_tensor *certainty,
                          ask_tensor *spans)
{
    ask_graph *g = of->g;
    const int64_t n = of->net->config.n_event_slots;
    ask_tensor *surest = ask_top_k(g, where_seen(of, certainty), n);
    ask_tensor *starts = ask_slice(g, timeline_rows(g, spans, surest), 2, 0, 1);
    starts = ask_reshape(g, starts, 2, (int64_t[]){of->batch, n});
    ask_tensor *order = ask_top_k(g, ask_scale(g, starts, -1), n);
    return ask_gather(g, surest, order, 1);
}

/* How surely a slot is one of the events that have each trait. events: [B, E, n] ->
 * [B, E, N_TRAITS] */
static ask_tensor *traits_of(const timeline_glimpsed *of, ask_tensor *events)
{
    const ask_timeline_config *c = &of->net->config;
    const ask_timeline_name *names = c->names[ASK_KIND_OF_EVENT];
    int n = c->kinds.n_values[ASK_KIND_OF_EVENT];
    float has[ASK_TIMELINE_MOST_VALUES * N_TRAITS];
    for (int i = 0; i < n; i++) {
        has[i * N_TRAITS + MOVES_OTHER] = names[i].moves_other;
        has[i * N_TRAITS + CHANGES_COLOR] = names[i].changes_color;
        has[i * N_TRAITS + GOES_SOMEWHERE] = names[i].goes_somewhere;
    }
    ask_tensor *table = ask_constant(of->g, ASK_F32, 2, (int64_t[]){n, N_TRAITS}, has);
    return ask_matmul(of->g, events, table);
}

/* The values of a kind for each slot, as far as it has the trait.  -> [B, E, n] */
static ask_tensor *kind_with(const timeline_glimpsed *of, ask_glimpse_field f,
                             ask_tensor *traits, int trait)
{
    ask_tensor *how_much = ask_slice(of->g, traits, 2, trait, trait + 1);
    return ask_mul(of->g, timeline_glimpsed_kind(of, f), how_much);
}

/* Where it is, and where it then will be, within the picture. sights: [B, E, sight] ->
 * [B, E, 4] */
static ask_tensor *places_of(const timeline_glimpsed *of, ask_tensor *sights)
{
    ask_graph *g = of->g;
    const ask_timeline_kinds *k = &of->net->config.kinds;
    ask_timeline_field middle = ask_sight_field_of(k, ASK_SIGHT_BOX);
    middle.n = 2;
    ask_timeline_field end = ask_glimpse_field_of(k, ASK_GLIMPSE_END);
    ask_tensor *here = timeline_field(g, sights, middle);
    ask_tensor *there = ask_add(g, here, timeline_field(g, of->glimpses, end));
    ask_tensor *both[] = {here, within(g, there)};
    return ask_concat(g, both, 2, 2);
}

ask_tensor *timeline_remember_events(ask_timeline_memory *out, const timeline_glimpsed *of)
{
    ask_graph *g = of->g;
    const ask_timeline_config *c = &of->net->config;
    const int n_events = c->kinds.n_values[ASK_KIND_OF_EVENT];
    const int64_t column[] = {of->batch, c->n_event_slots, 1};
    ask_tensor *certainty = certainties(of), *spans = spans_of(of);
    certainty = without_echoes(of, certainty, where_seen(of, certainty));
    out->events = choose(of, certainty, spans); // [B, E]

    timeline_glimpsed slots = *of; // of the chosen sights alone
    slots.glimpses = timeline_rows(g, of->glimpses, out->events);
    ask_timeline_field class_ = ask_glimpse_field_of(&c->kinds, ASK_GLIMPSE_CLASS);
    class_ = (ask_timeline_field){class_.begin + 1, n_events}; // nothing is none of them
    ask_tensor *events = timeline_field(g, slots.glimpses, class_);
    events = ask_softmax(g, events, NULL);
    ask_tensor *traits = traits_of(&slots, events);
    ask_tensor *sights = timeline_rows(g, of->sights->sights, out->events);

    ask_tensor *fields[ASK_N_RECORD_FIELDS] = {
        [ASK_RECORD_CONFIDENCE] =
            ask_reshape(g, ask_gather(g, certainty, out->events, 1), 3, column),
        [ASK_RECORD_CLASS] = ask_pad(g, events, 2, 0, 1, 0), // no toy slot
        [ASK_RECORD_COLOR] = timeline_glimpsed_kind(&slots, ASK_GLIMPSE_COLOR),
        [ASK_RECORD_SHAPE] = timeline_glimpsed_kind(&slots, ASK_GLIMPSE_SHAPE),
        [ASK_RECORD_SIZE] = timeline_glimpsed_kind(&slots, ASK_GLIMPSE_SIZE),
        [ASK_RECORD_TEXTURE] = timeline_glimpsed_kind(&slots, ASK_GLIMPSE_TEXTURE),
        [ASK_RECORD_OTHER_COLOR] =
            kind_with(&slots, ASK_GLIMPSE_OTHER_COLOR, traits, MOVES_OTHER),
        [ASK_RECORD_OTHER_SHAPE] =
            kind_with(&slots, ASK_GLIMPSE_OTHER_SHAPE, traits, MOVES_OTHER),
        [ASK_RECORD_LATER_COLOR] =
            kind_with(&slots, ASK_GLIMPSE_LATER_COLOR, traits, CHANGES_COLOR),
        [ASK_RECORD_WAY] = kind_with(&slots, ASK_GLIMPSE_WAY, traits, GOES_SOMEWHERE),
        [ASK_RECORD_SPAN] = timeline_rows(g, spans, out->events),
        [ASK_RECORD_PLACES] = places_of(&slots, sights),
    };
    return ask_concat(g, fields, ASK_N_RECORD_FIELDS, 2); // [B, E, record]
}
