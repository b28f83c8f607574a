#include "eval/by_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/str.h"
#include "eval/record_features.h"

enum { MOST_GUESSES = 5, MOST_FRAMES = 8 };

struct ask_by_features {
    ask_session *session;
    const ask_feature_store *store;
    const ask_cancel *cancel;
    ask_model_info model;
    ask_feature_qa_info info;
    ask_arena *room;        // of keys
    ask_record_features of; // what was read last
    bool is_read;
    ask_feature_rows rows;
};

/* ---- features ---- */

static bool read_rows(ask_by_features *b, const ask_data_record *r, ask_error *err)
{
    ask_record_features of;
    if (!ask_record_features_find(&of, b->store, r, b->room, err)) return false;
    if (b->is_read && ask_record_features_compare(&of, &b->of) == 0) return true;
    ask_feature_rows_free(&b->rows);
    b->of = of;
    b->is_read = ask_feature_store_read(&b->rows, b->store, of.key, err);
    if (b->is_read && !ask_record_features_cut(&b->rows, &of)) {
        b->is_read = false;
        ask_fail(err, ASK_ERR_USAGE,
                 "%s: tells no times of \"%s\", of which question \"%s\" may see a part "
                 "only: give features with times (askance features), or of the questions",
                 ask_feature_store_info_of(b->store).path, of.key, r->id);
    }
    return b->is_read;
}

/* The rows in another order; NULL without memory. */
static float *shuffled(const ask_feature_rows *rows, uint64_t seed, ask_arena *room)
{
    size_t n = (size_t)rows->n, width = (size_t)rows->width;
    float *out = ask_arena_array(room, n * width, sizeof *out);
    size_t *order = ask_arena_array(room, n, sizeof *order);
    if (!out || !order) return NULL;
    ask_rng rng = ask_rng_new(seed);
    for (size_t i = 0; i < n; i++) order[i] = i;
    ask_rng_shuffle(&rng, order, n, sizeof *order);
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * width, rows->data + order[i] * width, width * sizeof *out);
    return out;
}

/* ---- times ---- */

/* What the features are of; 0: nobody tells how long it is. */
static double length_of(const ask_by_features *b, const ask_data_record *r)
{
    const ask_feature_rows *rows = &b->rows;
    if (r->n_events > 0 && r->events_s > 0) return r->events_s;
    if (r->has_clip) return r->clip.end_s - r->clip.start_s;
    if (r->video_s > 0) return r->video_s;
    if (rows->n_times > 1) // as long after the last one as it came after the first ones
        return rows->t_s[rows->n_times - 1] * (double)rows->n_times /
               (double)(rows->n_times - 1);
    bool seconds = b->info.features_layout && strcmp(b->info.features_layout, "clips") == 0;
    return seconds ? (double)rows->n : 0;
}

/* Shares of what the features are of, as times. */
typedef struct {
    double from_s, length_s;
} place;

static place place_of(const ask_by_features *b, const ask_data_record *r)
{
    return (place){r->has_clip ? r->clip.start_s : 0, length_of(b, r)};
}

/* ---- what an answer tells ---- */

static bool take_scores(ask_eval_given *out, const ask_feature_answer *a, ask_arena *room)
{
    double *scores = ask_arena_array(room, (size_t)a->n_scores, sizeof *scores);
    if (!scores) return false;
    memcpy(scores, a->scores, (size_t)a->n_scores * sizeof *scores);
    out->scores = scores;
    out->n_scores = a->n_scores;
    return true;
}

/* The best of the vocabulary, best first. */
static bool take_guesses(ask_eval_given *out, const ask_by_features *b,
                         const ask_feature_answer *a, ask_arena *room)
{
    size_t *order = ask_arena_array(room, (size_t)a->n_scores, sizeof *order);
    int n = a->n_scores < MOST_GUESSES ? a->n_scores : MOST_GUESSES;
    ask_eval_guess *guesses = ask_arena_array(room, (size_t)n, sizeof *guesses);
    if (!order || !guesses) return false;
    ask_order_by_score(order, a->scores, (size_t)a->n_scores);
    for (int i = 0; i < n; i++) {
        const char *text = ask_arena_strdup(room, b->info.answers[order[i]]);
        if (!text) return false;
        guesses[i] = (ask_eval_guess){text, a->scores[order[i]]};
    }
    out->guesses = guesses;
    out->n_guesses = n;
    return true;
}

/* How much the answer rests on a slot: of a moment, what it scores. */
static double weight_of(const ask_by_features *b, const ask_feature_answer *a, int slot)
{
    return b->info.kind == ASK_QA_MOMENT ? a->scores[slot] : a->event_weights[slot];
}

/* NULL: the slot is no event of a class. */
static const char *label_of(const ask_by_features *b, const ask_feature_event *e,
                            const ask_eval_item *item, ask_arena *room)
{
    if (e->class_index < 0 || e->class_index >= b->info.n_classes) return NULL;
    if (!b->info.classes) return ask_arena_sprintf(room, "%d", e->class_index);
    const char *name = b->info.classes[e->class_index];
    return ask_arena_strdup(room, item->event_name ? item->event_name(name) : name);
}

static int compare_moments(const void *a, const void *b)
{
    const ask_eval_moment *x = a, *y = b;
    if (!x->label != !y->label) return x->label ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

static bool take_moments(ask_eval_given *out, const ask_by_features *b,
                         const ask_feature_answer *a, const ask_eval_item *item, place at,
                         ask_arena *room)
{
    ask_eval_moment *moments = ask_arena_array(room, (size_t)a->n_events, sizeof *moments);
    if (!moments) return false;
    for (int i = 0; i < a->n_events; i++) {
        const ask_feature_event *e = &a->events[i];
        moments[i] = (ask_eval_moment){.start_s = at.from_s + e->start * at.length_s,
                                       .end_s = at.from_s + e->end * at.length_s,
                                       .score = weight_of(b, a, i),
                                       .label = label_of(b, e, item, room),
                                       .confidence = e->confidence,
                                       .slot = i};
        bool is_event = e->class_index >= 0 && e->class_index < b->info.n_classes;
        if (is_event && !moments[i].label) return false;
    }
    if (a->n_events > 1)
        qsort(moments, (size_t)a->n_events, sizeof *moments, compare_moments);
    out->moments = moments;
    out->n_moments = a->n_events;
    return true;
}

static int compare_times(const void *a, const void *b)
{
    const ask_eval_frame *x = a, *y = b;
    return (x->t_s > y->t_s) - (x->t_s < y->t_s);
}

/* The frames that the answer looks at most, in their order. */
static bool take_frames(ask_eval_given *out, const ask_feature_answer *a, place at,
                        ask_arena *room)
{
    size_t *order = ask_arena_array(room, (size_t)a->n_frames, sizeof *order);
    int n = a->n_frames < MOST_FRAMES ? (int)a->n_frames : MOST_FRAMES;
    ask_eval_frame *frames = ask_arena_array(room, (size_t)n, sizeof *frames);
    if (!order || !frames) return false;
    ask_order_by_score(order, a->frame_weights, (size_t)a->n_frames);
    for (int i = 0; i < n; i++) {
        double share = ((double)order[i] + 0.5) / (double)a->n_frames;
        frames[i] =
            (ask_eval_frame){at.from_s + share * at.length_s, a->frame_weights[order[i]]};
    }
    if (n > 1) qsort(frames, (size_t)n, sizeof *frames, compare_times);
    out->frames = frames;
    out->n_frames = n;
    return true;
}

static bool take_evidence(ask_eval_given *out, const ask_by_features *b,
                          const ask_feature_answer *a, const ask_eval_item *item,
                          ask_arena *room)
{
    place at = place_of(b, &item->record);
    return !(at.length_s > 0) ||
           (take_moments(out, b, a, item, at, room) && take_frames(out, a, at, room));
}

static bool take_answer(ask_eval_given *out, const ask_by_features *b,
                        const ask_feature_answer *a, const ask_data_record *r,
                        ask_arena *room)
{
    ask_eval_decision *d = &out->decision;
    switch (b->info.kind) {
    case ASK_QA_OPTIONS:
        d->choice = a->best;
        d->text = r->options[a->best];
        return take_scores(out, a, room);
    case ASK_QA_VOCABULARY:
        d->text = ask_arena_strdup(room, b->info.answers[a->best]);
        return d->text && take_guesses(out, b, a, room);
    case ASK_QA_COUNT:
        d->has_count = true;
        d->count = a->scores[0];
        return true;
    default:
        return true;
    }
}

/* ---- answering ---- */

static bool ask(ask_by_features *b, ask_feature_answer *out, const ask_data_record *r,
                ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    bool choice = b->info.kind == ASK_QA_OPTIONS;
    ask_feature_question q = {.features = b->rows.data,
                              .n_frames = b->rows.n,
                              .width = b->rows.width,
                              .question = r->question,
                              .options = choice ? r->options : NULL,
                              .n_options = choice ? r->n_options : 0,
                              .blind = view == ASK_VIEW_BLIND};
    if (view == ASK_VIEW_SHUFFLED) {
        q.features = shuffled(&b->rows, seed, room);
        if (!q.features) return ask_fail_memory(err);
    }
    return ask_answer_features(out, b->session, &q, b->cancel, err);
}

static bool answer(void *user, ask_eval_given *out, const ask_eval_item *item,
                   ask_eval_view view, uint64_t seed, ask_arena *room, ask_error *err)
{
    ask_by_features *b = user;
    const ask_data_record *r = &item->record;
    ask_eval_given given = {.decision.choice = -1};
    ask_feature_answer a;
    double begin_s = ask_clock_s();
    if (!read_rows(b, r, err)) return false;
    double read_s = ask_clock_s();
    if (!ask(b, &a, r, view, seed, room, err)) return false;
    bool ok = take_answer(&given, b, &a, r, room) &&
              (view != ASK_VIEW_VIDEO || take_evidence(&given, b, &a, item, room));
    ask_feature_answer_free(&a);
    if (!ok) return ask_fail_memory(err);
    given.look_s = read_s - begin_s;
    given.answer_s = ask_clock_s() - read_s;
    *out = given;
    return true;
}

static bool check(void *user, const ask_eval_item *item, ask_error *err)
{
    ask_by_features *b = user;
    const ask_data_record *r = &item->record;
    // All are read, so that bad ones are found before anything is asked.
    if (!read_rows(b, r, err)) return false;
    if (b->info.kind == ASK_QA_OPTIONS && b->info.n_options != r->n_options)
        return ask_fail(err, ASK_ERR_MODEL,
                        "the model chooses among %d options, and question %s has %d",
                        b->info.n_options, r->id, r->n_options);
    return true;
}

/* ---- all of it ---- */

ask_by_features *ask_by_features_open(ask_session *s, const ask_feature_store *store,
                                      const ask_cancel *cancel, ask_error *err)
{
    const ask_model *m = ask_session_model(s);
    ask_feature_qa_info info;
    if (!ask_feature_qa_info_of(&info, m, err)) return NULL;
    if (info.kind == ASK_QA_VOCABULARY && !info.answers) {
        ask_fail(err, ASK_ERR_MODEL, "%s has no answers.json: its answers have no words",
                 ask_model_info_of(m).dir);
        return NULL;
    }
    ask_by_features *b = calloc(1, sizeof *b);
    if (!b || !(b->room = ask_arena_new(0))) {
        free(b);
        ask_fail_memory(err);
        return NULL;
    }
    b->session = s;
    b->store = store;
    b->cancel = cancel;
    b->model = ask_model_info_of(m);
    b->info = info;
    return b;
}

void ask_by_features_close(ask_by_features *b)
{
    if (!b) return;
    ask_feature_rows_free(&b->rows);
    ask_arena_free(b->room);
    free(b);
}

ask_answerer ask_by_features_answerer(ask_by_features *b)
{
    const ask_qa_kind kind = b->info.kind;
    return (ask_answerer){
        .user = b,
        .name = "memory of events",
        .model_id = b->model.id,
        .kinds = {[ASK_DATA_CHOICE] = kind == ASK_QA_OPTIONS,
                  [ASK_DATA_OPEN] = kind == ASK_QA_VOCABULARY,
                  [ASK_DATA_COUNT] = kind == ASK_QA_COUNT || kind == ASK_QA_VOCABULARY,
                  [ASK_DATA_RETRIEVE] = kind == ASK_QA_MOMENT},
        .answer = answer,
        .check = check,
    };
}
