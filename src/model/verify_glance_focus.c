/* Glance-Focus beside its reference: what it finds and answers, and what it is taught. */
#include "model/glance_focus_priv.h"

/* ---- weights of the losses ---- */

static bool read_weight(double *out, ask_json_value v, const char *key, ask_error *err)
{
    return ask_config_double(out, v, key, 0, ASK_MAX_SCALE, 0, err);
}

bool glance_focus_read_weights(glance_focus_weights *out, ask_json_value root,
                               ask_error *err)
{
    ask_json_value v;
    *out = (glance_focus_weights){.qa = 1, .cls = 0.5, .l1 = 0.5, .giou = 0.5, .cert = 1};
    if (!ask_config_object(&v, root, "loss_weights", err)) return false;
    return ask_json_type_of(v) == ASK_JSON_ABSENT ||
           (read_weight(&out->qa, v, "loss_qa", err) &&
            read_weight(&out->cls, v, "loss_cls", err) &&
            read_weight(&out->l1, v, "loss_l1", err) &&
            read_weight(&out->giou, v, "loss_giou", err) &&
            read_weight(&out->cert, v, "loss_cert", err));
}

/* ---- inputs ---- */

/* B videos, R texts. Events of the videos, N in all, follow one another ([N], [N, 2]), or
 * each video has as many places for them, filled up behind its last ([B, M], [B, M, 2]). */
enum { VISUAL, VISUAL_MASK, TEXT, TEXT_MASK, LABELS, CLASSES, SPANS, COUNTS };

static const network_input inputs[] = {
    [VISUAL] = {"visual_inputs", ASK_F32},
    [VISUAL_MASK] = {"visual_mask", ASK_BOOL, .optional = true},
    [TEXT] = {"text_ids", ASK_I64},
    [TEXT_MASK] = {"text_attention_mask", ASK_BOOL, .optional = true},
    [LABELS] = {"qa_labels", ASK_F32, .optional = true, .any_number = true},
    [CLASSES] = {"target_classes", ASK_I64, .optional = true},
    [SPANS] = {"target_spans", ASK_F32, .optional = true},
    [COUNTS] = {"target_counts", ASK_I64, .optional = true},
    {0},
};

static const network_mask masks[] = {{0}};

static bool fail(ask_error *err, int input, const char *expected)
{
    return ask_fail(err, ASK_ERR_MODEL, "%s: the network takes %s", inputs[input].name,
                    expected);
}

static bool check_visual(const ask_glance_focus_config *c, const network_value *in,
                         ask_error *err)
{
    const network_value *v = &in[VISUAL], *mask = &in[VISUAL_MASK];
    bool limited = c->places != ASK_FRAMES_BARE; // of frames beyond there is no place
    if (v->n_dims != 3 || v->shape[0] < 1 || v->shape[1] < 1 ||
        (limited && v->shape[1] > c->n_frames) || v->shape[2] != c->n_features)
        return ask_fail(err, ASK_ERR_MODEL, "%s: the network takes [B, T, %d]%s",
                        inputs[VISUAL].name, c->n_features,
                        limited ? " with T up to max_feats" : "");
    if (!mask->present || (mask->n_dims == 2 && mask->shape[0] == v->shape[0] &&
                           mask->shape[1] == v->shape[1]))
        return true;
    return fail(err, VISUAL_MASK, "[B, T] as visual_inputs has them");
}

static bool check_texts(const ask_glance_focus_config *c, const network_value *in,
                        ask_error *err)
{
    const char *name = inputs[TEXT].name;
    if (!network_check_ids(name, &in[TEXT], ask_bert_n_context(&c->text), c->text.n_vocab,
                           err) ||
        !network_check_beside(inputs[TEXT_MASK].name, &in[TEXT_MASK], name, &in[TEXT], err))
        return false;
    int64_t n_texts = in[TEXT].shape[0], n_videos = in[VISUAL].shape[0];
    if (n_texts % n_videos != 0)
        return fail(err, TEXT, "as many texts for each video of visual_inputs");
    return !c->n_options || n_texts % c->n_options == 0 ||
           fail(err, TEXT, "as many texts for each question as it has options");
}

/* How many answers there are to be right; 0: of a count. */
static int n_labels(const ask_glance_focus_config *c)
{
    switch (c->head) {
    case ASK_ANSWER_OPTIONS:
        return c->n_options;
    case ASK_ANSWER_VOCABULARY:
        return c->n_answers;
    case ASK_ANSWER_MOMENT:
        return c->n_queries;
    default:
        return 0;
    }
}

static bool check_labels(const ask_glance_focus_config *c, const network_value *in,
                         ask_error *err)
{
    const network_value *v = &in[LABELS];
    if (!v->present) return true;
    int64_t n = in[TEXT].shape[0] / (c->n_options ? c->n_options : 1);
    if (v->n_dims != 1 || v->shape[0] != n)
        return fail(err, LABELS, "one for each question");
    for (int64_t i = 0; i < n && n_labels(c); i++) {
        double label = v->reals[i];
        if (!(label >= -1 && label < n_labels(c)))
            return ask_fail(err, ASK_ERR_MODEL, "%s: %g at [%lld], of %d answers",
                            inputs[LABELS].name, label, (long long)i, n_labels(c));
    }
    return true;
}

/* Whether a shape is that of all events ([N]) or of places for them ([B, M]), with the two
 * numbers of spans behind. */
static bool is_of_events(const network_value *v, const network_value *in, int64_t n_events,
                         int64_t most, int n_behind)
{
    int n_dims = v->n_dims - n_behind;
    if (n_dims < 1 || (n_behind && v->shape[v->n_dims - 1] != 2)) return false;
    if (n_dims == 1) return v->shape[0] == n_events;
    return n_dims == 2 && v->shape[0] == in[COUNTS].shape[0] && v->shape[1] >= most &&
           v->shape[1] > 0;
}

static bool check_counts(const ask_glance_focus_config *c, const network_value *in,
                         int64_t *n_events, int64_t *most, ask_error *err)
{
    const network_value *v = &in[COUNTS];
    if (v->n_dims != 1 || v->shape[0] != in[VISUAL].shape[0])
        return fail(err, COUNTS, "one for each video");
    for (int64_t i = 0; i < v->shape[0]; i++) {
        if (v->ids[i] < 0 || v->ids[i] > c->n_queries)
            return ask_fail(
                err, ASK_ERR_MODEL, "%s: %lld at [%lld]; the network has %d slots",
                inputs[COUNTS].name, (long long)v->ids[i], (long long)i, c->n_queries);
        *n_events += v->ids[i];
        if (v->ids[i] > *most) *most = v->ids[i];
    }
    return true;
}

static bool check_events(const ask_glance_focus_config *c, const network_value *in,
                         ask_error *err)
{
    int64_t n_events = 0, most = 0;
    const network_value *classes = &in[CLASSES];
    if (!in[COUNTS].present && !classes->present && !in[SPANS].present) return true;
    if (!in[COUNTS].present || !classes->present || !in[SPANS].present)
        return ask_fail(err, ASK_ERR_MODEL,
                        "%s, %s and %s: one is there without the others",
                        inputs[CLASSES].name, inputs[SPANS].name, inputs[COUNTS].name);
    if (!check_counts(c, in, &n_events, &most, err)) return false;
    if (!is_of_events(classes, in, n_events, most, 0) ||
        !is_of_events(&in[SPANS], in, n_events, most, 1) ||
        in[SPANS].n_dims != classes->n_dims + 1 ||
        (classes->n_dims == 2 &&
         (classes->shape[1] > c->n_queries || classes->shape[1] != in[SPANS].shape[1])))
        return fail(err, CLASSES,
                    "as many, with their target_spans, as target_counts tells");
    int64_t n = classes->shape[0] * (classes->n_dims == 2 ? classes->shape[1] : 1);
    for (int64_t i = 0; i < n; i++)
        if (classes->ids[i] < 0 || classes->ids[i] >= c->n_classes)
            return ask_fail(err, ASK_ERR_MODEL, "%s: there is no class %lld of %d",
                            inputs[CLASSES].name, (long long)classes->ids[i], c->n_classes);
    return true;
}

static bool check_inputs(const void *net, const network_value *in, ask_error *err)
{
    const ask_glance_focus_config *c = &((const glance_focus_model *)net)->focus.config;
    return check_visual(c, in, err) && check_texts(c, in, err) &&
           check_labels(c, in, err) && check_events(c, in, err);
}

/* ---- events ---- */

/* Parts along axis 0, put together one by one. */
static ask_tensor *append(ask_graph *g, ask_tensor *all, ask_tensor *part)
{
    ask_tensor *both[2] = {all, part};
    return all ? ask_concat(g, both, 2, 0) : part;
}

/* Rows that follow one another as places for them, zeros behind the last.
 * rows: f32 [N, w] -> [B, M, w] */
static ask_tensor *spread(ask_graph *g, ask_tensor *rows, const network_value *counts,
                          int64_t most)
{
    if (!rows) return NULL;
    ask_tensor *all = NULL;
    int64_t at = 0, width = ask_tensor_dim(rows, 1), shape[3] = {1, most, width};
    for (int64_t i = 0; i < counts->shape[0]; i++) {
        int64_t n = counts->ids[i];
        ask_tensor *mine = ask_full(g, 3, shape, 0);
        if (n > 0) {
            mine = ask_pad(g, ask_slice(g, rows, 0, at, at + n), 0, 0, most - n, 0);
            mine = ask_reshape(g, mine, 3, shape);
        }
        all = append(g, all, mine);
        at += n;
    }
    return all;
}

/* As the losses take them; false without. */
static bool take_events(ask_event_targets *out, ask_graph *g, const network_value *in)
{
    if (!in[COUNTS].tensor || !in[CLASSES].tensor || !in[SPANS].tensor) return false;
    *out = (ask_event_targets){.classes = in[CLASSES].tensor,
                               .spans = in[SPANS].tensor,
                               .counts = in[COUNTS].tensor};
    if (in[CLASSES].n_dims == 2) return true;
    const network_value *counts = &in[COUNTS];
    int64_t n_events = in[CLASSES].shape[0], n_videos = counts->shape[0], most = 1;
    for (int64_t i = 0; i < n_videos; i++)
        if (counts->ids[i] > most) most = counts->ids[i];
    ask_tensor *classes = ask_cast(g, out->classes, ASK_F32); // exact: they are few
    classes = ask_reshape(g, classes, 2, (int64_t[]){n_events, 1});
    classes =
        ask_reshape(g, spread(g, classes, counts, most), 2, (int64_t[]){n_videos, most});
    out->classes = ask_cast(g, classes, ASK_I64);
    out->spans = spread(g, out->spans, counts, most);
    return true;
}

/* The pairs of a matching as the reference has them: those of a video by slot, and videos
 * after one another. Each takes the place that its number among all of them tells. */
static void name_pairs(ask_graph *g, const ask_glance_focus_config *c,
                       const network_value *in, ask_tensor *match)
{
    int64_t numbers[ASK_MAX_CHANNELS]; // as many slots there are at most
    for (int64_t i = 0; i < ASK_MAX_CHANNELS; i++) numbers[i] = i;
    ask_tensor *slots = NULL, *events = NULL, *keys = NULL;
    int64_t n_slots = c->n_queries, n = in[CLASSES].shape[0];
    for (int64_t i = 0; i < in[COUNTS].shape[0]; i++) {
        int64_t n_mine = in[COUNTS].ids[i];
        if (n_mine == 0) continue;
        ask_tensor *mine = ask_slice(g, ask_slice(g, match, 0, i, i + 1), 1, 0, n_mine);
        mine = ask_cast(g, ask_reshape(g, mine, 1, &n_mine), ASK_F32);
        ask_tensor *event = ask_constant(g, ASK_I64, 1, &n_mine, numbers);
        slots = append(g, slots, mine);
        events = append(g, events, ask_cast(g, event, ASK_F32));
        keys = append(g, keys, ask_affine(g, mine, 1, (double)(i * n_slots)));
    }
    if (!slots) return;
    ask_tensor *mine = ask_reshape(g, keys, 2, (int64_t[]){n, 1});
    ask_tensor *other = ask_reshape(g, keys, 2, (int64_t[]){1, n});
    ask_tensor *is_before = ask_cast(g, ask_less(g, other, mine), ASK_F32);
    ask_tensor *place = ask_cast(g, ask_sum(g, is_before, 1u << 1, false), ASK_I64);
    slots = ask_cast(g, ask_scatter_add(g, slots, place, 0, n), ASK_I64);
    events = ask_cast(g, ask_scatter_add(g, events, place, 0, n), ASK_I64);
    ask_name(g, slots, "match.query_index");
    ask_name(g, events, "match.target_index");
}

/* ---- losses ---- */

/* The weighted sum; NULL as long as a loss that counts is missing. */
typedef struct {
    ask_graph *g;
    ask_tensor *total;
    bool is_missing;
} loss_sum;

static void add_loss(loss_sum *s, const char *name, const ask_loss_part *part,
                     double weight)
{
    ask_tensor *loss =
        part->sum ? ask_name(s->g, ask_loss_mean(s->g, part), "%s", name) : NULL;
    s->is_missing |= !loss && weight != 0;
    if (!loss || weight == 0) return;
    loss = ask_scale(s->g, loss, weight);
    s->total = s->total ? ask_add(s->g, s->total, loss) : loss;
}

static void add_supervised(loss_sum *s, const glance_focus_model *m,
                           const ask_glance *glance, const network_value *in,
                           const ask_event_targets *events)
{
    static const ask_matching how = {.cost_l1 = 1, .cost_class = 1, .background = 0.1};
    ask_loss_part part;
    ask_tensor *match = ask_match_events(s->g, glance, events, &how);
    if (in[CLASSES].n_dims == 2)
        ask_name(s->g, match, "match.query_index");
    else
        name_pairs(s->g, &m->focus.config, in, match);
    ask_event_class_loss(&part, s->g, glance, events, match, how.background);
    add_loss(s, "loss_cls", &part, m->weights.cls);
    ask_event_span_loss(&part, s->g, glance, events, match);
    add_loss(s, "loss_l1", &part, m->weights.l1);
}

static void add_unsupervised(loss_sum *s, const glance_focus_model *m,
                             const ask_glance *glance)
{
    ask_loss_part part;
    ask_diversity_loss(&part, s->g, glance);
    add_loss(s, "loss_cls", &part, m->weights.cls);
    ask_certainty_loss(&part, s->g, glance);
    add_loss(s, "loss_cert", &part, m->weights.cert);
    ask_overlap_loss(&part, s->g, glance);
    add_loss(s, "loss_giou", &part, m->weights.giou);
}

static void build_losses(ask_graph *g, const glance_focus_model *m,
                         const ask_glance *glance, ask_tensor *answer,
                         const network_value *in)
{
    loss_sum sum = {.g = g};
    ask_loss_part part = {0};
    ask_event_targets events;
    ask_tensor *labels = in[LABELS].tensor;
    ask_answer_head head = m->focus.config.head;
    if (labels && head != ASK_ANSWER_COUNT) labels = ask_cast(g, labels, ASK_I64);
    if (labels) ask_qa_loss(&part, g, head, answer, labels);
    add_loss(&sum, "loss_qa", &part, m->weights.qa);
    if (take_events(&events, g, in))
        add_supervised(&sum, m, glance, in, &events);
    else
        add_unsupervised(&sum, m, glance);
    if (!sum.is_missing) ask_name(g, sum.total, "loss_total");
}

/* ---- the run ---- */

static void build_run(ask_graph *g, const void *net, const network_value *in)
{
    const glance_focus_model *m = net;
    ask_tensor *text_mask = in[TEXT_MASK].tensor;
    ask_glance glance;
    ask_focus focus;
    ask_glance_build(&glance, g, &m->focus, in[VISUAL].tensor, in[VISUAL_MASK].tensor,
                     NULL);
    const ask_bert_input tokens = {.ids = in[TEXT].tensor, .mask = text_mask};
    ask_tensor *text = ask_focus_text(g, &m->focus, &tokens);
    ask_focus_build(&focus, g, &m->focus, &glance, text, text_mask, NULL);
    if (focus.answer) build_losses(g, m, &glance, focus.answer, in);
}

const network_run glance_focus_run = {.inputs = inputs,
                                      .masks = masks,
                                      .check = check_inputs,
                                      .build = build_run,
                                      .loss = "loss_total"};
