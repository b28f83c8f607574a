/* How well events and toys are remembered. */
#include "metric/events.h"
#include "train/timeline_measure_priv.h"

static const double HALF = 0.5; // of IoU, and of confidence

bool timeline_glance_open(timeline_glance_tally *t, ask_error *err)
{
    bool ok = (t->all = ask_event_ap_new(HALF, err)) != NULL;
    for (int k = 0; ok && k < ASK_N_EVENTS; k++)
        ok = (t->of_kind[k] = ask_event_ap_new(HALF, err)) != NULL;
    return ok;
}

void timeline_glance_close(timeline_glance_tally *t)
{
    ask_event_ap_free(t->all);
    for (int k = 0; k < ASK_N_EVENTS; k++) ask_event_ap_free(t->of_kind[k]);
}

/* ---- events ---- */

enum { MOST_SLOTS = ASK_MAX_CHANNELS }; // as a configuration may have

/* The events of a clip, as they are told and as they are; spans are shares of what is
 * shown. */
typedef struct {
    const ask_scene *scene;
    const float *records; // of the clip
    int n_slots, n_truths;
    int kinds[MOST_SLOTS];
    ask_named_span slots[MOST_SLOTS], truths[ASK_SCENE_MAX_EVENTS];
    const ask_event *events[ASK_SCENE_MAX_EVENTS]; // of the truths
} clip_events;

static const float *record_at(const timeline_said *said, const float *row,
                              ask_record_field f, int *n)
{
    ask_timeline_field field = ask_record_field_of(&said->config->kinds, f);
    if (n) *n = field.n;
    return row + field.begin;
}

static void read_slots(clip_events *e, const timeline_said *said)
{
    const ask_timeline_config *c = said->config;
    int width = ask_record_width(&c->kinds);
    e->n_slots = c->n_event_slots;
    for (int i = 0; i < e->n_slots; i++) {
        int n_classes;
        const float *row = e->records + i * width;
        const float *span = record_at(said, row, ASK_RECORD_SPAN, NULL);
        const float *class = record_at(said, row, ASK_RECORD_CLASS, &n_classes);
        e->kinds[i] = timeline_best_of(class, n_classes - 1);
        e->slots[i] = (ask_named_span){
            .label = ask_event_name((ask_event_kind)e->kinds[i]),
            .at = {(double)span[0], (double)span[1]},
            .score = (double)*record_at(said, row, ASK_RECORD_CONFIDENCE, NULL),
        };
    }
}

static void read_truths(clip_events *e, int until)
{
    e->n_truths = 0;
    for (int i = 0; i < e->scene->n_events; i++) {
        const ask_event *event = &e->scene->events[i];
        int end = event->end < until ? event->end : until;
        if (event->begin >= until) continue;
        e->events[e->n_truths] = event;
        e->truths[e->n_truths++] = (ask_named_span){
            .label = ask_event_name(event->kind),
            .at = {(double)event->begin / until, (double)end / until},
        };
    }
}

/* The surest slot of the class whose span fits; -1: none. */
static int slot_of(const clip_events *e, int truth)
{
    int best = -1;
    for (int i = 0; i < e->n_slots; i++) {
        if (e->kinds[i] != (int)e->events[truth]->kind ||
            ask_span_iou(e->slots[i].at, e->truths[truth].at) < HALF)
            continue;
        if (best < 0 || e->slots[i].score > e->slots[best].score) best = i;
    }
    return best;
}

static void count_identity(timeline_glance_tally *t, const timeline_said *said,
                           const clip_events *e, int truth, int slot)
{
    int n_colors, n_shapes;
    const ask_toy *toy = &e->scene->toys[e->events[truth]->toy];
    const float *row = e->records + slot * ask_record_width(&said->config->kinds);
    const float *colors = record_at(said, row, ASK_RECORD_COLOR, &n_colors);
    const float *shapes = record_at(said, row, ASK_RECORD_SHAPE, &n_shapes);
    bool color = timeline_best_of(colors, n_colors) == (int)toy->color;
    bool shape = timeline_best_of(shapes, n_shapes) == (int)toy->shape;
    timeline_mean_add(&t->color, color);
    timeline_mean_add(&t->shape, shape);
    timeline_mean_add(&t->identity, color && shape);
}

/* The spans of one kind. */
static size_t of_kind(ask_named_span *out, const ask_named_span *all, int n, int kind)
{
    size_t n_out = 0;
    const char *label = ask_event_name((ask_event_kind)kind);
    for (int i = 0; i < n; i++)
        if (all[i].label == label) out[n_out++] = all[i];
    return n_out;
}

static bool add_precision(timeline_glance_tally *t, const clip_events *e, ask_error *err)
{
    bool ok = ask_event_ap_add(t->all, e->slots, (size_t)e->n_slots, e->truths,
                               (size_t)e->n_truths, err);
    for (int k = 0; ok && k < ASK_N_EVENTS; k++) {
        ask_named_span slots[MOST_SLOTS], truths[ASK_SCENE_MAX_EVENTS];
        size_t n_slots = of_kind(slots, e->slots, e->n_slots, k);
        size_t n_truths = of_kind(truths, e->truths, e->n_truths, k);
        ok = ask_event_ap_add(t->of_kind[k], slots, n_slots, truths, n_truths, err);
    }
    return ok;
}

static bool count_events(timeline_glance_tally *t, const timeline_said *said, int clip,
                         ask_error *err)
{
    const ask_timeline_config *c = said->config;
    int until, n_slots = c->n_event_slots + c->n_toy_slots;
    clip_events e = {.scene = timeline_player_scene(said->player, clip, &until)};
    e.records = said->records +
                (size_t)clip * (size_t)n_slots * (size_t)ask_record_width(&c->kinds);
    read_slots(&e, said);
    read_truths(&e, until);
    for (int i = 0; i < e.n_truths; i++) {
        int slot = slot_of(&e, i);
        timeline_mean_add(&t->recall, slot >= 0);
        if (slot >= 0) count_identity(t, said, &e, i, slot);
    }
    return add_precision(t, &e, err);
}

/* ---- toys ---- */

static void count_toys(timeline_glance_tally *t, const timeline_said *said, int clip)
{
    const ask_timeline_config *c = said->config;
    int width = ask_record_width(&c->kinds), n_slots = c->n_event_slots + c->n_toy_slots;
    int n_pairs =
        c->kinds.n_values[ASK_KIND_OF_COLOR] * c->kinds.n_values[ASK_KIND_OF_SHAPE];
    const ask_glimpse_labels truth = timeline_glimpses_of(said->batch, clip);
    const int64_t *toys = said->toys + clip * c->n_toy_slots;
    double n_found = 0, n_there = 0;
    for (int i = 0; i < c->n_toy_slots; i++) {
        size_t slot = (size_t)clip * (size_t)n_slots + (size_t)(c->n_event_slots + i);
        const float *row = said->records + slot * (size_t)width;
        bool sure = (double)*record_at(said, row, ASK_RECORD_CONFIDENCE, NULL) >= HALF;
        if (!sure || truth.pairs_weight[toys[i]] <= 0) continue;
        bool right = truth.pairs[toys[i]] > 0;
        timeline_mean_add(&t->toy_precision, right);
        n_found += right;
    }
    for (int i = 0; i < n_pairs; i++)
        n_there += truth.pairs_weight[i] > 0 && truth.pairs[i] > 0;
    t->toy_recall.sum += n_found;
    t->toy_recall.n += n_there;
}

bool timeline_glance_count(timeline_glance_tally *t, const timeline_said *said,
                           ask_error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < said->n_clips; i++) {
        count_toys(t, said, i);
        ok = count_events(t, said, i, err);
    }
    return ok;
}

/* ---- what is told ---- */

static bool tell_kinds(ask_train_metrics *out, timeline_glance_tally *t, ask_error *err)
{
    bool ok = true;
    for (int k = 0; ok && k < ASK_N_EVENTS; k++) {
        char name[ASK_TRAIN_METRIC_BYTES];
        const char *of = ask_event_name((ask_event_kind)k);
        ask_format(name, sizeof name, "ap_%s", k == ASK_TURN ? "turns" : of);
        ok = ask_event_ap_finish(t->of_kind[k], err) &&
             ask_train_metrics_add(out, name, ask_event_ap_mean(t->of_kind[k], NULL), err);
    }
    return ok;
}

bool timeline_glance_tell(ask_train_metrics *out, timeline_glance_tally *t, ask_error *err)
{
    const struct {
        const char *name;
        timeline_mean mean;
    } all[] = {
        {"event_recall", t->recall},         {"event_color", t->color},
        {"event_shape", t->shape},           {"event_identity", t->identity},
        {"toy_precision", t->toy_precision}, {"toy_recall", t->toy_recall},
    };
    bool ok = ask_event_ap_finish(t->all, err) &&
              ask_train_metrics_add(out, "map", ask_event_ap_mean(t->all, NULL), err) &&
              tell_kinds(out, t, err);
    for (size_t i = 0; ok && i < sizeof all / sizeof *all; i++)
        ok = ask_train_metrics_add(out, all[i].name, timeline_mean_value(all[i].mean), err);
    return ok;
}
