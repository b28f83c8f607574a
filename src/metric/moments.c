#include "metric/moments.h"

#include <stdlib.h>

double ask_moment_threshold(int i)
{
    return (50 + 5 * i) / 100.0;
}

/* ---- lengths ---- */

static const struct {
    const char *name;
    double above_s, most_s;
} lengths[ASK_MOMENT_N_LENGTHS] = {
    [ASK_MOMENT_SHORT] = {"short", 0, 10},
    [ASK_MOMENT_MIDDLE] = {"middle", 10, 30},
    [ASK_MOMENT_LONG] = {"long", 30, 150},
    [ASK_MOMENT_FULL] = {"full", -1, 1e300},
};

const char *ask_moment_length_name(ask_moment_length length)
{
    return lengths[length].name;
}

bool ask_moment_has_length(ask_span window, ask_moment_length length)
{
    double s = window.end_s - window.start_s;
    return s > lengths[length].above_s && s <= lengths[length].most_s;
}

/* ---- moments ---- */

static bool precision_at(double *out, const ask_scored_span *predicted, size_t n,
                         const ask_span *truths, size_t n_truths, double threshold,
                         ask_error *err)
{
    unsigned char found[ASK_MOMENT_MOST_WINDOWS], hits[ASK_MOMENT_MOST_WINDOWS];
    double scores[ASK_MOMENT_MOST_WINDOWS];
    size_t order[ASK_MOMENT_MOST_WINDOWS];
    if (n > ASK_MOMENT_MOST_WINDOWS) n = ASK_MOMENT_MOST_WINDOWS;
    if (!ask_spans_find(found, predicted, n, truths, n_truths, threshold, err))
        return false;
    for (size_t i = 0; i < n; i++) scores[i] = predicted[i].score;
    ask_order_by_score(order, scores, n);
    for (size_t i = 0; i < n; i++) hits[i] = found[order[i]];
    *out = ask_average_precision(hits, NULL, n, (double)n_truths);
    return true;
}

bool ask_moment_score(ask_moment_scores *out, const ask_scored_span *predicted, size_t n,
                      const ask_span *truths, size_t n_truths, ask_error *err)
{
    ask_moment_scores s;
    double first = ask_span_best_iou(predicted[0].at, truths, (int)n_truths);
    for (int i = 0; i < ASK_MOMENT_N_THRESHOLDS; i++) {
        double t = ask_moment_threshold(i);
        if (!precision_at(&s.ap[i], predicted, n, truths, n_truths, t, err)) return false;
        s.r1[i] = first >= t;
    }
    *out = s;
    return true;
}

double ask_moment_map(const ask_moment_scores *s)
{
    double sum = 0;
    for (int i = 0; i < ASK_MOMENT_N_THRESHOLDS; i++) sum += s->ap[i];
    return sum / ASK_MOMENT_N_THRESHOLDS;
}

/* ---- highlights ---- */

const char *ask_highlight_level_name(int level)
{
    static const char *const names[ASK_HIGHLIGHT_N_LEVELS] = {"Fair", "Good", "VeryGood"};
    return names[level];
}

int ask_highlight_least(int level)
{
    return 2 + level;
}

typedef const int (*annotations)[ASK_HIGHLIGHT_ANNOTATORS];

/* Of one annotator; room: [n]. */
static double clip_precision(unsigned char *room, const size_t *order, annotations truth,
                             size_t n, int annotator, int least)
{
    size_t n_good = 0;
    for (size_t i = 0; i < n; i++) {
        room[i] = truth[order[i]][annotator] >= least;
        n_good += room[i];
    }
    return ask_average_precision(room, NULL, n, (double)n_good);
}

static double hit_at_first(const size_t *order, annotations truth, int least)
{
    for (int a = 0; a < ASK_HIGHLIGHT_ANNOTATORS; a++)
        if (truth[order[0]][a] >= least) return 1;
    return 0;
}

static void score_level(ask_highlight_scores *out, int level, unsigned char *room,
                        const size_t *order, annotations truth, size_t n)
{
    int least = ask_highlight_least(level);
    double sum = 0;
    for (int a = 0; a < ASK_HIGHLIGHT_ANNOTATORS; a++)
        sum += clip_precision(room, order, truth, n, a, least);
    out->map[level] = sum / ASK_HIGHLIGHT_ANNOTATORS;
    out->hit1[level] = n > 0 ? hit_at_first(order, truth, least) : 0;
}

bool ask_highlight_score(ask_highlight_scores *out, const double *scores, size_t n_scores,
                         const int (*truth)[ASK_HIGHLIGHT_ANNOTATORS], size_t n_clips,
                         ask_error *err)
{
    double *padded = calloc(n_clips + 1, sizeof *padded);
    size_t *order = malloc((n_clips + 1) * sizeof *order);
    unsigned char *room = malloc(n_clips + 1);
    bool ok = padded && order && room;
    if (ok) {
        for (size_t i = 0; i < n_clips && i < n_scores; i++) padded[i] = scores[i];
        ask_order_by_score(order, padded, n_clips);
        for (int level = 0; level < ASK_HIGHLIGHT_N_LEVELS; level++)
            score_level(out, level, room, order, truth, n_clips);
    }
    free(padded);
    free(order);
    free(room);
    return ok || ask_fail_memory(err);
}
