#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "vqa/checks_priv.h"

static const char NO_ORDER[] =
    "the network looks at each frame by itself: it cannot tell the order of frames";
const char checks_no_others[] = "no other frames were looked at";

/* ---- the evidence ---- */

/* Whether the frame stands for a part of some moment. */
static bool is_in_moment(const ask_moments_curve *curve, int frame,
                         const ask_find_moment *moments, int n_moments)
{
    for (int k = 0; k < n_moments; k++) {
        if (curve->edge_s[frame] >= moments[k].start_s &&
            curve->edge_s[frame + 1] <= moments[k].end_s)
            return true;
    }
    return false;
}

static bool is_among(const int *items, int n, int item)
{
    for (int i = 0; i < n; i++)
        if (items[i] == item) return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

int ask_checks_evidence(int *evidence, const ask_contest *contest, int o,
                        const ask_moments_curve *curve, const ask_find_moment *moments,
                        int n_moments)
{
    const double *cosine = contest->cosine + (size_t)o * (size_t)contest->n_frames;
    int half = contest->n_frames > 1 ? contest->n_frames / 2 : 1;
    int most = half < contest->n_keep ? half : contest->n_keep, n = 0;
    while (n < most) {
        int best = -1;
        for (int i = 0; i < contest->n_frames; i++) {
            if (best >= 0 && !(cosine[i] > cosine[best])) continue;
            if (is_in_moment(curve, i, moments, n_moments) && !is_among(evidence, n, i))
                best = i;
        }
        if (best < 0) break;
        evidence[n++] = best;
    }
    qsort(evidence, (size_t)n, sizeof *evidence, compare);
    return n;
}

/* ---- sets of frames ---- */

int checks_others(int *out, int n_frames, const int *without, int n_without)
{
    int n = 0;
    for (int i = 0; i < n_frames; i++)
        if (!is_among(without, n_without, i)) out[n++] = i;
    return n;
}

/* Puts n of the items, drawn at random, in front. */
static void draw(int *items, int n_items, int n, ask_rng *rng)
{
    for (int i = 0; i < n; i++) {
        int k = i + (int)ask_rng_below(rng, (uint64_t)(n_items - i)), item = items[i];
        items[i] = items[k];
        items[k] = item;
    }
}

int checks_draw(int *set, int n_frames, const int *evidence, int n_evidence, uint64_t seed,
                int k, int *room)
{
    const ask_rng source = ask_rng_new(seed);
    ask_rng rng = ask_rng_split_at(&source, (uint64_t)k);
    int n_others = checks_others(room, n_frames, evidence, n_evidence);
    draw(room, n_others, n_evidence, &rng);
    return checks_others(set, n_frames, room, n_evidence);
}

/* ---- the checks ---- */

static ask_check check_of(const double *s, int n_choices, int o, int n)
{
    return (ask_check){.s = s[o], .answer = ask_contest_best(s, n_choices), .n = n};
}

static ask_check absent(const char *why_not)
{
    return (ask_check){.why_not = why_not};
}

static ask_check ask_of(const ask_contest *contest, int o, const int *set, int n_set)
{
    double s[ASK_MOST_CHOICES];
    ask_contest_score(s, contest, set, n_set);
    return check_of(s, contest->n_choices, o, 1);
}

static ask_check ask_blind(const ask_contest *contest, int o, const double *blind)
{
    double cosine[ASK_MOST_CHOICES + 1] = {0};
    memcpy(cosine, blind, (size_t)contest->n_choices * sizeof *cosine);
    const ask_contest grey = {.cosine = cosine,
                              .duplicate_of = (const int[]){-1},
                              .n_choices = contest->n_choices,
                              .n_frames = 1,
                              .scale = contest->scale,
                              .n_keep = 1};
    return ask_of(&grey, o, (const int[]){0}, 1);
}

/* The mean over draws. room: [2 n_frames]. */
static ask_check ask_without_random(const ask_contest *contest, int o, const int *evidence,
                                    int n_evidence, uint64_t seed, int *room)
{
    int *set = room + contest->n_frames, n_choices = contest->n_choices;
    double mean[ASK_MOST_CHOICES] = {0}, s[ASK_MOST_CHOICES];
    for (int k = 0; k < ASK_CHECK_SEEDS; k++) {
        int n_set =
            checks_draw(set, contest->n_frames, evidence, n_evidence, seed, k, room);
        ask_contest_score(s, contest, set, n_set);
        for (int i = 0; i < n_choices; i++) mean[i] += s[i] / ASK_CHECK_SEEDS;
    }
    return check_of(mean, n_choices, o, ASK_CHECK_SEEDS);
}

bool ask_checks_run(ask_checks *out, const ask_contest *contest, int o, const double *blind,
                    const int *evidence, int n_evidence, uint64_t seed, ask_error *err)
{
    int *room = malloc(2 * (size_t)contest->n_frames * sizeof *room);
    if (!room) return ask_fail_memory(err);
    ask_checks c = {.shuffled = absent(NO_ORDER), .blind = ask_blind(contest, o, blind)};
    int n = checks_others(room, contest->n_frames, NULL, 0);
    c.full = ask_of(contest, o, room, n);
    c.evidence_only = ask_of(contest, o, evidence, n_evidence);
    n = checks_others(room, contest->n_frames, evidence, n_evidence);
    c.evidence_removed = n ? ask_of(contest, o, room, n) : absent(checks_no_others);
    c.random_removed =
        n >= n_evidence ? ask_without_random(contest, o, evidence, n_evidence, seed, room)
                        : absent(checks_no_others);
    free(room);
    *out = c;
    return true;
}
