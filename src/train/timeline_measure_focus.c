/* How well questions are answered. */
#include "train/timeline_measure_priv.h"

/* One question of a batch. */
typedef struct {
    const timeline_said *said;
    const ask_timeline_questions *asked;
    size_t clip, place; // place: of all questions of the batch
} question;

static void count_options(timeline_focus_tally *t, const question *q)
{
    const float *logits = q->said->option_logits + q->place * ASK_N_OPTIONS;
    bool right = timeline_best_of(logits, ASK_N_OPTIONS) == q->asked->right[q->place];
    timeline_mean_add(&t->all, right);
    timeline_mean_add(&t->of_family[q->asked->families[q->place]], right);
}

/* The best of the answers that it is held against. */
static void count_open(timeline_focus_tally *t, const question *q)
{
    int n = q->asked->size.n_answers, best = -1;
    const float *logits = q->said->logits + q->place * (size_t)n;
    const float *rivals = q->asked->rivals + q->place * (size_t)n;
    int64_t right = q->asked->open[q->place];
    if (right < 0) return;
    for (int i = 0; i < n; i++) {
        bool counts = rivals[i] > 0 || i == right;
        if (counts && (best < 0 || logits[i] > logits[best])) best = i;
    }
    timeline_mean_add(&t->open, best == right);
}

static bool is_evidence(const question *q, int slot)
{
    const ask_timeline_config *c = q->said->config;
    int n_events = c->n_event_slots;
    const float *events = q->asked->events + q->place * ASK_TIMELINE_SCENE_EVENTS;
    if (slot < n_events) {
        int64_t event = q->said->slot_events[q->clip * (size_t)n_events + (size_t)slot];
        return event >= 0 && events[event] > 0;
    }
    size_t toy = q->clip * (size_t)c->n_toy_slots + (size_t)(slot - n_events);
    int64_t pair = q->said->slot_pairs[toy];
    const float *pairs = q->asked->pairs + q->place * ASK_TIMELINE_PAIRS;
    return pair >= 0 && pairs[pair] > 0;
}

static bool has_evidence(const question *q)
{
    const float *events = q->asked->events + q->place * ASK_TIMELINE_SCENE_EVENTS;
    const float *pairs = q->asked->pairs + q->place * ASK_TIMELINE_PAIRS;
    bool any = false;
    for (int i = 0; i < ASK_TIMELINE_SCENE_EVENTS; i++) any |= events[i] > 0;
    for (int i = 0; i < ASK_TIMELINE_PAIRS; i++) any |= pairs[i] > 0;
    return any && q->asked->told[q->place] > 0;
}

static void count_pointer(timeline_focus_tally *t, const question *q)
{
    const ask_timeline_config *c = q->said->config;
    int n_slots = c->n_event_slots + c->n_toy_slots;
    const float *logits = q->said->pointer + q->place * (size_t)(n_slots + 1);
    if (c->has_memory && has_evidence(q))
        timeline_mean_add(&t->pointer, is_evidence(q, timeline_best_of(logits, n_slots)));
}

void timeline_focus_count(timeline_focus_tally *t, const timeline_said *said)
{
    const ask_timeline_questions *asked = said->batch->questions;
    size_t n = (size_t)asked->size.n_questions;
    for (size_t i = 0; i < (size_t)said->n_clips * n; i++) {
        const question q = {said, asked, i / n, i};
        if (asked->weight[i] <= 0) continue;
        count_options(t, &q);
        count_open(t, &q);
        count_pointer(t, &q);
    }
}

bool timeline_focus_tell(ask_train_metrics *out, const timeline_focus_tally *t,
                         ask_error *err)
{
    bool ok = ask_train_metrics_add(out, "accuracy", timeline_mean_value(t->all), err) &&
              ask_train_metrics_add(out, "open", timeline_mean_value(t->open), err) &&
              ask_train_metrics_add(out, "pointer", timeline_mean_value(t->pointer), err);
    for (int i = ASK_FAMILY_NONE + 1; ok && i < ASK_N_FAMILIES; i++) {
        char name[ASK_TRAIN_METRIC_BYTES];
        ask_format(name, sizeof name, "accuracy_%s", ask_family_of((ask_family)i).name);
        ok = ask_train_metrics_add(out, name, timeline_mean_value(t->of_family[i]), err);
    }
    return ok;
}
