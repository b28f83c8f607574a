#include "world/moment.h"

#include "world/pick_priv.h"

/* Adds frame t, in which the phrase holds. */
static void extend(ask_world_when *w, int t, int most_missing)
{
    bool is_first = w->n_runs == 0;
    if (is_first) w->moment.begin = t;
    if (is_first || t - w->moment.end > most_missing) w->n_runs++;
    w->moment.end = t + 1;
}

/* The toys of which it is not plain from the start that the phrase never holds. */
typedef struct {
    int items[ASK_SCENE_MAX_TOYS], n;
} some_toys;

static some_toys toys_of(const ask_scene *s, ask_phrase p)
{
    some_toys toys = {.n = 0};
    for (int toy = 0; toy < s->n_toys; toy++) {
        if (ask_phrase_may_hold_of(s, p, toy)) toys.items[toys.n++] = toy;
    }
    return toys;
}

/* YES in a frame where it counts of one of them. */
static ask_truth judge(const ask_scene *s, const ask_scene_view *v, ask_phrase p,
                       const some_toys *toys)
{
    ask_truth truth = ASK_NO;
    for (int i = 0; i < toys->n; i++) {
        if (ask_phrase_counts_of(s, v, p, toys->items[i])) return ASK_YES;
        if (ask_phrase_holds_of(s, v, p, toys->items[i]) != ASK_NO) truth = ASK_UNCLEAR;
    }
    return truth;
}

ask_world_when ask_world_when_holds(ask_world_seen seen, ask_phrase p)
{
    ask_world_when w = {.is_clear = true};
    ask_phrase lasting = p; // a toy that grows is of no clear size
    lasting.size = ASK_ANY;
    if (ask_pick_n_toys(seen.scene, lasting) == 0) return w;
    // What comes again at once has happened twice.
    int most_missing = p.event == ASK_ANY ? ASK_MOMENT_BRIDGED_FRAMES : 0;
    const some_toys toys = toys_of(seen.scene, p);
    for (int t = 0; t < seen.scene->n_frames; t++) {
        ask_truth truth = judge(seen.scene, &seen.views[t], p, &toys);
        if (truth == ASK_YES) extend(&w, t, most_missing);
        if (truth == ASK_UNCLEAR) w.is_clear = false;
    }
    return w;
}

bool ask_world_is_judged(ask_world_moment m, int n_frames)
{
    return m.begin < m.end &&
           (m.end - m.begin) * 100 <= ASK_MOMENT_JUDGED_PERCENT * n_frames;
}
