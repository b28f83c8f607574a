#include "model/beams_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "model/sampler_priv.h"
#include "model/session_priv.h"

/* A token, and the text that it ends. */
typedef struct {
    int parent; // which of those that were read it follows; -1: the prompt
    int place;  // in the context, of one that was read; -1: it is there no more
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
    step *read; // that were read
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

static const step *step_at(const search *s, int i)
{
    return i < 0 ? NULL : &s->read[i];
}

static int place_of(const search *s, int i)
{
    return i < 0 ? s->task->n_rows - 1 : s->read[i].place;
}

/* In which step live text k ends; -1: in the prompt. */
static int end_of(const search *s, int k)
{
    return s->n_read == 0 ? -1 : s->n_read - s->n_live + k;
}

static bool has_room(const search *s)
{
    return ask_context_n_read(s->task->context) + s->task->n_beams <= s->task->room;
}

/* Whether these are the last tokens: no more are wanted, or could be read. */
static bool is_last(const search *s)
{
    return s->length == s->task->most || !has_room(s);
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
static void penalize(search *s, int end)
{
    const beams_task *t = s->task;
    memcpy(s->scores, s->logprobs, (size_t)t->n_vocab * sizeof *s->scores);
    int n = 0;
    for (const step *p = step_at(s, end); p; p = step_at(s, p->parent))
        s->path[n++] = p->id;
    sampler_penalize(s->scores, s->logprobs, t->n_vocab, t->prompt, t->n_prompt,
                     t->repetition_penalty);
    sampler_penalize(s->scores, s->logprobs, t->n_vocab, s->path, n, t->repetition_penalty);
}

static void offer_all(search *s, int end, const float *logits)
{
    const step *text = step_at(s, end);
    double log_sum = session_log_sum(logits, (int)s->task->n_vocab);
    for (int64_t id = 0; id < s->task->n_vocab; id++)
        s->logprobs[id] = (float)(logits[id] - log_sum);
    penalize(s, end);
    for (int64_t id = 0; id < s->task->n_vocab; id++) {
        const step new = {.parent = end,
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
        s->next_parents[i] = place_of(s, s->best[i].parent);
        s->best[i].place = ask_context_n_read(s->task->context) + i;
    }
    if (!ask_context_branch(s->task->context, s->next_ids, s->next_parents, n_on, logits,
                            s->task->cancel, err))
        return false;
    memcpy(s->read + s->n_read, s->best, (size_t)n_on * sizeof *s->read);
    s->n_read += n_on;
    s->n_live = n_on;
    return true;
}

/* ---- room ---- */

/* Gives the steps of live texts their places, one after the other, and others none. */
static void assign_places(search *s)
{
    enum { NOWHERE = -1, SOMEWHERE = 0 }; // a prompt has place 0
    int place = s->task->n_rows;
    for (int i = 0; i < s->n_read; i++) s->read[i].place = NOWHERE;
    for (int k = 0; k < s->n_live; k++)
        for (int i = end_of(s, k); i >= 0; i = s->read[i].parent)
            s->read[i].place = SOMEWHERE;
    for (int i = 0; i < s->n_read; i++)
        if (s->read[i].place == SOMEWHERE) s->read[i].place = place++;
}

/* Reads the live texts anew, without the places of those that went nowhere. */
static bool read_anew(search *s, float *logits, ask_error *err)
{
    const beams_task *t = s->task;
    int n = 0;
    assign_places(s);
    ask_context_rewind(t->context, t->n_rows);
    for (int i = 0; i < s->n_read; i++) {
        if (s->read[i].place >= 0) {
            s->next_ids[n] = s->read[i].id;
            s->next_parents[n++] = place_of(s, s->read[i].parent);
        }
        // The last step is of a live text.
        if (n < t->n_beams && (i + 1 < s->n_read || n == 0)) continue;
        if (!ask_context_branch(t->context, s->next_ids, s->next_parents, n, logits,
                                t->cancel, err))
            return false;
        n = 0;
    }
    return true;
}

/* What the context has no room for may be behind texts that are followed no more. */
static bool make_place(search *s, float *logits, ask_error *err)
{
    return s->length == s->task->most || has_room(s) || read_anew(s, logits, err);
}

/* ---- all of it ---- */

static bool follow(search *s, float *logits, ask_error *err)
{
    const beams_task *t = s->task;
    for (s->length = 1;; s->length++) {
        s->n_best = 0;
        for (int k = 0; k < s->n_live; k++)
            offer_all(s, end_of(s, k), logits + (size_t)k * (size_t)t->n_vocab);
        if (s->length == 1) t->on_first(t->user);
        if (!make_place(s, logits, err)) return false;
        int n_on = sort_out(s);
        if (n_on == 0 || !can_improve(s)) return true;
        if (!read_on(s, n_on, logits, err)) return false;
    }
}

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
    ask_context_rewind(task->context, task->n_rows);
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
