/* layout_questions.c - what the layouts of questions share. */
#include "world/layout_priv.h"
#include "world/pick_priv.h"

int64_t layout_number(const ask_world_clip *c, int question)
{
    int64_t of_split = c->scene.index * ASK_QUESTIONS_MOST + question;
    return of_split * ASK_N_SPLITS + (int)c->scene.split;
}

bool layout_is_whole(const ask_world_clip *c, const ask_world_question *q)
{
    return q->until == c->scene.n_frames;
}

bool layout_five_options(const char *out[LAYOUT_FIVE], int *answer, const ask_world_clip *c,
                         int question)
{
    const ask_world_question *q = &c->questions[question];
    if (!q->spare) return false;
    ask_rng all = ask_pick_rng(&c->scene, "fifth options");
    ask_rng rng = ask_rng_split_at(&all, (uint64_t)question);
    int place = (int)ask_rng_below(&rng, LAYOUT_FIVE);
    for (int i = 0; i < ASK_N_OPTIONS; i++) out[i + (i >= place)] = q->options[i].text;
    out[place] = q->spare;
    *answer = q->answer + (q->answer >= place);
    return true;
}

void layout_tell_events(ask_str *out, const ask_world_clip *c)
{
    for (int i = 0; i < c->scene.n_events; i++)
        ask_str_printf(out, "%s%s", i > 0 ? ", then " : "", c->captions.events[i]);
}
