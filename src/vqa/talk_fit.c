/* What of a talk fits into the model and into what is allowed, and what that takes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "vqa/talk_priv.h"

enum { LEAST_TOKENS = 16 }; // of an answer that was left to us

/* ---- what fits ---- */

/* Most tokens of a prompt with an answer of so many; may be less than 0. */
static int64_t most_prompt(const ask_talk *t, int64_t n_answer)
{
    int64_t most = t->language.n_context - t->language.n_start - n_answer;
    return t->options.max_prompt > 0 && t->options.max_prompt < most ? t->options.max_prompt
                                                                     : most;
}

/* Places of both, with what stands between them. */
static int64_t n_places_of(const ask_talk *t, int64_t n_prompt, int64_t n_answer)
{
    return n_prompt + t->language.n_start + n_answer;
}

static double mib_of(const ask_talk *t, int64_t n_prompt, int64_t n_answer)
{
    const ask_model *m = ask_session_model(t->session);
    int n_places = (int)n_places_of(t, n_prompt, n_answer);
    double bytes = (double)ask_context_bytes(m, n_places) +
                   (double)ask_context_reading_bytes(m, (int)n_prompt);
    return bytes / (1 << 20);
}

static bool count_sight(int *n, ask_talk *t, const char *text, const talk_sight *sight,
                        ask_error *err)
{
    talk_prompt p;
    if (!talk_prompt_make(&p, t, text, sight, err)) return false;
    *n = p.prompt.n;
    talk_prompt_free(&p);
    return true;
}

static bool count(int *n, ask_talk *t, const char *text, ask_error *err)
{
    return count_sight(n, t, text, &talk_shows_all, err);
}

/* A prompt and an answer of so many tokens. */
static bool would_fit(const ask_talk *t, int64_t n_prompt, int64_t n_answer)
{
    return n_prompt <= most_prompt(t, n_answer) &&
           (t->options.max_mib == 0 || mib_of(t, n_prompt, n_answer) <= t->options.max_mib);
}

static bool fits(const ask_talk *t, int64_t n_prompt)
{
    return would_fit(t, n_prompt, t->options.max_tokens);
}

/* Tells as many cues as fit. *n: tokens of the prompt then, which may be too many without
 * any. */
static bool fit_cues(int *n, ask_talk *t, const char *text, ask_error *err)
{
    int low = 0, high = t->n_cues; // low fit, or none do; high do not
    talk_tell(t, high);
    if (!count(n, t, text, err)) return false;
    if (fits(t, *n)) return true;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        talk_tell(t, middle);
        if (!count(n, t, text, err)) return false;
        *(fits(t, *n) ? &low : &high) = middle;
    }
    talk_tell(t, low);
    return count(n, t, text, err);
}

/* ---- what would fit ---- */

/* Tokens of a prompt without subtitles, by the number of its frames. */
typedef struct {
    int64_t first, each; // with one frame; with one more
    int n;               // frames that are planned; 0: their number changes nothing
    int least;           // that can be shown
} prompt_size;

static int64_t size_with(const prompt_size *s, int n_frames)
{
    return s->first + (n_frames - 1) * s->each;
}

/* Nothing is made of the size of all frames. */
static bool measure(prompt_size *s, ask_talk *t, const char *text, ask_error *err)
{
    static const int frames[2] = {0};
    const ask_footage *f = &t->footage;
    int n_one, n_two;
    talk_tell(t, 0);
    if (!count_sight(&n_one, t, text, &(talk_sight){.frames = frames, .n_frames = 1}, err))
        return false;
    *s = (prompt_size){.first = n_one, .least = 1};
    if (f->n_rows == 0 && !f->info.together) return true;
    if (!count_sight(&n_two, t, text, &(talk_sight){.frames = frames, .n_frames = 2}, err))
        return false;
    s->each = n_two - n_one;
    if (s->each == 0) return true;
    s->n = f->n_frames;
    s->least = f->info.n_least;
    return true;
}

/* Frames of which there are no more than fit with such an answer; 0: none do. */
static int frames_that_fit(const ask_talk *t, const prompt_size *s, int64_t n_answer)
{
    int low = 0, high = s->n + 1; // low fit, high do not, or are more than there are
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        *(would_fit(t, size_with(s, middle), n_answer) ? &low : &high) = middle;
    }
    return low >= s->least ? low : 0;
}

/* Most tokens of an answer behind such a prompt; 0: none fits. */
static int answer_that_fits(const ask_talk *t, int64_t n_prompt)
{
    int low = 0, high = t->options.max_tokens; // low fit, or none does; high do not
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        *(would_fit(t, n_prompt, middle) ? &low : &high) = middle;
    }
    return low;
}

enum { NEAREST_BYTES = 96 };

/* The plan that fits which is nearest to the one that does not. */
static void find_nearest(char out[NEAREST_BYTES], const ask_talk *t, const prompt_size *s)
{
    int64_t n_prompt = size_with(s, s->n > 0 ? s->n : 1);
    int n_frames = frames_that_fit(t, s, t->options.max_tokens);
    int n_answer = answer_that_fits(t, n_prompt);
    int n_both = n_answer ? 0 : frames_that_fit(t, s, 1);
    if (n_frames > 0)
        ask_format(out, NEAREST_BYTES, "--frames %d fits", n_frames);
    else if (n_answer > 0)
        ask_format(out, NEAREST_BYTES, "--max-tokens %d fits", n_answer);
    else if (n_both > 0)
        ask_format(out, NEAREST_BYTES, "--frames %d with --max-tokens %d fits", n_both,
                   answer_that_fits(t, size_with(s, n_both)));
    else if (n_prompt <= most_prompt(t, t->options.max_tokens))
        ask_format(out, NEAREST_BYTES, "--max-mib %.1f fits",
                   ceil(10 * mib_of(t, n_prompt, t->options.max_tokens)) / 10);
    else
        ask_format(out, NEAREST_BYTES, "%s",
                   s->n > 0 && would_fit(t, s->first - s->each, t->options.max_tokens)
                       ? "not even one frame does"
                       : "say it shorter");
}

static bool fail_to_fit(const ask_talk *t, const prompt_size *s, ask_error *err)
{
    char nearest[NEAREST_BYTES];
    int n_answer = t->options.max_tokens;
    int64_t n_prompt = size_with(s, s->n > 0 ? s->n : 1);
    find_nearest(nearest, t, s);
    if (n_prompt <= most_prompt(t, n_answer))
        return ask_fail(
            err, ASK_ERR_LIMIT, "%lld tokens take %.1f MiB, of %g that they may; %s",
            (long long)n_places_of(t, n_prompt, n_answer),
            ceil(10 * mib_of(t, n_prompt, n_answer)) / 10, t->options.max_mib, nearest);
    if (n_answer >= t->language.n_context)
        return ask_fail(
            err, ASK_ERR_LIMIT,
            "an answer of %d tokens leaves none for the prompt: the model reads "
            "%d in all; %s",
            n_answer, t->language.n_context, nearest);
    return ask_fail(err, ASK_ERR_LIMIT,
                    "%lld tokens of the prompt, %d of them of frames, and %d of the "
                    "answer do not fit: the prompt may have %lld; %s",
                    (long long)n_prompt, t->footage.n, n_answer,
                    (long long)most_prompt(t, n_answer), nearest);
}

/* ---- making it fit ---- */

/* Whether the number of frames was left to us. */
static bool may_choose(const ask_talk *t)
{
    const ask_sampling_options *s = &t->options.sampling;
    return s->n_frames == 0 && s->fps == 0 && !ask_footage_is_seen(&t->footage) &&
           (t->footage.n_rows > 0 || t->footage.info.together);
}

/* Plans the footage anew with fewer frames. */
static bool show_fewer(ask_talk *t, talk_before *before, int n_frames, int wanted,
                       ask_error *err)
{
    ask_sampling_options o = t->options.sampling;
    ask_footage fewer;
    o.n_frames = n_frames;
    if (!ask_footage_plan(&fewer, t->video, t->session, t->options.eye, &o, err))
        return false;
    before->footage = t->footage;
    before->replaced = true;
    t->footage = fewer;
    char *why = t->footage.sampling.why_changed;
    if (!why[0])
        ask_format(why, ASK_SAMPLING_WHY_BYTES, "%d frames instead of %d: more do not fit",
                   n_frames, wanted);
    return true;
}

/* Takes what was left to us: fewer frames, and where one is too much, or they were asked
 * for, a shorter answer. */
static bool show_less(ask_talk *t, talk_before *before, const prompt_size *s,
                      ask_error *err)
{
    bool choose = may_choose(t);
    int n_frames = s->n > 0 ? s->n : 1;
    if (choose) n_frames = frames_that_fit(t, s, t->options.max_tokens);
    if (n_frames == 0) n_frames = s->least;
    int64_t n_prompt = size_with(s, n_frames);
    if (!fits(t, n_prompt)) {
        int n_answer = t->default_answer ? answer_that_fits(t, n_prompt) : 0;
        int least = t->default_answer < LEAST_TOKENS ? t->default_answer : LEAST_TOKENS;
        if (n_answer == 0 || n_answer < least) return fail_to_fit(t, s, err);
        t->options.max_tokens = n_answer;
    }
    return n_frames >= s->n || show_fewer(t, before, n_frames, s->n, err);
}

static bool make_fit(int *n_prompt, talk_before *before, ask_talk *t, const char *text,
                     ask_error *err)
{
    prompt_size s;
    if (t->default_answer) t->options.max_tokens = t->default_answer;
    if (fits(t, t->footage.n)) { // else no words are needed to know that they do not
        if (!fit_cues(n_prompt, t, text, err)) return false;
        if (fits(t, *n_prompt)) return true;
    }
    if (!measure(&s, t, text, err) || !show_less(t, before, &s, err) ||
        !fit_cues(n_prompt, t, text, err))
        return false;
    return fits(t, *n_prompt) || fail_to_fit(t, &s, err);
}

void talk_settle(ask_talk *t, talk_before *before, bool stays)
{
    if (before->replaced) ask_footage_free(stays ? &before->footage : &t->footage);
    if (stays) return;
    if (before->replaced) t->footage = before->footage;
    t->options.max_tokens = before->max_tokens;
    talk_tell(t, before->n_told);
}

bool talk_fit(int *n_prompt, talk_before *before, ask_talk *t, const char *text,
              ask_error *err)
{
    *before = (talk_before){.n_told = t->n_told, .max_tokens = t->options.max_tokens};
    if (!talk_check_text(text, err)) return false;
    bool ok = make_fit(n_prompt, before, t, text, err);
    if (!ok) talk_settle(t, before, false);
    return ok;
}

/* ---- the plan ---- */

static void explain(char out[ASK_TALK_WHY_BYTES], const ask_talk *t)
{
    int n_answer = t->options.max_tokens;
    bool cut = t->n_told<t->n_cues, shorter = t->default_answer> n_answer;
    char cues[64] = "", answer[64] = "";
    if (cut)
        ask_format(cues, sizeof cues, "%d of %d subtitles, evenly spread", t->n_told,
                   t->n_cues);
    if (shorter)
        ask_format(answer, sizeof answer, "%d tokens of the answer instead of %d", n_answer,
                   t->default_answer);
    if (cut || shorter)
        ask_format(out, ASK_TALK_WHY_BYTES, "%s%s%s: more do not fit", cues,
                   cut && shorter ? ", and " : "", answer);
}

static void set_plan(ask_talk_plan *out, const ask_talk *t, int n_prompt, int n_text)
{
    const ask_footage *f = &t->footage;
    int n_answer = t->options.max_tokens;
    double flops = ask_language_flops(&t->language, n_prompt, n_answer);
    *out = (ask_talk_plan){.n_frames = f->n_frames,
                           .n_visual = f->n,
                           .n_question = n_text,
                           .n_prompt = n_prompt,
                           .n_answer = n_answer,
                           .n_context = (int)n_places_of(t, n_prompt, n_answer),
                           .n_cues = t->n_told,
                           .n_left_out = t->n_cues - t->n_told,
                           .mib = mib_of(t, n_prompt, n_answer),
                           .gflop = ask_footage_gflop(f) + flops / 1e9};
    explain(out->why_changed, t);
}

bool ask_talk_plan_of(ask_talk_plan *out, ask_talk *t, const char *text, ask_error *err)
{
    int n_prompt, n_text = 0;
    talk_before before;
    if (!talk_fit(&n_prompt, &before, t, text, err)) return false;
    bool ok = ask_count_tokens(t->session, text, &n_text, NULL, err);
    if (ok) set_plan(out, t, n_prompt, n_text);
    talk_settle(t, &before, ok);
    return ok;
}
