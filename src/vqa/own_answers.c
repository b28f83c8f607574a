#include "vqa/own_answers_priv.h"

#include <math.h>

/* ---- whether there is an answer ---- */

/* The logarithm of the probability of all answers that deny, or of all that do not. */
static double log_sum(const double *scores, const bool *denies, int n, bool which)
{
    double most = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++)
        if (denies[i] == which) most = fmax(most, scores[i]);
    for (int i = 0; i < n; i++)
        if (denies[i] == which) sum += exp(scores[i] - most);
    return most + log(sum);
}

bool own_presence(double *out, const double *scores, const bool *denies, int n)
{
    int n_denials = 0;
    for (int i = 0; i < n; i++) n_denials += denies[i];
    if (n_denials == 0 || n_denials == n) return false;
    *out = log_sum(scores, denies, n, false) - log_sum(scores, denies, n, true);
    return true;
}

/* ---- which are told ---- */

answer_list answer_list_of(int n)
{
    answer_list l = {.n = n};
    for (int i = 0; i < n; i++) l.items[i] = i;
    return l;
}

int answer_list_find(const answer_list *l, int item)
{
    int at = 0;
    while (at < l->n && l->items[at] != item) at++;
    return at;
}

/* Behind what scores as much. */
static void add(answer_list *l, const double *scores, int item)
{
    if (answer_list_find(l, item) < l->n) return;
    int at = l->n++;
    for (; at > 0 && scores[item] > scores[l->items[at - 1]]; at--)
        l->items[at] = l->items[at - 1];
    l->items[at] = item;
}

static int best_other(const answer_list *l, const double *scores, int n)
{
    int best = -1;
    for (int i = 0; i < n; i++)
        if ((best < 0 || scores[i] > scores[best]) && answer_list_find(l, i) == l->n)
            best = i;
    return best;
}

answer_list answer_list_best(const double *scores, int n, ask_checks *checks)
{
    answer_list l = {.n = 0};
    while (l.n < OWN_BEST && l.n < n) add(&l, scores, best_other(&l, scores, n));
    if (!checks) return l;
    ask_check *const all[ASK_N_CHECKS] = {
        &checks->full,
        &checks->blind,
        &checks->shuffled,
        &checks->evidence_only,
        &checks->evidence_removed,
        &checks->random_removed,
    };
    for (int i = 0; i < ASK_N_CHECKS; i++)
        if (!all[i]->why_not) add(&l, scores, all[i]->answer);
    for (int i = 0; i < ASK_N_CHECKS; i++)
        if (!all[i]->why_not) all[i]->answer = answer_list_find(&l, all[i]->answer);
    return l;
}
