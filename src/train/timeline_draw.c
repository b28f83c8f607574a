/* Which questions of a clip come, and what they weigh.
 *
 * Let a share a of clips have a question of some family, and let it come with a chance p
 * when it is there. With a weight of 1 / (a p) every family adds the same to a training
 * (Horvitz and Thompson 1952), and with p in proportion to 1 / a, as far as p may go,
 * weights differ little. */
#include <math.h>

#include "train/timeline_questions.h"
#include "train/timeline_questions_priv.h"

/* Of 6000 clips of the training split, one of ASK_TIMELINE_AHEAD_CLIPS shown up to its
 * prediction. test/train/timeline_questions.c prints those of 2000 others. */
static const double shares[ASK_N_FAMILIES] = {
    [ASK_FAMILY_NONE] = 1,           [ASK_FAMILY_PRESENCE] = 0.920,
    [ASK_FAMILY_COLOR] = 0.920,      [ASK_FAMILY_SHAPE] = 0.919,
    [ASK_FAMILY_SIZE] = 0.537,       [ASK_FAMILY_LOCATION] = 0.791,
    [ASK_FAMILY_NUMBER] = 0.310,     [ASK_FAMILY_ACTION] = 0.774,
    [ASK_FAMILY_FIRST_LAST] = 0.417, [ASK_FAMILY_NEXT] = 0.415,
    [ASK_FAMILY_BEFORE] = 0.407,     [ASK_FAMILY_WHILE] = 0.189,
    [ASK_FAMILY_WHO_FIRST] = 0.499,  [ASK_FAMILY_AFTER_OWN] = 0.323,
    [ASK_FAMILY_BEFORE_OWN] = 0.307, [ASK_FAMILY_CHANGE] = 0.258,
    [ASK_FAMILY_REPEATED] = 0.464,   [ASK_FAMILY_TIMES] = 0.611,
    [ASK_FAMILY_DOERS] = 0.596,      [ASK_FAMILY_WHY] = 0.307,
    [ASK_FAMILY_HOW] = 0.335,        [ASK_FAMILY_HITS] = 0.381,
    [ASK_FAMILY_PREDICTION] = 0.080, [ASK_FAMILY_FEASIBILITY] = 0.675,
};

double ask_question_share(ask_family family)
{
    return shares[family];
}

/* Those that could come, in random order. */
static int list(int out[ASK_QUESTIONS_MOST], const ask_world_clip *clip, int until,
                ask_rng *r)
{
    int n = 0;
    for (int i = 0; i < clip->n_questions; i++) {
        const ask_world_question *q = &clip->questions[i];
        if (q->family != ASK_FAMILY_NONE && q->until == until) out[n++] = i;
    }
    ask_rng_shuffle(r, out, (size_t)n, sizeof *out);
    return n;
}

/* In proportion to wishes, but at most 1; they sum to n_drawn, which is at most n. */
static void share_out(double *chances, const double *wishes, int n, int n_drawn)
{
    double left = n_drawn, sum = 0;
    for (int i = 0; i < n; i++) {
        chances[i] = 0;
        sum += wishes[i];
    }
    for (bool again = true; again;) {
        double each = left / sum;
        again = false;
        for (int i = 0; i < n; i++) {
            if (chances[i] > 0 || wishes[i] * each < 1) continue;
            chances[i] = 1;
            left -= 1;
            sum -= wishes[i];
            again = left > 0;
        }
    }
    for (int i = 0; i < n; i++)
        if (chances[i] == 0) chances[i] = wishes[i] * left / sum;
}

/* Chances are laid end to end, and marks at a distance of 1 from each other on them: what
 * has a mark comes. */
static int pick(ask_question_draw *out, const int *questions, const double *chances,
                const double *wishes, int n, int n_drawn, ask_rng *r)
{
    double mark = ask_rng_double(r), end = 0;
    int n_picked = 0;
    for (int i = 0; i < n && n_picked < n_drawn; i++) {
        end += chances[i];
        if (end <= mark) continue;
        mark += 1;
        out[n_picked++] =
            (ask_question_draw){questions[i], (float)(wishes[i] / chances[i])};
    }
    return n_picked;
}

int ask_question_draw_some(ask_question_draw out[ASK_QUESTIONS_MOST],
                           const ask_world_clip *clip, int until, int n_places, ask_rng *r)
{
    int questions[ASK_QUESTIONS_MOST], n = list(questions, clip, until, r);
    int n_drawn = n < n_places ? n : n_places;
    double wishes[ASK_QUESTIONS_MOST], chances[ASK_QUESTIONS_MOST];
    for (int i = 0; i < n; i++)
        wishes[i] = 1 / ask_question_share(clip->questions[questions[i]].family);
    if (n_drawn > 0) share_out(chances, wishes, n, n_drawn);
    int n_picked = pick(out, questions, chances, wishes, n, n_drawn, r);
    for (int i = 0; i < n_picked; i++)
        out[i].weight *= (float)n_places / (ASK_N_FAMILIES - 1);
    return n_picked;
}
