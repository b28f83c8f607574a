#include "vqa/ask.h"

#include <stdlib.h>

#include "base/options.h"
#include "base/str.h"
#include "vqa/ask_priv.h"
#include "vqa/maps_priv.h"
#include "vqa/question_priv.h"

enum { DEFAULT_KEEP = 8, DEFAULT_MAPS = 3 };

/* ---- options ---- */

ask_ask_options ask_ask_defaults(void)
{
    return (ask_ask_options){
        .struct_size = sizeof(ask_ask_options),
        .sampling = ask_sampling_defaults(),
        .n_keep = DEFAULT_KEEP,
        .n_maps = DEFAULT_MAPS,
        .near_duplicate = ask_find_defaults().near_duplicate,
        .seed = 1,
    };
}

static ask_ask_options take_options(const ask_ask_options *opt)
{
    ask_ask_options o = ask_ask_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

static bool check_options(const ask_ask_options *o, ask_error *err)
{
    if (o->n_keep < 1 || o->n_keep > ASK_MOST_RETRIEVED)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames to keep: give 1 to %d", o->n_keep,
                        ASK_MOST_RETRIEVED);
    if (o->n_maps < 0 || o->n_maps > ASK_MOST_RETRIEVED)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames to explain: give 0 to %d", o->n_maps,
                        ASK_MOST_RETRIEVED);
    if (!(o->near_duplicate > 0))
        return ask_fail(err, ASK_ERR_USAGE,
                        "near duplicates from a cosine of %g on: give a number above 0",
                        o->near_duplicate);
    return true;
}

bool ask_ask_check(const char *question, const char *const *choices, int n_choices,
                   const ask_ask_options *opt, ask_error *err)
{
    const ask_ask_options o = take_options(opt);
    return check_options(&o, err) && ask_sampling_check(&o.sampling, err) &&
           question_check(question, choices, n_choices, err);
}

/* ---- what both ways do ---- */

bool ask_check_choices(const ask_call *call, ask_error *err)
{
    const ask_model_info model = ask_model_info_of(ask_session_model(call->session));
    return call->n_choices > 0 ||
           ask_fail(err, ASK_ERR_USAGE,
                    "%s: the model has no answers of its own: give 2 to %d to choose from",
                    model.dir, ASK_MOST_CHOICES);
}

bool ask_tell_calibration(ask_answer *a, const ask_calibration *c, ask_error *err)
{
    a->calibration_n = c->n;
    if (!c->data) return true;
    a->calibration_data = ask_strdup(c->data, err);
    return a->calibration_data;
}

/* ---- asking ---- */

/* Whether the model has a memory. Which way else it is, the other one says. */
static bool has_memory(const ask_session *s)
{
    ask_memory_info info;
    return ask_memory_info_of(&info, ask_session_model(s), NULL);
}

bool ask_ask_plan(ask_find_plan *out, ask_video *v, ask_session *s, const char *question,
                  const char *const *choices, int n_choices, const ask_ask_options *opt,
                  ask_error *err)
{
    const ask_call call = {v, s, question, choices, n_choices, take_options(opt)};
    if (!ask_ask_check(question, choices, n_choices, opt, err)) return false;
    return has_memory(s) ? by_memory_plan(out, &call, err)
                         : by_frames_plan(out, &call, err);
}

bool ask_ask(ask_answer *out, ask_video *v, ask_session *s, const char *question,
             const char *const *choices, int n_choices, const ask_ask_options *opt,
             ask_error *err)
{
    const ask_call call = {v, s, question, choices, n_choices, take_options(opt)};
    ask_answer a = {0};
    if (!ask_ask_check(question, choices, n_choices, opt, err)) return false;
    bool ok = has_memory(s) ? by_memory_ask(&a, &call, err) : by_frames_ask(&a, &call, err);
    if (ok)
        *out = a;
    else
        ask_answer_free(&a);
    return ok;
}

void ask_answer_free(ask_answer *a)
{
    if (!a) return;
    ask_find_plan_free(&a->plan);
    free(a->options);
    free(a->frames);
    free(a->cosines);
    free(a->moments);
    for (int i = 0; a->events && i < a->n_moments; i++) free(a->events[i].text);
    free(a->events);
    free(a->calibration_data);
    free(a->verdict.new_word);
    free(a->verdict.download);
    maps_free(a->maps, a->n_maps);
    *a = (ask_answer){0};
}
