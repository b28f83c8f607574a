#include "cli/words.h"

#include <math.h>
#include <string.h>

#include "base/file.h"

bool cli_words_can(const cli_study *s)
{
    ask_language_info info;
    return ask_language_info_of(&info, s->model, NULL);
}

/* ---- subtitles ---- */

static bool find_subtitles(cli_words *w, ask_error *err)
{
    const char *which = w->v->subtitles;
    ask_subtitle_options o = ask_subtitle_defaults();
    o.cancel = w->study->call->cancel;
    if (strcmp(which, "off") == 0) return true;
    if (strcmp(which, "auto") == 0)
        return ask_subtitles_find(&w->subtitles, w->study->video, &o, err);
    return ask_subtitles_read(&w->subtitles, which, &o, err);
}

/* ---- the other model ---- */

static bool open_eye(cli_words *w, ask_error *err)
{
    const ask_model_options options = {.struct_size = sizeof options,
                                       .n_threads = (int)w->study->v->n_threads};
    if (!w->v->vision) return true;
    w->eye_model = ask_model_open(w->v->vision, &options, err);
    w->eye = w->eye_model ? ask_session_open(w->eye_model, err) : NULL;
    return w->eye;
}

/* ---- how words are picked ---- */

static void take_real(double *out, double asked)
{
    if (!isnan(asked)) *out = asked;
}

static void take_generation(cli_words *w)
{
    const cli_words_values *v = w->v;
    ask_generate_options *o = &w->generate;
    *o = ask_generate_defaults(w->study->model);
    if (v->max_tokens > 0) o->max_tokens = (int)v->max_tokens;
    take_real(&o->sampler.temperature, v->temperature);
    take_real(&o->sampler.top_p, v->top_p);
    take_real(&o->sampler.min_p, v->min_p);
    take_real(&o->sampler.repetition_penalty, v->repetition_penalty);
    take_real(&o->length_penalty, v->length_penalty);
    if (v->top_k >= 0) o->sampler.top_k = (int)v->top_k;
    if (v->n_beams >= 1) o->n_beams = (int)v->n_beams;
    // What was asked for goes before what the checkpoint says, and beams do not draw.
    if (v->n_beams > 1 && isnan(v->temperature)) o->sampler.temperature = 0;
    if (v->temperature > 0 && v->n_beams < 0) o->n_beams = 1;
    o->stops = v->stops.items;
    o->n_stops = v->stops.n;
    o->cancel = w->study->call->cancel;
    o->progress = &w->study->console.progress;
}

/* ---- the talk ---- */

static bool open_talk(cli_words *w, ask_error *err)
{
    const cli_words_values *v = w->v;
    ask_talk_options o = ask_talk_defaults();
    o.sampling = cli_study_sampling(w->study);
    o.eye = w->eye;
    o.subtitles = w->subtitles.kind == ASK_SUBTITLES_NONE ? NULL : &w->subtitles;
    o.system = v->system;
    o.form = v->form;
    o.max_tokens = (int)v->max_tokens;
    o.max_prompt = (int)v->max_prompt;
    o.max_mib = v->max_mib;
    o.cancel = w->study->call->cancel;
    o.progress = &w->study->console.progress;
    w->talk = ask_talk_open(w->study->video, w->study->session, &o, err);
    return w->talk;
}

static bool load_talk(cli_words *w, bool goes_on, ask_error *err)
{
    const char *path = w->v->context;
    if (!path || !ask_file_exists(path)) return true;
    if (!ask_talk_load(w->talk, path, err)) return false;
    if (!goes_on) ask_talk_forget(w->talk);
    return true;
}

bool cli_words_open(cli_words *w, const cli_words_values *v, cli_study *s, bool goes_on,
                    ask_error *err)
{
    *w = (cli_words){.v = v, .study = s};
    take_generation(w);
    return find_subtitles(w, err) && open_eye(w, err) && open_talk(w, err) &&
           load_talk(w, goes_on, err);
}

bool cli_words_keep(const cli_words *w, ask_error *err)
{
    return !w->v->context || ask_talk_save(w->talk, w->v->context, err);
}

void cli_words_close(cli_words *w)
{
    ask_talk_close(w->talk);
    ask_subtitles_free(&w->subtitles);
    ask_session_close(w->eye);
    ask_model_close(w->eye_model);
}
