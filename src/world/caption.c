#include "world/caption.h"

#include "world/pick_priv.h"

static void say(ask_str *out, ask_phrase p, int wording)
{
    ask_str question = {0};
    ask_phrase_say(&question, out, p, ASK_SAY_CAPTION, wording);
    ask_str_free(&question);
}

static const char *keep(ask_arena *texts, ask_str *text)
{
    char *kept = text->failed ? NULL : ask_arena_strdup(texts, ask_str_text(text));
    ask_str_free(text);
    return kept;
}

static ask_phrase phrase_of(const ask_scene *s, const ask_event *e)
{
    ask_phrase p = ask_pick_toy(&s->toys[e->toy], ASK_PICK_COLOR | ASK_PICK_SHAPE);
    p.event = (int8_t)e->kind;
    return p;
}

/* The toys of a scene in order of appearance. */
static void order_toys(int out[ASK_SCENE_MAX_TOYS], const ask_scene *s)
{
    for (int i = 0; i < s->n_toys; i++) {
        int k = i;
        for (; k > 0 && s->toys[out[k - 1]].begin > s->toys[i].begin; k--)
            out[k] = out[k - 1];
        out[k] = i;
    }
}

/* "a small red ball, a large plain star and a ...; the red ball jumps, then ..." */
static void say_clip(ask_str *out, const ask_scene *s)
{
    const unsigned all = ASK_PICK_COLOR | ASK_PICK_SHAPE | ASK_PICK_SIZE | ASK_PICK_TEXTURE;
    int toys[ASK_SCENE_MAX_TOYS];
    order_toys(toys, s);
    for (int i = 0; i < s->n_toys; i++) {
        bool is_last = i == s->n_toys - 1;
        if (i > 0) ask_str_append(out, is_last ? " and " : ", ");
        say(out, ask_pick_toy(&s->toys[toys[i]], all), 0);
    }
    for (int i = 0; i < s->n_events; i++) {
        ask_str_append(out, i == 0 ? "; " : ", then ");
        say(out, phrase_of(s, &s->events[i]), 0);
    }
}

bool ask_world_caption(ask_world_captions *out, const ask_scene *scene, ask_arena *texts,
                       ask_error *err)
{
    ask_rng rng = ask_pick_rng(scene, "captions");
    *out = (ask_world_captions){0};
    ask_str text = {0};
    say_clip(&text, scene);
    out->clip = keep(texts, &text);
    bool ok = out->clip;
    for (int i = 0; i < scene->n_events; i++) {
        int wording = (int)ask_rng_below(&rng, ASK_N_WORDINGS);
        say(&text, phrase_of(scene, &scene->events[i]), wording);
        out->events[i] = keep(texts, &text);
        ok = ok && out->events[i];
    }
    return ok || ask_fail_memory(err);
}
