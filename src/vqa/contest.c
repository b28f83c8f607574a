#include "vqa/contest.h"

#include <math.h>
#include <stdbool.h>

/* ---- retrieval ---- */

static const double *cosines_of(const ask_contest *c, int text)
{
    return c->cosine + (size_t)text * (size_t)c->n_frames;
}

/* What a frame shows: the first frame that shows it. */
static int shown_by(const ask_contest *c, int frame)
{
    return c->duplicate_of[frame] >= 0 ? c->duplicate_of[frame] : frame;
}

static bool is_shown(const ask_contest *c, const int *kept, int n_kept, int frame)
{
    for (int i = 0; i < n_kept; i++)
        if (shown_by(c, kept[i]) == shown_by(c, frame)) return true;
    return false;
}

/* The frame of the set that fits the text best and shows something new; -1: there is none.
 */
static int best_left(const ask_contest *c, int text, const int *set, int n_set,
                     const int *kept, int n_kept)
{
    const double *cosine = cosines_of(c, text);
    int best = -1;
    for (int i = 0; i < n_set; i++) {
        if (best >= 0 && !(cosine[set[i]] > cosine[best])) continue;
        if (!is_shown(c, kept, n_kept, set[i])) best = set[i];
    }
    return best;
}

static void sort(int *items, int n)
{
    for (int i = 1; i < n; i++) {
        int item = items[i], k = i;
        for (; k > 0 && items[k - 1] > item; k--) items[k] = items[k - 1];
        items[k] = item;
    }
}

int ask_contest_retrieve(int *kept, const ask_contest *c, const int *set, int n_set)
{
    int n = 0, n_texts = c->n_choices + 1;
    for (int turn = 0; n < c->n_keep; turn++) {
        int best = best_left(c, turn % n_texts, set, n_set, kept, n);
        if (best < 0) break;
        kept[n++] = best;
    }
    sort(kept, n);
    return n;
}

/* ---- scores ---- */

/* log sum exp x, without overflow. */
static double log_sum(const double *x, int n)
{
    double most = x[0], sum = 0;
    for (int i = 1; i < n; i++) most = fmax(most, x[i]);
    for (int i = 0; i < n; i++) sum += exp(x[i] - most);
    return most + log(sum);
}

/* The mean of x, weighted with its softmax. */
static double pool(const double *x, int n)
{
    double whole = log_sum(x, n), mean = 0;
    for (int i = 0; i < n; i++) mean += exp(x[i] - whole) * x[i];
    return mean;
}

void ask_contest_score(double *s, const ask_contest *c, const int *set, int n_set)
{
    int kept[ASK_MOST_RETRIEVED];
    double x[ASK_MOST_RETRIEVED] = {0};
    int n = ask_contest_retrieve(kept, c, set, n_set);
    for (int o = 0; o < c->n_choices; o++) {
        for (int i = 0; i < n; i++) x[i] = c->scale * cosines_of(c, o)[kept[i]];
        s[o] = pool(x, n);
    }
    double whole = log_sum(s, c->n_choices);
    for (int o = 0; o < c->n_choices; o++) s[o] -= whole;
}

int ask_contest_best(const double *s, int n_choices)
{
    int best = 0;
    for (int o = 1; o < n_choices; o++)
        if (s[o] > s[best]) best = o;
    return best;
}
