#include "model/beams_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/sampler_priv.h"
#include "model/session_priv.h"

/* A token, and the text that it ends. */
typedef struct {
    int parent; // the place that it follows
    int64_t id;
    double logprob;
    double sum; // of the text, behind the penalty
} step;

typedef struct {
    step last;
    bool ended;
    double score;
} finished_text;

typedef struct {
    const beams_task *task;
    step *read; // that were read: step i is place n_prompt + i
    int n_read;
    int n_live; // texts that go on: the last of these; 1 before the first
    int length; // tokens of a text, with those that are looked at
    step *best; // [n_best] continuations, best first
    int n_best, most_best;
    finished_text *done; // [n_done], best first
    int n_done;
    float *logprobs, *scores; // [n_vocab], of one text: without and with the penalty
    int64_t *path;            // [most]
    int64_t *next_ids;        // [n_beams]
    int *next_parents;
} search;

/* ---- steps and places ---- */

static const step *step_at(const search *s, int place)
{
    return place < s->task->n_prompt ? NULL : &s->read[place - s->task->n_prompt];
}

/* The place in which live text k ends. */
static int place_of(const search *s, int k)
{
    return s->task->n_prompt + s->n_read - s->n_live + k;
}

/* Whether these are the last tokens: no more are wanted, or could be read. */
static bool is_last(const search *s)
{
    const beams_task *t = s->task;
    return s->length == t->most || t->n_prompt + s->n_read + t->n_beams > t->room;
}

static double divided(const search *s, double sum)
{
    return sum / pow(s->length, s->task->length_penalty);
}

/* ---- looking at continuations ---- */

static void offer(search *s, const step *new)
{
    int i = s->n_best;
    if (i == s->most_best && new->sum <= s->best[i - 1].sum) return;
    if (i < s->most_best)
        s->n_best++;
    else
        i--;
    for (; i > 0 && s->best[i - 1].sum < new->sum; i--) s->best[i] = s->best[i - 1];
    s->best[i] = *new;
}

/* The penalty is on log-probabilities here, as it is there. */
static void penalize(search *s, int place)
{
    const beams_task *t = s->task;
    memcpy(s->scores, s->logprobs, (size_t)t->n_vocab * sizeof *s->scores);
    int n = 0;
    for (const step *p = step_at(s, place); p; p = step_at(s, p->parent))
        s->path[n++] = p->id;
    sampler_penalize(s->scores, s->logprobs, t->n_vocab, t->prompt, t->n_prompt,
                     t->repetition_penalty);
    sampler_penalize(s->scores, s->logprobs, t->n_vocab, s->path, n, t->repetition_penalty);
}

static void offer_all(search *s, int place, const float *logits)
{
    const step *text = step_at(s, place);
    double log_sum = session_log_sum(logits, (int)s->task->n_vocab);
    for (int64_t id = 0; id < s->task->n_vocab; id++)
        s->logprobs[id] = (float)(logits[id] - log_sum);
    penalize(s, place);
    for (int64_t id = 0; id < s->task->n_vocab; id++) {
        const step new = {.parent = place,
                          .id = id,
                          .logprob = logits[id] - log_sum,
                          .sum = (text ? text->sum : 0) + s->scores[id]};
        offer(s, &new);
    }
}

/* ---- finishing and going on ---- */

static void finish(search *s, const step *last, bool ended)
{
    int i = s->n_done;
    const finished_text new = {*last, ended, divided(s, last->sum)};
    if (i == s->task->n_beams && new.score <= s->done[i - 1].score) return;
    if (i < s->task->n_beams)
        s->n_done++;
    else
        i--;
    for (; i > 0 && s->done[i - 1].score < new.score; i--) s->done[i] = s->done[i - 1];
    s->done[i] = new;
}

/* Sorts out what ends; the steps that go on become the first of `best`. Returns how many.
 */
static int sort_out(search *s)
{
    int n_on = 0;
    for (int i = 0; i < s->n_best; i++) {
        bool ended = ask_generation_ends(s->task->generation, s->best[i].id);
        if (!ended && !is_last(s)) {
            if (n_on < s->task->n_beams) s->best[n_on++] = s->best[i];
        } else if (i < s->task->n_beams) {
            finish(s, &s->best[i], ended);
        }
    }
    return n_on;
}

static bool can_improve(const search *s)
{
    return s->n_done < s->task->n_beams ||
           divided(s, s->best[0].sum) > s->done[s->n_done - 1].score;
}

static bool read_on(search *s, int n_on, float *logits, ask_error *err)
{
    for (int i = 0; i < n_on; i++) {
        s->next_ids[i] = s->best[i].id;
        s->next_parents[i] = s->best[i].parent;
    }
    if (!ask_context_branch(s->task->context, s->next_ids, s->next_parents, n_on, logits,
                            s->task->cancel, err))
        return false;
    memcpy(s->read + s->n_read, s->best, (size_t)n_on * sizeof *s->read);
    s->n_read += n_on;
    s->n_live = n_on;
    return true;
}

static bool follow(search *s, float *logits, ask_error *err)
{
    const beams_task *t = s->task;
    for (s->length = 1;; s->length++) {
        s->n_best = 0;
        for (int k = 0; k < s->n_live; k++)
            offer_all(s, place_of(s, k), logits + (size_t)k * (size_t)t->n_vocab);
        if (s->length == 1) t->on_first(t->user);
        int n_on = sort_out(s);
        if (n_on == 0 || !can_improve(s)) return true;
        if (!read_on(s, n_on, logits, err)) return false;
    }
}

/* ---- all of it ---- */

static void take_best(beams_result *out, int64_t *ids, double *logprobs, const search *s)
{
    const finished_text *best = &s->done[0];
    int n = !best->ended;
    for (const step *p = step_at(s, best->last.parent); p; p = step_at(s, p->parent)) n++;
    *out = (beams_result){n, best->ended, best->score};
    const step *p = best->ended ? step_at(s, best->last.parent) : &best->last;
    for (; p; p = step_at(s, p->parent)) {
        ids[--n] = p->id;
        logprobs[n] = p->logprob;
    }
}

static bool make_room(search *s, ask_error *err)
{
    const beams_task *t = s->task;
    size_t n_vocab = (size_t)t->n_vocab, n_beams = (size_t)t->n_beams, n_read;
    int n_each = 1 + t->generation->n_end_ids;
    s->most_best = (n_each > 2 ? n_each : 2) * t->n_beams;
    if (!ask_mul_size(&n_read, n_beams, (size_t)t->most)) return ask_fail_memory(err);
    s->read = calloc(n_read, sizeof *s->read);
    s->best = calloc((size_t)s->most_best, sizeof *s->best);
    s->done = calloc(n_beams, sizeof *s->done);
    s->logprobs = calloc(n_vocab, sizeof *s->logprobs);
    s->scores = calloc(n_vocab, sizeof *s->scores);
    s->path = calloc((size_t)t->most, sizeof *s->path);
    s->next_ids = calloc(n_beams, sizeof *s->next_ids);
    s->next_parents = calloc(n_beams, sizeof *s->next_parents);
    return (s->read && s->best && s->done && s->logprobs && s->scores && s->path &&
            s->next_ids && s->next_parents) ||
           ask_fail_memory(err);
}

bool beams_run(beams_result *out, int64_t *ids, double *logprobs, float *logits,
               const beams_task *task, ask_error *err)
{
    search s = {.task = task, .n_live = 1};
    bool ok = make_room(&s, err) && follow(&s, logits, err);
    if (ok) take_best(out, ids, logprobs, &s);
    ask_context_rewind(task->context, task->n_prompt);
    free(s.read);
    free(s.best);
    free(s.done);
    free(s.logprobs);
    free(s.scores);
    free(s.path);
    free(s.next_ids);
    free(s.next_parents);
    return ok;
}
