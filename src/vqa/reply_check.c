/* Whether a reply rests on the frames that are shown for it. */
#include <stdlib.h>

#include "base/rng.h"
#include "vqa/checks_priv.h"
#include "vqa/reply_priv.h"

static const char IN_THE_MEAN[] =
    "the model is given means over all frames: none can be left out or moved";

static const char TOO_FEW[] = "the model takes more frames together than these";

static const char NOT_READ[] = "where the model looked was not read";

/* Checks on their way. */
typedef struct {
    reply_job *job;
    int answer;
    int n_frames;
    const int *evidence;
    int n_evidence;
    int *set, *room; // owned; [n_frames]
} checking;

static ask_check absent(const char *why_not)
{
    return (ask_check){.why_not = why_not};
}

static ask_check check_of(const reply_opinion *o, int answer, int n)
{
    return (ask_check){.s = o->s[answer], .answer = o->best, .n = n};
}

static bool check_sight(ask_check *out, const checking *c, const talk_sight *sight,
                        ask_error *err)
{
    reply_opinion opinion;
    if (!reply_judge(&opinion, c->job, sight, err)) return false;
    *out = check_of(&opinion, c->answer, 1);
    return true;
}

static bool check_set(ask_check *out, const checking *c, const int *set, int n,
                      ask_error *err)
{
    return check_sight(out, c, &(talk_sight){.frames = set, .n_frames = n, .aside = true},
                       err);
}

/* Draws the frames of draw k into c->set; returns how many. */
typedef int draw_fn(const checking *c, int k);

static bool is_in_order(const int *set, int n)
{
    for (int i = 0; i < n; i++)
        if (set[i] != i) return false;
    return true;
}

/* There are two frames or more. */
static int draw_order(const checking *c, int k)
{
    ask_rng root = ask_rng_new(c->job->options->seed);
    ask_rng rng = ask_rng_split_at(&root, (uint64_t)k);
    for (int i = 0; i < c->n_frames; i++) c->set[i] = i;
    while (is_in_order(c->set, c->n_frames))
        ask_rng_shuffle(&rng, c->set, (size_t)c->n_frames, sizeof *c->set);
    return c->n_frames;
}

static int draw_others(const checking *c, int k)
{
    return checks_draw(c->set, c->n_frames, c->evidence, c->n_evidence,
                       c->job->options->seed, k, c->room);
}

/* The mean over draws. Of words, it would say the same if it did so most times. */
static bool check_drawn(ask_check *out, const checking *c, draw_fn *draw, ask_error *err)
{
    reply_opinion mean = {0};
    int n = c->job->n_choices > 0 ? c->job->n_choices : 1, n_same = 0;
    for (int k = 0; k < ASK_CHECK_SEEDS; k++) {
        reply_opinion one;
        const talk_sight sight = {.n_frames = draw(c, k), .frames = c->set, .aside = true};
        if (!reply_judge(&one, c->job, &sight, err)) return false;
        for (int i = 0; i < n; i++) mean.s[i] += one.s[i] / ASK_CHECK_SEEDS;
        n_same += one.best == 0;
    }
    for (int i = 1; i < n; i++)
        if (mean.s[i] > mean.s[mean.best]) mean.best = i;
    if (c->job->n_choices == 0) mean.best = 2 * n_same > ASK_CHECK_SEEDS ? 0 : -1;
    *out = check_of(&mean, c->answer, ASK_CHECK_SEEDS);
    return true;
}

static bool check_frames(ask_checks *out, const checking *c, ask_error *err)
{
    int n_others = c->n_frames - c->n_evidence;
    out->shuffled = out->evidence_removed = out->random_removed = absent(checks_no_others);
    if (c->n_frames > 1 && !check_drawn(&out->shuffled, c, draw_order, err)) return false;
    if (c->n_evidence == 0) {
        out->evidence_only = out->evidence_removed = out->random_removed = absent(NOT_READ);
        return true;
    }
    int least = c->job->talk->footage.info.n_least;
    if (c->n_evidence < least)
        out->evidence_only = absent(TOO_FEW);
    else if (!check_set(&out->evidence_only, c, c->evidence, c->n_evidence, err))
        return false;
    if (n_others > 0 && n_others < least) {
        out->evidence_removed = out->random_removed = absent(TOO_FEW);
        return true;
    }
    checks_others(c->set, c->n_frames, c->evidence, c->n_evidence);
    return (n_others == 0 || check_set(&out->evidence_removed, c, c->set, n_others, err)) &&
           (n_others < c->n_evidence ||
            check_drawn(&out->random_removed, c, draw_others, err));
}

static bool check_all(ask_checks *out, const checking *c, ask_error *err)
{
    if (!check_sight(&out->blind, c, &(talk_sight){.blind = true, .aside = true}, err))
        return false;
    const ask_footage *f = &c->job->talk->footage;
    if (f->n_rows > 0 || f->info.together) return check_frames(out, c, err);
    out->shuffled = out->evidence_only = out->evidence_removed = out->random_removed =
        absent(IN_THE_MEAN);
    return true;
}

bool reply_check(ask_checks *out, reply_job *j, const reply_opinion *full, int answer,
                 const int *evidence, int n_evidence, ask_error *err)
{
    size_t n = (size_t)j->talk->footage.sampled.n;
    checking c = {.job = j,
                  .answer = answer,
                  .n_frames = (int)n,
                  .evidence = evidence,
                  .n_evidence = n_evidence,
                  .set = malloc((n + 1) * sizeof *c.set),
                  .room = malloc((n + 1) * sizeof *c.room)};
    *out = (ask_checks){.full = check_of(full, answer, 1)};
    bool ok = ((c.set && c.room) || ask_fail_memory(err)) && check_all(out, &c, err);
    talk_forget_aside(j->talk);
    free(c.set);
    free(c.room);
    return ok;
}
