#include "world/clip.h"

#include <stdlib.h>
#include <string.h>

static bool look(ask_world_clip *c, ask_painter *painter, ask_error *err)
{
    c->views = malloc((size_t)c->scene.n_frames * sizeof *c->views);
    c->texts = ask_arena_new(0);
    if (!c->views || !c->texts) return ask_fail_memory(err);
    for (int t = 0; t < c->scene.n_frames; t++)
        ask_paint(painter, &c->scene, t, NULL, &c->views[t]);
    return true;
}

bool ask_world_clip_make(ask_world_clip *out, ask_painter *painter, uint64_t seed,
                         int64_t index, ask_split split, ask_scene_style style,
                         ask_error *err)
{
    ask_world_clip c = {0};
    ask_scene_make(&c.scene, seed, index, split, style);
    bool ok = look(&c, painter, err);
    const ask_world_seen seen = {&c.scene, c.views};
    ok = ok && ask_world_caption(&c.captions, &c.scene, c.texts, err) &&
         ask_world_ask(c.questions, &c.n_questions, seen, c.texts, err) &&
         ask_world_query_make(c.queries, &c.n_queries, seen, c.texts, err);
    if (ok)
        *out = c;
    else
        ask_world_clip_free(&c);
    return ok;
}

void ask_world_clip_free(ask_world_clip *clip)
{
    if (!clip) return;
    free(clip->views);
    ask_arena_free(clip->texts);
    *clip = (ask_world_clip){0};
}

bool ask_split_parse(ask_split *out, const char *name, ask_error *err)
{
    for (int s = 0; s < ASK_N_SPLITS; s++) {
        if (strcmp(name, ask_split_name((ask_split)s)) != 0) continue;
        *out = (ask_split)s;
        return true;
    }
    return ask_fail(err, ASK_ERR_USAGE,
                    "the splits are train, val and test; there is no %s", name);
}
