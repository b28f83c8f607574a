#include <stdlib.h>
#include <string.h>

#include "vqa/checks_priv.h"
#include "vqa/memory_asking_priv.h"

/* ---- one question ---- */

/* Of times from one of frames; NULL without memory. */
static bool *times_of(const ask_sampled *s, int n_times, const bool *shown, ask_error *err)
{
    bool *times = calloc((size_t)n_times, sizeof *times);
    if (!times) ask_fail_memory(err);
    for (int i = 0; times && i < s->n; i++)
        for (int t = s->first[i]; t <= s->last[i]; t++) times[t] = shown[i];
    return times;
}

static bool remember(ask_memory *out, const memory_asking *q, const ask_sightings *seen,
                     const bool *shown, ask_error *err)
{
    bool *times = NULL;
    if (shown && !(times = times_of(&seen->sampled, seen->sampling.n, shown, err)))
        return false;
    bool ok = ask_memory_make(out, q->session, &seen->sights, times, q->cancel, err);
    free(times);
    return ok;
}

bool memory_ask(ask_recalled *out, ask_memory *memory, const memory_asking *q,
                const ask_sightings *seen, const bool *shown, ask_error *err)
{
    ask_memory m;
    if (!remember(&m, q, seen, shown, err)) return false;
    bool ok = ask_memory_recall(out, q->session, &m, q->question, q->choices, q->n_choices,
                                q->cancel, err);
    if (ok && memory)
        *memory = m;
    else
        ask_memory_free(&m);
    return ok;
}

/* ---- checks ---- */

/* Checks on their way. */
typedef struct {
    const memory_asking *q;
    const ask_sightings *seen;
    int answer;
    const int *evidence;
    int n_evidence;
    uint64_t seed;
    bool *shown;     // owned; [sampled.n]
    int *set, *room; // owned; [sampled.n]
    double *mean;    // owned; [n_scores]
    int n_scores;
} checking;

static void close(checking *c)
{
    free(c->shown);
    free(c->set);
    free(c->room);
    free(c->mean);
}

static bool open(checking *c, ask_error *err)
{
    const size_t n = (size_t)c->seen->sampled.n;
    c->shown = malloc(n * sizeof *c->shown);
    c->set = malloc(n * sizeof *c->set);
    c->room = malloc(n * sizeof *c->room);
    c->mean = calloc((size_t)c->n_scores, sizeof *c->mean);
    return (c->shown && c->set && c->room && c->mean) || ask_fail_memory(err);
}

static ask_check check_of(const double *scores, int best, int answer, int n)
{
    return (ask_check){.s = scores[answer], .answer = best, .n = n};
}

static ask_check absent(const char *why_not)
{
    return (ask_check){.why_not = why_not};
}

/* Of other sightings. */
static bool check_seen(ask_check *out, const checking *c, const ask_sightings *seen,
                       ask_error *err)
{
    ask_recalled r;
    if (!memory_ask(&r, NULL, c->q, seen, NULL, err)) return false;
    *out = check_of(r.scores, r.best, c->answer, 1);
    ask_recalled_free(&r);
    return true;
}

static bool check_blind(ask_check *out, const checking *c, ask_error *err)
{
    ask_sightings grey;
    if (!ask_sightings_make_grey(&grey, c->seen, c->q->session, c->q->cancel, err))
        return false;
    bool ok = check_seen(out, c, &grey, err);
    ask_sightings_free(&grey);
    return ok;
}

static bool check_shuffled(ask_check *out, const checking *c, ask_error *err)
{
    ask_sightings shuffled;
    if (c->seen->sampled.n == 1) {
        *out = absent(checks_no_others);
        return true;
    }
    if (!ask_sightings_shuffle(&shuffled, c->seen, c->seed, err)) return false;
    bool ok = check_seen(out, c, &shuffled, err);
    ask_sightings_free(&shuffled);
    return ok;
}

/* With some of the frames alone. */
static bool ask_set(ask_recalled *out, const checking *c, const int *set, int n_set,
                    ask_error *err)
{
    memset(c->shown, 0, (size_t)c->seen->sampled.n * sizeof *c->shown);
    for (int i = 0; i < n_set; i++) c->shown[set[i]] = true;
    return memory_ask(out, NULL, c->q, c->seen, c->shown, err);
}

static bool check_set(ask_check *out, const checking *c, const int *set, int n_set,
                      ask_error *err)
{
    ask_recalled r;
    if (!ask_set(&r, c, set, n_set, err)) return false;
    *out = check_of(r.scores, r.best, c->answer, 1);
    ask_recalled_free(&r);
    return true;
}

/* The mean over draws. */
static bool check_drawn(ask_check *out, const checking *c, ask_error *err)
{
    const int n = c->seen->sampled.n;
    int best = 0;
    for (int k = 0; k < ASK_CHECK_SEEDS; k++) {
        ask_recalled r;
        int n_set = checks_draw(c->set, n, c->evidence, c->n_evidence, c->seed, k, c->room);
        if (!ask_set(&r, c, c->set, n_set, err)) return false;
        for (int i = 0; i < c->n_scores; i++) c->mean[i] += r.scores[i] / ASK_CHECK_SEEDS;
        ask_recalled_free(&r);
    }
    for (int i = 1; i < c->n_scores; i++)
        if (c->mean[i] > c->mean[best]) best = i;
    *out = check_of(c->mean, best, c->answer, ASK_CHECK_SEEDS);
    return true;
}

static bool check_sets(ask_checks *out, const checking *c, ask_error *err)
{
    int n = checks_others(c->set, c->seen->sampled.n, c->evidence, c->n_evidence);
    out->evidence_removed = out->random_removed = absent(checks_no_others);
    return check_set(&out->evidence_only, c, c->evidence, c->n_evidence, err) &&
           (n == 0 || check_set(&out->evidence_removed, c, c->set, n, err)) &&
           (n < c->n_evidence || check_drawn(&out->random_removed, c, err));
}

bool memory_check(ask_checks *out, const memory_asking *q, const ask_sightings *seen,
                  const ask_recalled *full, int answer, const int *evidence, int n_evidence,
                  uint64_t seed, ask_error *err)
{
    checking c = {.q = q,
                  .seen = seen,
                  .answer = answer,
                  .evidence = evidence,
                  .n_evidence = n_evidence,
                  .seed = seed,
                  .n_scores = full->n_scores};
    ask_checks checks = {.full = check_of(full->scores, full->best, answer, 1)};
    bool ok = open(&c, err) && check_blind(&checks.blind, &c, err) &&
              check_shuffled(&checks.shuffled, &c, err) && check_sets(&checks, &c, err);
    close(&c);
    if (ok) *out = checks;
    return ok;
}

/* ---- in words ---- */

void memory_tell(ask_str *out, const ask_memory_slot *slot)
{
    ask_str_printf(out, "the %s %s", slot->color, slot->shape);
    if (!slot->what) return;
    ask_str_printf(out, " %s", slot->what);
    if (slot->other_color && slot->other_shape)
        ask_str_printf(out, " the %s %s", slot->other_color, slot->other_shape);
    if (slot->later_color) ask_str_printf(out, " to %s", slot->later_color);
}
