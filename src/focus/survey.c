#include "focus/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/utf8.h"

bool ask_survey_check_text(const char *text, const char *what, ask_error *err)
{
    if (!ask_utf8_valid(text, strlen(text)))
        return ask_fail(err, ASK_ERR_USAGE, "%s is not UTF-8", what);
    if (text[strspn(text, " \t\r\n")] == '\0')
        return ask_fail(err, ASK_ERR_USAGE, "%s is empty: say what to look for", what);
    return true;
}

static ask_model_info model_of(const ask_survey_job *j)
{
    return ask_model_info_of(ask_session_model(j->session));
}

/* ---- the plan ---- */

static bool count_prompts(int64_t *n_tokens, const ask_survey_job *j,
                          const char *const *prompts, int n, ask_error *err)
{
    const ask_model_info model = model_of(j);
    for (int i = 0; i < n; i++) {
        int n_of_prompt;
        if (!ask_count_tokens(j->session, prompts[i], &n_of_prompt, NULL, err))
            return false;
        if (n_of_prompt > model.n_context) {
            ask_fail(err, ASK_ERR_MODEL,
                     "a prompt has %d tokens, and the model takes %d: shorten \"%.40s\"",
                     n_of_prompt, model.n_context, prompts[i]);
            return ask_fail_in(err, "%s/calibration.json", model.dir);
        }
        *n_tokens += n_of_prompt;
    }
    return true;
}

static bool count_text(int *n_tokens, bool *unknown, const ask_survey_job *j,
                       const char *text, ask_error *err)
{
    int most = model_of(j).n_context;
    if (!ask_count_tokens(j->session, text, n_tokens, unknown, err)) return false;
    if (*n_tokens <= most) return true;
    const char *what =
        j->n_texts > 1 ? "question and choice together have" : "the text has";
    return ask_fail(err, ASK_ERR_LIMIT,
                    "%s %d tokens, and the model takes %d: say it with %d fewer", what,
                    *n_tokens, most, *n_tokens - most);
}

/* All of the plan but the sampling. */
static bool plan_texts(ask_find_plan *p, const ask_survey_job *j, ask_error *err)
{
    const ask_calibration *c = j->calibration;
    p->n_all_tokens = 0;
    for (int i = 0; i < j->n_texts; i++) {
        int n_tokens;
        bool unknown;
        if (!count_text(&n_tokens, &unknown, j, j->texts[i], err)) return false;
        if (i == 0) p->n_tokens = n_tokens;
        p->unknown_words |= unknown;
        p->n_all_tokens += n_tokens;
    }
    p->n_background = c->n_background;
    p->n_random = c->n_sentences;
    return count_prompts(&p->n_all_tokens, j, c->background, c->n_background, err) &&
           count_prompts(&p->n_all_tokens, j, c->sentences, c->n_sentences, err);
}

/* Frames that are on display at some of the times. */
static int count_on_display(const ask_time_table *table, const ask_sampling *s)
{
    int n = 0;
    int64_t last = -1, at = 0; // frames
    for (int i = 0; i < s->n; i++) {
        while (at + 1 < table->n_frames && table->frames[at + 1].t_s <= s->t_s[i]) at++;
        n += at != last;
        last = at;
    }
    return n;
}

static void set_images(ask_find_plan *p, const ask_survey_job *j, int n_images)
{
    const ask_model_info model = model_of(j);
    p->n_images = n_images;
    p->gflop =
        n_images * model.image_gflop + (double)p->n_all_tokens * model.text_token_gflop;
}

static bool plan_images(ask_find_plan *p, const ask_survey_job *j, ask_error *err)
{
    const ask_sampling *s = &p->sampling;
    const ask_time_table *table =
        s->counted ? ask_video_table(j->video, err) : ask_video_outline(j->video);
    if (!table) return false;
    int64_t most = table->n_frames > 0 && table->n_frames < s->n ? table->n_frames : s->n;
    set_images(p, j, s->counted ? count_on_display(table, s) : (int)most);
    return true;
}

static bool plan_sampling(ask_find_plan *p, const ask_survey_job *j, bool counted,
                          ask_error *err)
{
    ask_sampling_options options = j->sampling;
    options.counted |= counted;
    ask_sampling sampling;
    if (!ask_sampling_resolve(&sampling, j->video, &options, err)) return false;
    ask_sampling_free(&p->sampling);
    p->sampling = sampling;
    return plan_images(p, j, err);
}

bool ask_survey_plan(ask_find_plan *out, const ask_survey_job *job, ask_error *err)
{
    ask_find_plan p = {0};
    if (!plan_texts(&p, job, err) || !plan_sampling(&p, job, false, err)) {
        ask_find_plan_free(&p);
        return false;
    }
    *out = p;
    return true;
}

/* ---- looking ---- */

static bool look(ask_look *out, const ask_survey_job *j, const ask_find_plan *p,
                 ask_error *err)
{
    return ask_look_at(out, j->video, j->session, &p->sampling, j->cancel, j->progress,
                       err);
}

/* A container may promise more than there is; that is met only while looking. Then the
 * frames are counted and the window ends with them. */
static bool look_again_if_cut_off(ask_look *out, const ask_survey_job *j, ask_find_plan *p,
                                  const ask_error *met, ask_error *err)
{
    const ask_time_table *table = NULL;
    if (met->code == ASK_ERR_USAGE) {
        table = ask_video_table(j->video, err);
        if (!table) return false;
    }
    if (!table || table->duration_s >= p->sampling.end_s)
        return ask_fail(err, met->code, "%s", met->message);
    return plan_sampling(p, j, true, err) && look(out, j, p, err);
}

/* ---- texts ---- */

/* The embeddings of the texts, then of background prompts, then of random sentences; freed
 * with free(). NULL on failure. */
static float *embed_texts(const ask_survey_job *j, ask_error *err)
{
    const ask_calibration *c = j->calibration;
    size_t n_texts = (size_t)j->n_texts, n_background = (size_t)c->n_background;
    size_t n = n_texts + n_background + (size_t)c->n_sentences, n_bytes;
    float *out = NULL;
    const char **texts = malloc(n * sizeof *texts);
    if (ask_mul_size(&n_bytes, n * sizeof *out, (size_t)model_of(j).n_embed))
        out = malloc(n_bytes);
    bool ok = (out && texts) || ask_fail_memory(err);
    if (ok) {
        memcpy(texts, j->texts, n_texts * sizeof *texts);
        memcpy(texts + n_texts, c->background, n_background * sizeof *texts);
        memcpy(texts + n_texts + n_background, c->sentences,
               (size_t)c->n_sentences * sizeof *texts);
        ok = ask_embed_texts(j->session, out, texts, (int)n, j->cancel, err);
    }
    free(texts);
    if (ok) return out;
    free(out);
    return NULL;
}

/* ---- both ---- */

static bool measure_chance(ask_survey *s, const ask_survey_job *job, ask_error *err)
{
    const ask_curve_input in = ask_survey_curve(s, job, 0);
    return ask_curve_measure_chance(&s->chance, &in, job->cancel, err);
}

bool ask_survey_run(ask_survey *out, ask_find_plan *plan, const ask_survey_job *job,
                    ask_error *err)
{
    ask_survey s = {0};
    ask_error met = {0};
    double start_s = ask_clock_s();
    s.texts = embed_texts(job, err); // first, as it is cheap and may fail
    s.texts_s = ask_clock_s() - start_s;
    if (s.texts &&
        (look(&s.look, job, plan, &met) ||
         look_again_if_cut_off(&s.look, job, plan, &met, err)) &&
        measure_chance(&s, job, err)) {
        set_images(plan, job, s.look.n);
        *out = s;
        return true;
    }
    ask_survey_free(&s);
    return false;
}

void ask_survey_free(ask_survey *s)
{
    ask_look_free(&s->look);
    ask_curve_chance_free(&s->chance);
    free(s->texts);
    *s = (ask_survey){0};
}

ask_curve_input ask_survey_curve(const ask_survey *s, const ask_survey_job *job, int i)
{
    const ask_calibration *c = job->calibration;
    int n_embed = model_of(job).n_embed;
    size_t row = (size_t)n_embed;
    const float *background = s->texts + row * (size_t)job->n_texts;
    return (ask_curve_input){
        .frames = s->look.embeddings,
        .text = s->texts + row * (size_t)i,
        .background = background,
        .random = background + row * (size_t)c->n_background,
        .n_frames = s->look.n,
        .n_background = c->n_background,
        .n_random = c->n_sentences,
        .n_embed = n_embed,
    };
}
