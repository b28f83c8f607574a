/* Texts of a batch within the room that a graph has for their tokens. Padding is most of a
 * batch of texts: what is computed is room for a little more than there is as a rule. In
 * the few batches that would need more, some questions are left out. */
#include <math.h>

#include "train/timeline_batch_priv.h"

/* Of the playroom's questions and answers, by thousands of batches: so many tokens for each
 * place, and so far above that for few of them. */
static int64_t room_of(double n, double mean, double spread, int64_t most)
{
    int64_t room = (int64_t)ceil(mean * n + spread * sqrt(n));
    return room < most ? room : most;
}

timeline_room timeline_room_of(const timeline_size *s)
{
    int64_t n = (int64_t)s->n_clips * s->n_questions, n_tokens = s->config->n_tokens;
    return (timeline_room){
        .questions = room_of((double)n, 10, 32, n * (n_tokens + 1)),
        .answers = room_of((double)n, 7 + s->n_near, 40, timeline_n_answers(s) * n_tokens),
    };
}

static int64_t count(const bool *mask, size_t n)
{
    int64_t n_set = 0;
    for (size_t i = 0; i < n; i++) n_set += mask[i];
    return n_set;
}

static bool is_within(const ask_timeline_questions *q, timeline_room room)
{
    size_t n_tokens = (size_t)q->size.n_tokens;
    size_t n = (size_t)q->size.n_clips * (size_t)q->size.n_questions;
    return count(q->text_mask, n * n_tokens) + (int64_t)n <= room.questions &&
           count(q->answer_mask, (size_t)q->n_used * n_tokens) <= room.answers;
}

static void leave_out(ask_timeline_questions *q, size_t row)
{
    size_t n_tokens = (size_t)q->size.n_tokens, n_answers = (size_t)q->size.n_answers;
    for (size_t i = 0; i < n_tokens; i++) q->text_mask[row * n_tokens + i] = false;
    for (size_t i = 0; i < n_answers; i++) q->rivals[row * n_answers + i] = 0;
    q->weight[row] = q->told[row] = 0;
    q->open[row] = -1;
    q->families[row] = ASK_FAMILY_NONE;
}

static bool is_made_up_for(const ask_timeline_questions *q, size_t row, size_t answer)
{
    return q->weight[row] > 0 && q->near_of[answer] == (int)row;
}

static bool is_offered(const ask_timeline_questions *q, size_t row, int64_t answer)
{
    if (q->weight[row] <= 0) return false;
    for (size_t i = 0; i < ASK_N_OPTIONS; i++)
        if (q->options[row * ASK_N_OPTIONS + i] == answer) return true;
    return q->open[row] == answer;
}

/* An answer that no question offers any more is no rival either. */
static void forget_answers(ask_timeline_questions *q)
{
    size_t n = (size_t)q->size.n_clips * (size_t)q->size.n_questions;
    size_t n_tokens = (size_t)q->size.n_tokens, n_answers = (size_t)q->size.n_answers;
    for (size_t u = 0; u < (size_t)q->n_used; u++) {
        bool offered = false;
        for (size_t row = 0; row < n && !offered; row++)
            offered = is_offered(q, row, (int64_t)u) || is_made_up_for(q, row, u);
        if (offered) continue;
        for (size_t i = 0; i < n_tokens; i++) q->answer_mask[u * n_tokens + i] = false;
        for (size_t row = 0; row < n; row++) q->rivals[row * n_answers + u] = 0;
    }
}

void timeline_fit(ask_timeline_questions *q, timeline_room room)
{
    size_t row = (size_t)q->size.n_clips * (size_t)q->size.n_questions;
    while (row > 0 && !is_within(q, room)) {
        leave_out(q, --row);
        forget_answers(q);
    }
}
