#include "focus/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "focus/sampled.h"

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
    int64_t n_prompts;
    if (j->seen)
        n_prompts = j->seen->yardstick->n_tokens;
    else if (!ask_yardstick_count(&n_prompts, j->session, c, err))
        return false;
    p->n_all_tokens += n_prompts;
    return true;
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
    int n_images;
    if (!ask_sampled_most(&n_images, j->video, &p->sampling, err)) return false;
    set_images(p, j, n_images);
    return true;
}

static bool plan_sampling(ask_find_plan *p, const ask_survey_job *j, bool counted,
                          ask_error *err)
{
    ask_sampling_options options = ask_calibration_sampling(j->calibration, &j->sampling);
    options.counted |= counted;
    ask_sampling sampling;
    if (!ask_sampling_resolve(&sampling, j->video, &options, err)) return false;
    ask_sampling_free(&p->sampling);
    p->sampling = sampling;
    return plan_images(p, j, err);
}

/* ---- what was seen before ---- */

/* The plan is what was done, which must be what is asked for. */
static bool plan_seen(ask_find_plan *p, const ask_survey_job *j, ask_error *err)
{
    const ask_seen *seen = j->seen;
    if (seen->session != j->session)
        return ask_fail(err, ASK_ERR_USAGE,
                        "the frames were seen by another session: look with this one");
    if (!j->video) {
        if (!ask_sampling_copy(&p->sampling, &seen->sampling, err)) return false;
    } else if (!plan_sampling(p, j, seen->sampling.counted, err)) {
        return false;
    }
    if (!ask_sampling_is_same(&p->sampling, &seen->sampling))
        return ask_fail(err, ASK_ERR_USAGE,
                        "%d frames were seen, at other times than the %d that are asked "
                        "for: look again",
                        seen->sampling.n, p->sampling.n);
    set_images(p, j, seen->look.n);
    return true;
}

bool ask_survey_plan(ask_find_plan *out, const ask_survey_job *job, ask_error *err)
{
    ask_find_plan p = {0};
    if (!plan_texts(&p, job, err) ||
        !(job->seen ? plan_seen(&p, job, err) : plan_sampling(&p, job, false, err))) {
        ask_find_plan_free(&p);
        return false;
    }
    *out = p;
    return true;
}

/* ---- texts ---- */

static bool embed_texts(ask_survey *s, const ask_survey_job *j, ask_error *err)
{
    size_t n_bytes;
    if (ask_mul_size(&n_bytes, (size_t)j->n_texts * sizeof *s->texts,
                     (size_t)model_of(j).n_embed))
        s->texts = malloc(n_bytes);
    return (s->texts || ask_fail_memory(err)) &&
           ask_embed_texts(j->session, s->texts, j->texts, j->n_texts, j->cancel, err) &&
           (j->seen ||
            ask_yardstick_make(&s->yardstick, j->session, j->calibration, j->cancel, err));
}

/* ---- looking ---- */

static bool look(ask_survey *s, ask_find_plan *plan, const ask_survey_job *j,
                 ask_error *err)
{
    if (!ask_seen_make(&s->looked, j->video, j->session, &s->yardstick, &j->sampling,
                       j->cancel, j->progress, err))
        return false;
    s->seen = &s->looked;
    s->decode_s = s->looked.look.decode_s;
    s->encode_s = s->looked.look.encode_s;
    return ask_sampling_is_same(&plan->sampling, &s->looked.sampling) ||
           plan_sampling(plan, j, true, err);
}

bool ask_survey_run(ask_survey *out, ask_find_plan *plan, const ask_survey_job *job,
                    ask_error *err)
{
    *out = (ask_survey){.seen = job->seen};
    double start_s = ask_clock_s();
    bool ok = embed_texts(out, job, err); // first, as it is cheap and may fail
    out->texts_s = ask_clock_s() - start_s;
    if (ok && (job->seen || look(out, plan, job, err))) {
        set_images(plan, job, out->seen->look.n);
        return true;
    }
    ask_survey_free(out);
    return false;
}

void ask_survey_free(ask_survey *s)
{
    ask_seen_free(&s->looked);
    ask_yardstick_free(&s->yardstick);
    free(s->texts);
    *s = (ask_survey){0};
}

/* ---- what came of it ---- */

const float *ask_survey_text(const ask_survey *s, int i)
{
    return s->texts + (size_t)i * (size_t)s->seen->look.n_embed;
}

ask_find_frame *ask_survey_copy_frames(const ask_survey *s, ask_error *err)
{
    const ask_look *l = &s->seen->look;
    size_t n_bytes = (size_t)l->n * sizeof *l->frames;
    ask_find_frame *frames = malloc(n_bytes);
    if (frames)
        memcpy(frames, l->frames, n_bytes);
    else
        ask_fail_memory(err);
    return frames;
}

double *ask_survey_copy_edges(const ask_survey *s, ask_error *err)
{
    const ask_look *l = &s->seen->look;
    size_t n = (size_t)l->n;
    double *edge_s = malloc((n + 1) * sizeof *edge_s);
    if (!edge_s) {
        ask_fail_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) edge_s[i] = l->frames[i].start_s;
    edge_s[n] = l->frames[n - 1].end_s;
    return edge_s;
}
