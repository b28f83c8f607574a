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

/* A toy by shape and the colour that it has in a frame. */
static ask_phrase toy_then(const ask_scene *s, int toy, int frame)
{
    ask_phrase p = ask_phrase_any();
    p.color = (int8_t)ask_scene_color_of(s, toy, frame);
    p.shape = (int8_t)s->toys[toy].shape;
    return p;
}

/* "the red ball jumps", "the red ball hits the blue star", "the red ball changes colour to
 * blue" */
static void say_event(ask_str *out, const ask_scene *s, const ask_event *e, int wording)
{
    ask_phrase p = toy_then(s, e->toy, e->begin);
    p.event = (int8_t)e->kind;
    say(out, p, wording);
    if (ask_event_moves_other(e)) {
        ask_str_append(out, " the ");
        ask_phrase_noun(out, toy_then(s, e->other, e->begin));
    }
    if (e->kind == ASK_TURN) ask_str_printf(out, " to %s", ask_color_name(e->to_color));
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
        say_event(out, s, &s->events[i], 0);
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
        say_event(&text, scene, &scene->events[i], wording);
        out->events[i] = keep(texts, &text);
        ok = ok && out->events[i];
    }
    return ok || ask_fail_memory(err);
}
