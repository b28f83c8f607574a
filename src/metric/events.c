#include "metric/events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/str.h"

typedef struct {
    size_t label, video, order; // order: when it was added
    double score;
    bool hit;
} prediction;

typedef struct {
    size_t label, video, n;
} truth_count;

struct ask_event_ap {
    double threshold;
    char **labels; // owned; [n_labels]
    size_t n_labels, n_videos;
    prediction *predictions; // by label, then score, when finished
    size_t n_predictions;
    truth_count *truths; // of a label in a video; by label when finished
    size_t n_truths, n_all_truths;
    unsigned char *hits; // of one label: [n_predictions]
    double *weights;
};

ask_event_ap *ask_event_ap_new(double threshold, ask_error *err)
{
    ask_event_ap *e = calloc(1, sizeof *e);
    if (e)
        e->threshold = threshold;
    else
        ask_fail_memory(err);
    return e;
}

void ask_event_ap_free(ask_event_ap *e)
{
    if (!e) return;
    for (size_t i = 0; i < e->n_labels; i++) free(e->labels[i]);
    free(e->labels);
    free(e->predictions);
    free(e->truths);
    free(e->hits);
    free(e->weights);
    free(e);
}

/* Makes room for n more of *items. */
static bool grow(void *items, size_t n, size_t more, size_t item_bytes, ask_error *err)
{
    size_t total, bytes;
    void **at = items;
    void *grown = ask_add_size(&total, n, more) && ask_mul_size(&bytes, total, item_bytes)
                      ? realloc(*at, bytes + 1)
                      : NULL;
    if (!grown) return ask_fail_memory(err);
    *at = grown;
    return true;
}

static bool label_of(size_t *out, ask_event_ap *e, const char *label, ask_error *err)
{
    for (*out = 0; *out < e->n_labels; (*out)++)
        if (strcmp(e->labels[*out], label) == 0) return true;
    if (!grow(&e->labels, e->n_labels, 1, sizeof *e->labels, err)) return false;
    char *copy = ask_strdup(label, err);
    if (!copy) return false;
    e->labels[e->n_labels++] = copy;
    return true;
}

/* ---- one video ---- */

/* What there is of one class in a video: owned arrays, of which each has room for all. */
typedef struct {
    ask_scored_span *predicted;
    size_t *place; // of each in e->predictions
    unsigned char *hits;
    ask_span *truths;
} of_label;

static void of_label_free(of_label *o)
{
    free(o->predicted);
    free(o->place);
    free(o->hits);
    free(o->truths);
}

static bool of_label_new(of_label *o, size_t n, size_t n_truths, ask_error *err)
{
    *o = (of_label){
        .predicted = calloc(n + 1, sizeof *o->predicted),
        .place = calloc(n + 1, sizeof *o->place),
        .hits = calloc(n + 1, 1),
        .truths = calloc(n_truths + 1, sizeof *o->truths),
    };
    return (o->predicted && o->place && o->hits && o->truths) || ask_fail_memory(err);
}

/* Matches what was predicted of a class in the newest video. */
static bool match_label(ask_event_ap *e, of_label *o, size_t label, size_t first,
                        const ask_named_span *predicted, size_t n,
                        const ask_named_span *truths, size_t n_truths, ask_error *err)
{
    const char *name = e->labels[label];
    size_t n_of = 0, n_true = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(predicted[i].label, name) != 0) continue;
        o->predicted[n_of] = (ask_scored_span){predicted[i].at, predicted[i].score};
        o->place[n_of++] = first + i;
    }
    for (size_t i = 0; i < n_truths; i++)
        if (strcmp(truths[i].label, name) == 0) o->truths[n_true++] = truths[i].at;
    if (n_true > 0) e->truths[e->n_truths++] = (truth_count){label, e->n_videos, n_true};
    if (!ask_spans_find(o->hits, o->predicted, n_of, o->truths, n_true, e->threshold, err))
        return false;
    for (size_t i = 0; i < n_of; i++) e->predictions[o->place[i]].hit = o->hits[i];
    return true;
}

static bool add_predictions(ask_event_ap *e, const ask_named_span *predicted, size_t n,
                            ask_error *err)
{
    if (!grow(&e->predictions, e->n_predictions, n, sizeof *e->predictions, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        prediction p = {
            .video = e->n_videos, .order = e->n_predictions, .score = predicted[i].score};
        if (!label_of(&p.label, e, predicted[i].label, err)) return false;
        e->predictions[e->n_predictions++] = p;
    }
    return true;
}

bool ask_event_ap_add(ask_event_ap *e, const ask_named_span *predicted, size_t n,
                      const ask_named_span *truths, size_t n_truths, ask_error *err)
{
    of_label o = {0};
    size_t first = e->n_predictions, label;
    bool ok = add_predictions(e, predicted, n, err);
    for (size_t i = 0; ok && i < n_truths; i++)
        ok = label_of(&label, e, truths[i].label, err);
    ok = ok && grow(&e->truths, e->n_truths, n_truths, sizeof *e->truths, err) &&
         of_label_new(&o, n, n_truths, err);
    for (label = 0; ok && label < e->n_labels; label++)
        ok = match_label(e, &o, label, first, predicted, n, truths, n_truths, err);
    of_label_free(&o);
    if (!ok) return false;
    e->n_all_truths += n_truths;
    e->n_videos++;
    return true;
}

/* ---- all of them ---- */

static int by_label_and_score(const void *a, const void *b)
{
    const prediction *x = a, *y = b;
    if (x->label != y->label) return x->label < y->label ? -1 : 1;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_label(const void *a, const void *b)
{
    const truth_count *x = a, *y = b;
    return (x->label > y->label) - (x->label < y->label);
}

bool ask_event_ap_finish(ask_event_ap *e, ask_error *err)
{
    free(e->hits);
    free(e->weights);
    e->hits = malloc(e->n_predictions + 1);
    e->weights = malloc((e->n_predictions + 1) * sizeof *e->weights);
    if (!e->hits || !e->weights) return ask_fail_memory(err);
    if (e->n_predictions)
        qsort(e->predictions, e->n_predictions, sizeof *e->predictions, by_label_and_score);
    if (e->n_truths) qsort(e->truths, e->n_truths, sizeof *e->truths, by_label);
    return true;
}

static double weight_of(const double *weights, size_t video)
{
    return weights ? weights[video] : 1;
}

/* The average precision of a class of which there is so much truth. *p goes on to the
 * predictions of the next class. */
static double precision_of(ask_event_ap *e, size_t *p, size_t label, double n_truth,
                           const double *weights)
{
    size_t n = 0;
    while (*p < e->n_predictions && e->predictions[*p].label < label) (*p)++;
    for (; *p < e->n_predictions && e->predictions[*p].label == label; (*p)++) {
        e->hits[n] = e->predictions[*p].hit;
        e->weights[n++] = weight_of(weights, e->predictions[*p].video);
    }
    return ask_average_precision(e->hits, e->weights, n, n_truth);
}

double ask_event_ap_mean(ask_event_ap *e, const double *weights)
{
    double sum = 0;
    size_t n_classes = 0, p = 0;
    for (size_t t = 0; t < e->n_truths;) {
        size_t label = e->truths[t].label;
        double n_truth = 0;
        for (; t < e->n_truths && e->truths[t].label == label; t++)
            n_truth += (double)e->truths[t].n * weight_of(weights, e->truths[t].video);
        if (!(n_truth > 0)) continue;
        sum += precision_of(e, &p, label, n_truth, weights);
        n_classes++;
    }
    return n_classes ? sum / (double)n_classes : NAN;
}

size_t ask_event_ap_n_truths(const ask_event_ap *e)
{
    return e->n_all_truths;
}
