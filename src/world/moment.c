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

ask_world_when ask_world_when_holds(ask_world_seen seen, ask_phrase p)
{
    ask_world_when w = {.is_clear = true};
    ask_phrase lasting = p; // a toy that grows is of no clear size
    lasting.size = ASK_ANY;
    if (ask_pick_n_toys(seen.scene, lasting) == 0) return w;
    // What comes again at once has happened twice.
    int most_missing = p.event == ASK_ANY ? ASK_MOMENT_BRIDGED_FRAMES : 0;
    for (int t = 0; t < seen.scene->n_frames; t++) {
        const ask_scene_view *v = &seen.views[t];
        if (ask_phrase_counts(seen.scene, v, p))
            extend(&w, t, most_missing);
        else if (ask_phrase_holds(seen.scene, v, p, NULL) != ASK_NO)
            w.is_clear = false;
    }
    return w;
}

bool ask_world_is_judged(ask_world_moment m, int n_frames)
{
    return m.begin < m.end &&
           (m.end - m.begin) * 100 <= ASK_MOMENT_JUDGED_PERCENT * n_frames;
}
