/* Timeline beside its reference, part by part: what its cells see, what its glance
 * remembers of sights, what its focus answers from records, and how well texts fit what its
 * cells say. */
#include "model/timeline_priv.h"

static const ask_timeline *net_of(const void *net)
{
    return &((const timeline_model *)net)->net;
}

static bool has_shape(const network_value *v, int n_dims, const int64_t *shape)
{
    if (v->n_dims != n_dims) return false;
    for (int i = 0; i < n_dims; i++)
        if (v->shape[i] < 1 || (shape[i] > 0 && v->shape[i] != shape[i])) return false;
    return true;
}

/* As many items as `of` has, in the same axes. */
static bool is_beside(const network_value *v, const network_value *of)
{
    return !v->present || has_shape(v, of->n_dims, of->shape);
}

/* ---- cells: N pictures ---- */

enum { PIXELS };

static const network_input cells_inputs[] = {[PIXELS] = {"pixels", ASK_F32}, {0}};

static const network_mask no_masks[] = {{0}};

static bool check_cells(const void *net, const network_value *in, ask_error *err)
{
    const ask_cells_config *c = &net_of(net)->config.cells;
    const int64_t shape[] = {0, c->n_channels, c->side_px, c->side_px};
    return has_shape(&in[PIXELS], 4, shape) ||
           ask_fail(err, ASK_ERR_MODEL, "pixels: the network takes [N, %d, %d, %d]",
                    c->n_channels, c->side_px, c->side_px);
}

static void build_cells(ask_graph *g, const void *net, const network_value *in)
{
    ask_cells_seen cells;
    ask_cells_build(&cells, g, &net_of(net)->cells, in[PIXELS].tensor, ASK_NORM_RUNNING);
    ask_name(g, cells.features, "cells.features");
    ask_name(g, cells.outputs, "cells.outputs");
}

/* ---- the glance: B videos ---- */

enum { SIGHTS, FEATURES, SIGHT_MASK };

static const network_input glance_inputs[] = {
    [SIGHTS] = {"sights", ASK_F32},
    [FEATURES] = {"sight_features", ASK_F32, .optional = true},
    [SIGHT_MASK] = {"sight_mask", ASK_BOOL, .optional = true},
    {0},
};

static const network_mask glance_masks[] = {
    {"glance.states", "sight_mask", 1},
    {"glance.glimpses", "sight_mask", 1},
    {"glance.hidden_states.*", "sight_mask", 1},
    {0},
};

static bool check_glance(const void *net, const network_value *in, ask_error *err)
{
    const ask_timeline_config *c = &net_of(net)->config;
    const int64_t n = (int64_t)c->n_frames * c->n_sights;
    const int64_t sights[] = {0, n, ask_sight_width(&c->kinds)};
    if (!has_shape(&in[SIGHTS], 3, sights))
        return ask_fail(err, ASK_ERR_MODEL, "sights: the network takes [B, %lld, %lld]",
                        (long long)n, (long long)sights[2]);
    const int64_t features[] = {in[SIGHTS].shape[0], n,
                                c->cells.widths[ASK_CELLS_N_LEVELS - 1]};
    if (in[FEATURES].present && !has_shape(&in[FEATURES], 3, features))
        return ask_fail(err, ASK_ERR_MODEL,
                        "sight_features: the network takes [B, %lld, %lld]", (long long)n,
                        (long long)features[2]);
    return !in[SIGHT_MASK].present || has_shape(&in[SIGHT_MASK], 2, features) ||
           ask_fail(err, ASK_ERR_MODEL, "sight_mask: the network takes [B, %lld]",
                    (long long)n);
}

static void build_glance(ask_graph *g, const void *net, const network_value *in)
{
    const ask_timeline_sights sights = {.sights = in[SIGHTS].tensor,
                                        .features = in[FEATURES].tensor,
                                        .mask = in[SIGHT_MASK].tensor};
    ask_timeline_memory m;
    ask_timeline_glance_build(&m, g, &net_of(net)->glance, &sights, NULL);
    ask_name(g, m.states, "glance.states");
    ask_name(g, m.glimpses, "glance.glimpses");
    ask_name(g, m.events, "glance.events");
    ask_name(g, m.pairs, "glance.pairs");
    ask_name(g, m.toys, "glance.toys");
    ask_name(g, m.toy_sights, "glance.toy_sights");
    ask_name(g, m.records, "glance.records");
    if (m.mask) ask_name(g, m.mask, "glance.record_mask");
}

/* ---- the focus: Q questions about each of B videos, U answers ---- */

enum { RECORDS, RECORD_MASK, IDS, MASK, ANSWER_IDS, ANSWER_MASK };

static const network_input focus_inputs[] = {
    [RECORDS] = {"records", ASK_F32},
    [RECORD_MASK] = {"record_mask", ASK_BOOL, .optional = true},
    [IDS] = {"input_ids", ASK_I64},
    [MASK] = {"attention_mask", ASK_BOOL, .optional = true},
    [ANSWER_IDS] = {"answer_ids", ASK_I64},
    [ANSWER_MASK] = {"answer_mask", ASK_BOOL, .optional = true},
    {0},
};

static bool check_records(const ask_timeline_config *c, const network_value *in,
                          ask_error *err)
{
    const int n_slots = ask_timeline_n_slots(c);
    const int64_t records[] = {0, n_slots, ask_record_width(&c->kinds)};
    if (!has_shape(&in[RECORDS], 3, records))
        return ask_fail(err, ASK_ERR_MODEL, "records: the network takes [B, %d, %lld]",
                        n_slots, (long long)records[2]);
    const int64_t mask[] = {in[RECORDS].shape[0], n_slots};
    return !in[RECORD_MASK].present || has_shape(&in[RECORD_MASK], 2, mask) ||
           ask_fail(err, ASK_ERR_MODEL, "record_mask: the network takes [B, %d]", n_slots);
}

/* [.., L] with the mask beside it. of_videos: B of [B, Q, L]; 0: there is no such axis. */
static bool check_texts(const ask_timeline_config *c, const network_value *in, int ids,
                        int64_t of_videos, ask_error *err)
{
    const char *name = focus_inputs[ids].name;
    const int64_t shape[] = {of_videos, 0, 0};
    const bool stacked = of_videos > 0;
    network_value rows = in[ids];
    if (stacked && !has_shape(&rows, 3, shape))
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s: the network takes [B, Q, L], B as of the records", name);
    if (stacked) {
        rows.n_dims = 2;
        rows.shape[0] *= rows.shape[1];
        rows.shape[1] = rows.shape[2];
    }
    if (!network_check_ids(name, &rows, c->n_tokens, c->n_vocab, err)) return false;
    return is_beside(&in[ids + 1], &in[ids]) ||
           ask_fail(err, ASK_ERR_MODEL, "%s: must have the shape of %s",
                    focus_inputs[ids + 1].name, name);
}

static bool check_focus(const void *net, const network_value *in, ask_error *err)
{
    const ask_timeline_config *c = &net_of(net)->config;
    return check_records(c, in, err) &&
           check_texts(c, in, IDS, in[RECORDS].shape[0], err) &&
           check_texts(c, in, ANSWER_IDS, 0, err);
}

/* Without a mask all are tokens. */
static ask_timeline_texts texts_of(ask_graph *g, const network_value *in, int ids)
{
    ask_tensor *mask = in[ids + 1].tensor;
    if (!mask) mask = ask_cast(g, ask_full(g, in[ids].n_dims, in[ids].shape, 1), ASK_BOOL);
    return (ask_timeline_texts){.ids = in[ids].tensor, .mask = mask};
}

static void build_focus(ask_graph *g, const void *net, const network_value *in)
{
    const ask_timeline_focus *focus = &net_of(net)->focus;
    const ask_timeline_texts answers = texts_of(g, in, ANSWER_IDS);
    ask_tensor *vectors = ask_timeline_texts_build(g, focus, &answers, NULL);
    const ask_timeline_asking asking = {
        .records = in[RECORDS].tensor,
        .mask = in[RECORD_MASK].tensor,
        .questions = texts_of(g, in, IDS),
        .answers = ask_name(g, vectors, "text.vectors"),
    };
    ask_timeline_answered out;
    ask_timeline_focus_build(&out, g, focus, &asking, NULL);
    ask_name(g, out.slots, "focus.slots");
    ask_name(g, out.answer, "focus.answer");
    ask_name(g, out.logits, "focus.logits");
    ask_name(g, out.pointer, "focus.pointer");
    ask_name(g, out.fits, "focus.fits");
}

/* ---- finding: N frames of G G cells, T texts ---- */

enum { CELL_OUTPUTS, CELL_FEATURES, TEXT_IDS };

static const network_input find_inputs[] = {
    [CELL_OUTPUTS] = {"cell_outputs", ASK_F32},
    [CELL_FEATURES] = {"cell_features", ASK_F32},
    [TEXT_IDS] = {"text_ids", ASK_I64},
    {0},
};

static bool check_find_cells(const ask_timeline_config *c, const network_value *in,
                             ask_error *err)
{
    const int64_t side = c->cells.side_px / ASK_CELLS_PX, n = side * side;
    const int64_t outputs[] = {0, n, ask_sight_width(&c->kinds)};
    if (!has_shape(&in[CELL_OUTPUTS], 3, outputs))
        return ask_fail(err, ASK_ERR_MODEL,
                        "cell_outputs: the network takes [N, %lld, %lld]", (long long)n,
                        (long long)outputs[2]);
    const int64_t features[] = {in[CELL_OUTPUTS].shape[0], n,
                                c->cells.widths[ASK_CELLS_N_LEVELS - 1]};
    return has_shape(&in[CELL_FEATURES], 3, features) ||
           ask_fail(err, ASK_ERR_MODEL,
                    "cell_features: the network takes [N, %lld, %lld], N as of the outputs",
                    (long long)n, (long long)features[2]);
}

static bool check_find(const void *net, const network_value *in, ask_error *err)
{
    const ask_timeline_config *c = &net_of(net)->config;
    if (!timeline_finds(net))
        return ask_fail(err, ASK_ERR_MODEL, "%s: the network was not made to find",
                        find_inputs[CELL_OUTPUTS].name);
    return check_find_cells(c, in, err) &&
           network_check_ids(find_inputs[TEXT_IDS].name, &in[TEXT_IDS], c->n_tokens,
                             c->n_vocab, err);
}

/* vectors: [N, 1 + G G, P], texts: [T, P] -> [N, T], as model/pictures.h has it, scaled */
static ask_tensor *fits_of(ask_graph *g, const ask_timeline_find *net, ask_tensor *vectors,
                           ask_tensor *texts)
{
    if (!vectors || !texts) return NULL;
    const int64_t shape[] = {ask_tensor_dim(vectors, 0), ask_tensor_dim(texts, 0)};
    ask_tensor *cosines = ask_matmul_t(g, vectors, ask_timeline_find_unit(g, texts));
    ask_tensor *whole = ask_reshape(g, ask_slice(g, cosines, 1, 0, 1), 2, shape);
    ask_tensor *cells = ask_slice(g, cosines, 1, 1, ask_tensor_dim(vectors, 1));
    ask_tensor *mean = ask_scale(g, ask_add(g, whole, ask_max(g, cells, 1, false)), 0.5);
    return ask_mul(g, mean, ask_exp(g, net->logit_scale));
}

static void build_find(ask_graph *g, const void *net, const network_value *in)
{
    const ask_timeline_find *find = &((const timeline_model *)net)->find;
    const ask_cells_seen seen = {.features = in[CELL_FEATURES].tensor,
                                 .outputs = in[CELL_OUTPUTS].tensor};
    ask_timeline_looks looks;
    ask_timeline_find_frames(&looks, g, find, &seen);
    ask_tensor *vectors = ask_timeline_find_vectors(g, find, &seen);
    ask_tensor *texts = ask_timeline_find_texts(g, find, in[TEXT_IDS].tensor, NULL);
    ask_name(g, looks.whole, "find.whole");
    ask_name(g, looks.cells, "find.cells");
    ask_name(g, vectors, "find.vectors");
    ask_name(g, texts, "find.texts");
    ask_name(g, fits_of(g, find, vectors, texts), "find.fits");
}

const network_run timeline_runs[TIMELINE_N_RUNS] = {
    {.inputs = cells_inputs, .masks = no_masks, .check = check_cells, .build = build_cells},
    {.inputs = glance_inputs,
     .masks = glance_masks,
     .check = check_glance,
     .build = build_glance},
    {.inputs = focus_inputs, .masks = no_masks, .check = check_focus, .build = build_focus},
    {.inputs = find_inputs, .masks = no_masks, .check = check_find, .build = build_find},
};
