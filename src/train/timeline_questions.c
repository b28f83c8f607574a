#include "train/timeline_questions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "train/timeline_questions_priv.h"

_Static_assert((int)ASK_SCENE_MAX_EVENTS <= (int)ASK_TIMELINE_SCENE_EVENTS,
               "truth numbers all events of a scene");

enum { O = ASK_N_OPTIONS, E = ASK_TIMELINE_SCENE_EVENTS, P = ASK_TIMELINE_PAIRS };

/* What rivals are found by. */
struct ask_timeline_questions_own {
    ask_answer_meaning *meanings; // [U]
    ask_phrase *its;              // [B, Q]: the toys that are asked about
    ask_tokens tokens;            // of the text at hand
    ask_near_miss near;           // at hand
};

// --- Memory ------------------------------------------------------------------------------

static bool check_size(const ask_timeline_questions_size *s, ask_error *err)
{
    const int64_t most = (int64_t)1 << 32;
    int64_t n = s->n_clips, tokens = s->n_tokens, rivals = s->n_answers;
    if (s->n_clips < 1 || s->n_questions < 1 || s->n_tokens < 1 || s->n_answers < 1 ||
        s->n_near < 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a batch of %d clips with %d questions of %d tokens and %d answers "
                        "is none",
                        s->n_clips, s->n_questions, s->n_tokens, s->n_answers);
    if (!ask_mul_i64(&n, n, s->n_questions) || !ask_mul_i64(&tokens, tokens, n) ||
        !ask_mul_i64(&rivals, rivals, n) || tokens > most || rivals > most ||
        (int64_t)s->n_answers * s->n_tokens > most)
        return ask_fail(err, ASK_ERR_USAGE,
                        "a batch of %d clips with %d questions of %d tokens and %d answers "
                        "is too large",
                        s->n_clips, s->n_questions, s->n_tokens, s->n_answers);
    return true;
}

static size_t n_rows(const ask_timeline_questions *q)
{
    return (size_t)q->size.n_clips * (size_t)q->size.n_questions;
}

static void *array(bool *ok, size_t n, size_t item_bytes)
{
    void *items = calloc(n, item_bytes);
    *ok &= items != NULL;
    return items;
}

static bool make_own(ask_timeline_questions *q)
{
    bool ok = true;
    q->own = array(&ok, 1, sizeof *q->own);
    if (!ok) return false;
    q->own->meanings = array(&ok, (size_t)q->size.n_answers, sizeof *q->own->meanings);
    q->own->its = array(&ok, n_rows(q), sizeof *q->own->its);
    return ok;
}

static bool make_arrays(ask_timeline_questions *q)
{
    const size_t n = n_rows(q), tokens = (size_t)q->size.n_tokens,
                 answers = (size_t)q->size.n_answers;
    bool ok = true;
    q->ids = array(&ok, n * tokens, sizeof *q->ids);
    q->text_mask = array(&ok, n * tokens, sizeof *q->text_mask);
    q->answer_ids = array(&ok, answers * tokens, sizeof *q->answer_ids);
    q->answer_mask = array(&ok, answers * tokens, sizeof *q->answer_mask);
    q->options = array(&ok, n * O, sizeof *q->options);
    q->right = array(&ok, n, sizeof *q->right);
    q->open = array(&ok, n, sizeof *q->open);
    q->rivals = array(&ok, n * answers, sizeof *q->rivals);
    q->weight = array(&ok, n, sizeof *q->weight);
    q->events = array(&ok, n * E, sizeof *q->events);
    q->pairs = array(&ok, n * P, sizeof *q->pairs);
    q->told = array(&ok, n, sizeof *q->told);
    q->families = array(&ok, n, sizeof *q->families);
    q->denials = array(&ok, n, sizeof *q->denials);
    q->near_of = array(&ok, answers, sizeof *q->near_of);
    return ok;
}

ask_timeline_questions *ask_timeline_questions_new(const ask_timeline_questions_size *size,
                                                   ask_error *err)
{
    if (!check_size(size, err)) return NULL;
    ask_timeline_questions *q = calloc(1, sizeof *q);
    if (q) q->size = *size;
    if (!q || !make_own(q) || !make_arrays(q)) {
        ask_timeline_questions_free(q);
        ask_fail_memory(err);
        return NULL;
    }
    ask_timeline_questions_begin(q);
    return q;
}

void ask_timeline_questions_free(ask_timeline_questions *q)
{
    if (!q) return;
    if (q->own) {
        ask_tokens_free(&q->own->tokens);
        ask_str_free(&q->own->near.text);
        free(q->own->meanings);
        free(q->own->its);
    }
    free(q->own);
    free(q->ids);
    free(q->text_mask);
    free(q->answer_ids);
    free(q->answer_mask);
    free(q->options);
    free(q->right);
    free(q->open);
    free(q->pairs);
    free(q->rivals);
    free(q->weight);
    free(q->events);
    free(q->told);
    free(q->families);
    free(q->denials);
    free(q->near_of);
    free(q);
}

// --- Texts -------------------------------------------------------------------------------

/* Into the tokens at hand, if they have room in a row. */
static bool encode(ask_timeline_questions *q, const char *text, const ask_tokenizer *t,
                   ask_error *err)
{
    ask_tokens *tokens = &q->own->tokens;
    if (!ask_tokenizer_encode(t, text, NULL, false, tokens, err)) return false;
    return tokens->n <= q->size.n_tokens ||
           ask_fail(err, ASK_ERR_LIMIT, "\"%s\" has %d tokens, the batch has room for %d",
                    text, tokens->n, q->size.n_tokens);
}

static void write_row(const ask_timeline_questions *q, int64_t *ids, bool *mask,
                      const ask_tokenizer *t)
{
    const ask_tokens *tokens = &q->own->tokens;
    int64_t pad = ask_tokenizer_special(t, "pad");
    for (int i = 0; i < q->size.n_tokens; i++) {
        mask[i] = i < tokens->n;
        ids[i] = mask[i] ? tokens->tokens[i].id : pad < 0 ? 0 : pad;
    }
}

static bool is_row(const ask_timeline_questions *q, int answer)
{
    const ask_tokens *tokens = &q->own->tokens;
    const int n = q->size.n_tokens;
    const int64_t *ids = q->answer_ids + (size_t)answer * (size_t)n;
    const bool *mask = q->answer_mask + (size_t)answer * (size_t)n;
    for (int i = 0; i < tokens->n; i++)
        if (!mask[i] || ids[i] != tokens->tokens[i].id) return false;
    return tokens->n == n || !mask[tokens->n];
}

/* The answer of a text, which is added if it is new. */
static bool add_answer(int64_t *out, ask_timeline_questions *q, const char *text,
                       const ask_answer_meaning *m, const ask_tokenizer *t, ask_error *err)
{
    if (!encode(q, text, t, err)) return false;
    int k = 0;
    while (k < q->n_used && !is_row(q, k)) k++;
    if (k == q->size.n_answers)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "the batch has room for %d answers, \"%s\" is one more", k, text);
    ask_answer_meaning *known = &q->own->meanings[k];
    if (k == q->n_used) {
        size_t at = (size_t)k * (size_t)q->size.n_tokens;
        write_row(q, q->answer_ids + at, q->answer_mask + at, t);
        *known = *m;
        q->near_of[k] = -1;
        q->n_used++;
    }
    if (known->form == ASK_MEANS_TEXT) *known = *m;
    *out = k;
    return true;
}

// --- Questions ---------------------------------------------------------------------------

static bool add_near(ask_timeline_questions *q, size_t row, const char *text,
                     const ask_answer_meaning *right, const ask_scene *s,
                     const ask_tokenizer *t, ask_rng *r, ask_error *err)
{
    ask_near_miss *near = &q->own->near;
    int64_t answer;
    for (int i = 0; i < q->size.n_near; i++) {
        if (!ask_near_miss_draw(near, text, right, s, r)) continue;
        if (near->text.failed) return ask_fail_memory(err);
        int n_before = q->n_used;
        if (!add_answer(&answer, q, near->text.data, &near->meaning, t, err)) return false;
        if (q->n_used > n_before) q->near_of[answer] = (int)row;
    }
    return true;
}

static bool add_options(ask_timeline_questions *q, size_t row, const ask_scene *s,
                        const ask_world_question *asked, const ask_tokenizer *t, ask_rng *r,
                        ask_error *err)
{
    for (int i = 0; i < O; i++) {
        const ask_world_option *o = &asked->options[i];
        ask_answer_meaning m = ask_answer_meaning_of(s, asked, o);
        if (!add_answer(&q->options[row * O + (size_t)i], q, o->text, &m, t, err))
            return false;
    }
    if (!ask_question_is_open(asked, s->n_frames)) return true;
    ask_answer_meaning right =
        ask_answer_meaning_of(s, asked, &asked->options[asked->answer]);
    const char *text = ask_question_open_answer(asked);
    return add_answer(&q->open[row], q, text, &right, t, err) &&
           add_near(q, row, text, &right, s, t, r, err);
}

static void mark_evidence(ask_timeline_questions *q, size_t row, const ask_world_clip *clip,
                          const ask_world_question *asked)
{
    ask_question_evidence e = ask_question_evidence_of(clip, asked);
    q->told[row] = e.told;
    for (int i = 0; i < E; i++) q->events[row * E + (size_t)i] = e.events >> i & 1;
    for (int i = 0; i < clip->scene.n_toys; i++) {
        const ask_toy *t = &clip->scene.toys[i];
        size_t pair = (size_t)t->color * ASK_N_SHAPES + (size_t)t->shape;
        if (e.toys >> i & 1) q->pairs[row * P + pair] = 1;
    }
}

static bool add_question(ask_timeline_questions *q, size_t row, const ask_world_clip *clip,
                         const ask_question_draw *draw, const ask_tokenizer *t, ask_rng *r,
                         ask_error *err)
{
    const ask_world_question *asked = &clip->questions[draw->question];
    const size_t at = row * (size_t)q->size.n_tokens;
    if (!encode(q, asked->text, t, err)) return false;
    write_row(q, q->ids + at, q->text_mask + at, t);
    if (!add_options(q, row, &clip->scene, asked, t, r, err)) return false;
    mark_evidence(q, row, clip, asked);
    q->right[row] = asked->answer;
    q->weight[row] = draw->weight;
    q->families[row] = asked->family;
    q->denials[row] = asked->options[asked->answer].denies;
    q->own->its[row] = ask_answer_it(&clip->scene, asked);
    return true;
}

// --- A batch -----------------------------------------------------------------------------

static void clear(void *items, size_t n, size_t item_bytes)
{
    memset(items, 0, n * item_bytes);
}

void ask_timeline_questions_begin(ask_timeline_questions *q)
{
    const size_t n = n_rows(q), tokens = (size_t)q->size.n_tokens,
                 answers = (size_t)q->size.n_answers;
    q->n_used = 0;
    clear(q->ids, n * tokens, sizeof *q->ids);
    clear(q->text_mask, n * tokens, sizeof *q->text_mask);
    clear(q->answer_ids, answers * tokens, sizeof *q->answer_ids);
    clear(q->answer_mask, answers * tokens, sizeof *q->answer_mask);
    clear(q->options, n * O, sizeof *q->options);
    clear(q->right, n, sizeof *q->right);
    clear(q->rivals, n * answers, sizeof *q->rivals);
    clear(q->weight, n, sizeof *q->weight);
    clear(q->events, n * E, sizeof *q->events);
    clear(q->pairs, n * P, sizeof *q->pairs);
    clear(q->told, n, sizeof *q->told);
    clear(q->denials, n, sizeof *q->denials);
    for (size_t row = 0; row < n; row++) {
        q->families[row] = ASK_FAMILY_NONE;
        q->open[row] = -1;
    }
}

bool ask_timeline_questions_add(ask_timeline_questions *q, int b,
                                const ask_world_clip *clip, int until,
                                const ask_tokenizer *t, ask_rng *r, ask_error *err)
{
    assert(b >= 0 && b < q->size.n_clips);
    ask_question_draw drawn[ASK_QUESTIONS_MOST];
    int n = ask_question_draw_some(drawn, clip, until, q->size.n_questions, r);
    size_t first = (size_t)b * (size_t)q->size.n_questions;
    for (int i = 0; i < n; i++)
        if (!add_question(q, first + (size_t)i, clip, &drawn[i], t, r, err)) return false;
    return true;
}

void ask_timeline_questions_end(ask_timeline_questions *q)
{
    const struct ask_timeline_questions_own *own = q->own;
    for (size_t row = 0; row < n_rows(q); row++) {
        if (q->open[row] < 0) continue;
        const ask_answer_meaning *right = &own->meanings[q->open[row]];
        float *rivals = q->rivals + row * (size_t)q->size.n_answers;
        for (int k = 0; k < q->n_used; k++)
            rivals[k] = k != q->open[row] &&
                        !ask_answer_is_as_right(&own->meanings[k], right, own->its[row]);
    }
}
