#include "focus/find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"
#include "base/utf8.h"
#include "focus/calibration.h"
#include "focus/curve.h"
#include "focus/look_priv.h"

enum { DEFAULT_TOP = 5 };

/* What a call is about. */
typedef struct {
    ask_video *video;
    ask_session *session;
    const char *text;
    ask_find_options options;
    ask_calibration calibration;
    ask_model_info model;
} job;

/* ---- options and texts ---- */

ask_find_options ask_find_defaults(void)
{
    return (ask_find_options){
        .struct_size = sizeof(ask_find_options),
        .sampling = ask_sampling_defaults(),
        .near_duplicate = 0.985,
    };
}

static bool check_options(const ask_find_options *o, ask_error *err)
{
    if (o->n_top < 0)
        return ask_fail(err, ASK_ERR_USAGE, "the best %d moments: give 1 or more",
                        o->n_top);
    if (!(o->near_duplicate > 0))
        return ask_fail(err, ASK_ERR_USAGE,
                        "near duplicates from a cosine of %g on: give a number above 0",
                        o->near_duplicate);
    return true;
}

static bool check_text(const char *text, ask_error *err)
{
    if (!ask_utf8_valid(text, strlen(text)))
        return ask_fail(err, ASK_ERR_USAGE, "the text is not UTF-8");
    if (text[strspn(text, " \t\r\n")] == '\0')
        return ask_fail(err, ASK_ERR_USAGE, "the text is empty: say what to look for");
    return true;
}

static ask_find_options take_options(const ask_find_options *opt)
{
    ask_find_options o = ask_find_defaults();
    ask_options_take(&o, sizeof o, opt);
    return o;
}

bool ask_find_check(const char *text, const ask_find_options *opt, ask_error *err)
{
    const ask_find_options o = take_options(opt);
    return check_options(&o, err) && ask_sampling_check(&o.sampling, err) &&
           check_text(text, err);
}

static void job_close(job *j)
{
    ask_calibration_free(&j->calibration);
}

/* On failure nothing is left to close. */
static bool job_open(job *out, ask_video *v, ask_session *s, const char *text,
                     const ask_find_options *opt, ask_error *err)
{
    job j = {.video = v, .session = s, .text = text, .options = take_options(opt)};
    j.model = ask_model_info_of(ask_session_model(s));
    if (!ask_find_check(text, &j.options, err) ||
        !ask_calibration_read(&j.calibration, j.model.dir, err))
        return false;
    *out = j;
    return true;
}

/* ---- the plan ---- */

static bool count_prompts(int64_t *n_tokens, const job *j, const char *const *prompts,
                          int n, ask_error *err)
{
    for (int i = 0; i < n; i++) {
        int n_of_prompt;
        if (!ask_count_tokens(j->session, prompts[i], &n_of_prompt, NULL, err))
            return false;
        if (n_of_prompt > j->model.n_context) {
            ask_fail(err, ASK_ERR_MODEL,
                     "a prompt has %d tokens, and the model takes %d: shorten \"%.40s\"",
                     n_of_prompt, j->model.n_context, prompts[i]);
            return ask_fail_in(err, "%s/calibration.json", j->model.dir);
        }
        *n_tokens += n_of_prompt;
    }
    return true;
}

/* All of the plan but the sampling. */
static bool plan_texts(ask_find_plan *p, const job *j, ask_error *err)
{
    const ask_calibration *c = &j->calibration;
    if (!ask_count_tokens(j->session, j->text, &p->n_tokens, &p->unknown_words, err))
        return false;
    if (p->n_tokens > j->model.n_context)
        return ask_fail(err, ASK_ERR_LIMIT,
                        "the text has %d tokens, and the model takes %d: say it with %d "
                        "fewer",
                        p->n_tokens, j->model.n_context, p->n_tokens - j->model.n_context);
    p->n_all_tokens = p->n_tokens;
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

static void set_images(ask_find_plan *p, const job *j, int n_images)
{
    p->n_images = n_images;
    p->gflop = n_images * j->model.image_gflop +
               (double)p->n_all_tokens * j->model.text_token_gflop;
}

static bool plan_images(ask_find_plan *p, const job *j, ask_error *err)
{
    const ask_sampling *s = &p->sampling;
    const ask_time_table *table =
        s->counted ? ask_video_table(j->video, err) : ask_video_outline(j->video);
    if (!table) return false;
    int64_t most = table->n_frames > 0 && table->n_frames < s->n ? table->n_frames : s->n;
    set_images(p, j, s->counted ? count_on_display(table, s) : (int)most);
    return true;
}

static bool plan_sampling(ask_find_plan *p, const job *j, bool counted, ask_error *err)
{
    ask_sampling_options options = j->options.sampling;
    options.counted |= counted;
    ask_sampling sampling;
    if (!ask_sampling_resolve(&sampling, j->video, &options, err)) return false;
    ask_sampling_free(&p->sampling);
    p->sampling = sampling;
    return plan_images(p, j, err);
}

static bool make_plan(ask_find_plan *p, const job *j, ask_error *err)
{
    return plan_texts(p, j, err) && plan_sampling(p, j, false, err);
}

bool ask_find_plan_make(ask_find_plan *out, ask_video *v, ask_session *s, const char *text,
                        const ask_find_options *opt, ask_error *err)
{
    job j;
    if (!job_open(&j, v, s, text, opt, err)) return false;
    ask_find_plan p = {0};
    bool ok = make_plan(&p, &j, err);
    job_close(&j);
    if (ok)
        *out = p;
    else
        ask_find_plan_free(&p);
    return ok;
}

void ask_find_plan_free(ask_find_plan *p)
{
    if (!p) return;
    ask_sampling_free(&p->sampling);
    *p = (ask_find_plan){0};
}

/* ---- looking ---- */

static bool look(ask_look *out, const job *j, const ask_find_plan *p, ask_error *err)
{
    return ask_look_at(out, j->video, j->session, &p->sampling, j->options.cancel,
                       j->options.progress, err);
}

/* A container may promise more than there is; that is met only while looking. Then the
 * frames are counted and the window ends with them. */
static bool look_again_if_cut_off(ask_look *out, const job *j, ask_find_plan *p,
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

/* ---- the curve ---- */

/* The embeddings of the text, then of background prompts, then of random sentences; freed
 * with free(). NULL on failure. */
static float *embed_texts(const job *j, ask_error *err)
{
    const ask_calibration *c = &j->calibration;
    size_t n = 1 + (size_t)c->n_background + (size_t)c->n_sentences, n_bytes;
    float *out = NULL;
    const char **texts = malloc(n * sizeof *texts);
    if (ask_mul_size(&n_bytes, n * sizeof *out, (size_t)j->model.n_embed))
        out = malloc(n_bytes);
    bool ok = (out && texts) || ask_fail_memory(err);
    if (ok) {
        texts[0] = j->text;
        memcpy(texts + 1, c->background, (size_t)c->n_background * sizeof *texts);
        memcpy(texts + 1 + c->n_background, c->sentences,
               (size_t)c->n_sentences * sizeof *texts);
        ok = ask_embed_texts(j->session, out, texts, (int)n, j->options.cancel, err);
    }
    free(texts);
    if (ok) return out;
    free(out);
    return NULL;
}

/* Room for what the arithmetic of focus/curve.h and focus/moments.h takes and gives. */
typedef struct {
    float *cosine, *score;
    int *duplicate_of;
    double *edge_s;
} curve;

static void curve_free(curve *c)
{
    free(c->cosine);
    free(c->score);
    free(c->duplicate_of);
    free(c->edge_s);
}

static bool curve_new(curve *c, const ask_look *l, ask_error *err)
{
    size_t n = (size_t)l->n;
    *c = (curve){
        .cosine = malloc(n * sizeof *c->cosine),
        .score = malloc(n * sizeof *c->score),
        .duplicate_of = malloc(n * sizeof *c->duplicate_of),
        .edge_s = malloc((n + 1) * sizeof *c->edge_s),
    };
    if (!c->cosine || !c->score || !c->duplicate_of || !c->edge_s)
        return ask_fail_memory(err);
    for (size_t i = 0; i < n; i++) c->edge_s[i] = l->frames[i].start_s;
    c->edge_s[n] = l->frames[n - 1].end_s;
    return true;
}

/* Fills frames and moments of the result. texts: as embed_texts gives them. */
static bool score(ask_find_result *r, ask_curve_presence *presence, const job *j,
                  const ask_look *l, const float *texts, ask_error *err)
{
    size_t row = (size_t)j->model.n_embed;
    const ask_curve_input in = {
        .frames = l->embeddings,
        .text = texts,
        .background = texts + row,
        .random = texts + row * (1 + (size_t)j->calibration.n_background),
        .n_frames = l->n,
        .n_background = j->calibration.n_background,
        .n_random = j->calibration.n_sentences,
        .n_embed = j->model.n_embed,
    };
    const ask_cancel *cancel = j->options.cancel;
    curve c;
    bool ok = curve_new(&c, l, err) &&
              ask_curve_score(c.cosine, c.score, presence, &in, cancel, err) &&
              ask_curve_duplicates(c.duplicate_of, in.frames, in.n_frames, in.n_embed,
                                   j->options.near_duplicate, cancel, err);
    const ask_moments_curve found = {c.score, c.edge_s, c.duplicate_of, l->n};
    int n_top = j->options.n_top ? j->options.n_top : DEFAULT_TOP;
    ok = ok && ask_moments_find(&r->moments, &r->n_moments, &found, n_top, err);
    for (int i = 0; ok && i < l->n; i++) {
        l->frames[i].cosine = c.cosine[i];
        l->frames[i].score = c.score[i];
        l->frames[i].duplicate_of = c.duplicate_of[i];
    }
    curve_free(&c);
    return ok;
}

/* Holds the text against chance. */
static bool judge(ask_find_result *r, const ask_curve_presence *p, const ask_calibration *c,
                  ask_error *err)
{
    r->presence = p->presence;
    r->threshold = c->threshold;
    r->level = p->chance_mean + c->threshold * p->chance_deviation;
    r->present = r->presence >= r->threshold;
    r->threshold_source = c->threshold_source;
    r->calibration_n = c->n;
    if (!c->data) return true;
    r->calibration_data = ask_strdup(c->data, err);
    return r->calibration_data;
}

static bool find(ask_find_result *r, const job *j, ask_error *err)
{
    if (!make_plan(&r->plan, j, err)) return false;
    double start_s = ask_clock_s();
    float *texts = embed_texts(j, err); // first, as it is cheap and may fail
    double texts_s = ask_clock_s() - start_s;
    ask_look l = {0};
    ask_error met = {0};
    bool ok = texts && (look(&l, j, &r->plan, &met) ||
                        look_again_if_cut_off(&l, j, &r->plan, &met, err));
    start_s = ask_clock_s();
    ask_curve_presence presence;
    ok = ok && score(r, &presence, j, &l, texts, err) &&
         judge(r, &presence, &j->calibration, err);
    if (ok) {
        r->answer_s = texts_s + ask_clock_s() - start_s;
        r->decode_s = l.decode_s;
        r->encode_s = l.encode_s;
        r->n_frames = l.n;
        set_images(&r->plan, j, l.n);
        r->frames = l.frames;
        l.frames = NULL;
    }
    ask_look_free(&l);
    free(texts);
    return ok;
}

bool ask_find(ask_find_result *out, ask_video *v, ask_session *s, const char *text,
              const ask_find_options *opt, ask_error *err)
{
    job j;
    if (!job_open(&j, v, s, text, opt, err)) return false;
    ask_find_result r = {0};
    bool ok = find(&r, &j, err);
    job_close(&j);
    if (ok)
        *out = r;
    else
        ask_find_result_free(&r);
    return ok;
}

void ask_find_result_free(ask_find_result *r)
{
    if (!r) return;
    ask_find_plan_free(&r->plan);
    free(r->frames);
    free(r->moments);
    free(r->calibration_data);
    *r = (ask_find_result){0};
}
