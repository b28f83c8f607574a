#include "vqa/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/str.h"
#include "base/utf8.h"
#include "vqa/talk_priv.h"

enum { DEFAULT_TOKENS = 256 };

/* ---- opening ---- */

ask_talk_options ask_talk_defaults(void)
{
    return (ask_talk_options){.struct_size = sizeof(ask_talk_options),
                              .sampling = ask_sampling_defaults(),
                              .max_tokens = DEFAULT_TOKENS};
}

static bool check_options(const ask_talk_options *o, ask_error *err)
{
    if (o->max_tokens < 1)
        return ask_fail(err, ASK_ERR_USAGE, "an answer of %d tokens: give 1 or more",
                        o->max_tokens);
    if (o->max_prompt < 0)
        return ask_fail(err, ASK_ERR_USAGE, "a prompt of %d tokens: give 1 or more",
                        o->max_prompt);
    return o->max_mib >= 0 ||
           ask_fail(err, ASK_ERR_USAGE, "%g MiB: give a number above 0", o->max_mib);
}

/* Those within the window that is looked at. */
static bool take_cues(ask_talk *t, ask_error *err)
{
    const ask_subtitles *s = t->options.subtitles;
    const ask_sampling *window = &t->footage.sampling;
    if (!s) return true;
    int64_t n = ask_subtitles_between(s, window->start_s, window->end_s, NULL, 0);
    t->cues = calloc((size_t)n + 1, sizeof *t->cues);
    if (!t->cues) return ask_fail_memory(err);
    ask_subtitles_between(s, window->start_s, window->end_s, t->cues, n);
    t->n_cues = t->n_told = (int)n;
    return true;
}

static bool open_chat(ask_talk *t, ask_error *err)
{
    const char *dir = ask_model_info_of(ask_session_model(t->session)).dir;
    const char *form = t->options.form;
    t->chat = ask_chat_open(form ? NULL : dir, form ? form : t->footage.info.form, err);
    return t->chat;
}

/* What is borrowed of the options must not be freed. */
static bool own_texts(ask_talk *t, ask_error *err)
{
    const char *system = t->options.system, *form = t->options.form;
    t->options.system = t->options.form = NULL;
    return (!system || (t->options.system = ask_strdup(system, err))) &&
           (!form || (t->options.form = ask_strdup(form, err)));
}

static bool check_answer(const ask_talk *t, ask_error *err)
{
    return t->options.max_tokens < t->language.n_context ||
           ask_fail(err, ASK_ERR_USAGE,
                    "an answer of %d tokens leaves none for the prompt: the model reads %d "
                    "in all",
                    t->options.max_tokens, t->language.n_context);
}

static bool check_tokenizer(const ask_talk *t, ask_error *err)
{
    int n;
    return ask_count_tokens(t->session, "", &n, NULL, err);
}

static bool open_talk(ask_talk *t, ask_error *err)
{
    const ask_talk_options *o = &t->options;
    return own_texts(t, err) && check_options(o, err) &&
           ask_language_info_of(&t->language, ask_session_model(t->session), err) &&
           check_answer(t, err) &&
           ask_footage_plan(&t->footage, t->video, t->session, o->eye, &o->sampling, err) &&
           check_tokenizer(t, err) && open_chat(t, err) && take_cues(t, err);
}

ask_talk *ask_talk_open(ask_video *video, ask_session *session, const ask_talk_options *opt,
                        ask_error *err)
{
    ask_talk *t = calloc(1, sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    *t = (ask_talk){.video = video, .session = session, .options = ask_talk_defaults()};
    ask_options_take(&t->options, sizeof t->options, opt);
    if (open_talk(t, err)) return t;
    ask_talk_close(t);
    return NULL;
}

void ask_talk_close(ask_talk *t)
{
    if (!t) return;
    ask_talk_forget(t);
    ask_context_close(t->context);
    ask_footage_free(&t->footage);
    ask_chat_close(t->chat);
    free((char *)t->options.system);
    free((char *)t->options.form);
    free(t->cues);
    free(t->turns);
    free(t);
}

void ask_talk_forget(ask_talk *t)
{
    for (int i = 0; i < t->n_turns; i++) free(t->turns[i].text);
    t->n_turns = 0;
}

int ask_talk_n_answers(const ask_talk *t)
{
    return t->n_turns / 2;
}

const ask_footage *ask_talk_footage(const ask_talk *t)
{
    return &t->footage;
}

const ask_subtitle_cue *const *ask_talk_cues(const ask_talk *t, int *n)
{
    *n = t->n_told;
    return t->cues;
}

/* ---- what fits ---- */

static const talk_sight all = {0};

static int most_prompt(const ask_talk *t)
{
    int most = t->language.n_context - t->options.max_tokens;
    return t->options.max_prompt > 0 && t->options.max_prompt < most ? t->options.max_prompt
                                                                     : most;
}

static double mib_of(const ask_talk *t, int n_places)
{
    return (double)ask_context_bytes(ask_session_model(t->session), n_places) / (1 << 20);
}

static bool count(int *n, ask_talk *t, const char *text, ask_error *err)
{
    talk_prompt p;
    if (!talk_prompt_make(&p, t, text, &all, err)) return false;
    *n = p.prompt.n;
    talk_prompt_free(&p);
    return true;
}

static bool fits(const ask_talk *t, int n_prompt)
{
    return n_prompt <= most_prompt(t) &&
           (t->options.max_mib == 0 ||
            mib_of(t, n_prompt + t->options.max_tokens) <= t->options.max_mib);
}

/* Tells as many cues as fit, the earliest first. *n: tokens of the prompt then, which may
 * be too many without any. */
static bool fit_cues(int *n, ask_talk *t, const char *text, ask_error *err)
{
    int low = 0, high = t->n_cues; // low fit, or none do; more than high do not
    t->n_told = high;
    if (!count(n, t, text, err)) return false;
    if (fits(t, *n)) return true;
    while (low < high) {
        t->n_told = low + (high - low) / 2;
        if (t->n_told == low && low + 1 == high) break;
        if (!count(n, t, text, err)) return false;
        if (fits(t, *n))
            low = t->n_told;
        else
            high = t->n_told;
    }
    t->n_told = low;
    return count(n, t, text, err);
}

/* Frames of which there are no more than fit, by what is too much now; 0: none do. */
static int frames_that_fit(const ask_talk *t, int n_prompt)
{
    const ask_footage *f = &t->footage;
    if (f->n_rows == 0) return 0;
    int n = f->n / f->n_rows, rest = n_prompt - f->n;
    while (n > 0 && !fits(t, rest + n * f->n_rows)) n--;
    return n;
}

static bool fail_to_fit(const ask_talk *t, int n_prompt, int n_frames, ask_error *err)
{
    char nearest[96] = "say it shorter";
    if (n_frames > 0)
        ask_format(nearest, sizeof nearest, "--frames %d fits", n_frames);
    else if (t->footage.n_rows > 0 && fits(t, n_prompt - t->footage.n))
        ask_format(nearest, sizeof nearest, "not even one frame does");
    if (n_prompt > most_prompt(t))
        return ask_fail(err, ASK_ERR_LIMIT,
                        "%d tokens of the prompt, %d of them of frames, and %d of the "
                        "answer do not fit: the prompt may have %d; %s",
                        n_prompt, t->footage.n, t->options.max_tokens, most_prompt(t),
                        nearest);
    return ask_fail(
        err, ASK_ERR_LIMIT, "%d tokens take %.0f MiB, of %.0f that they may; %s",
        n_prompt + t->options.max_tokens, mib_of(t, n_prompt + t->options.max_tokens),
        t->options.max_mib, nearest);
}

/* Whether the number of frames was left to us. */
static bool may_choose(const ask_talk *t)
{
    const ask_sampling_options *s = &t->options.sampling;
    return s->n_frames == 0 && s->fps == 0 && !t->footage.rows && t->footage.n_rows > 0;
}

/* Plans the footage anew with fewer frames. */
static bool show_fewer(ask_talk *t, int n_frames, int wanted, ask_error *err)
{
    ask_sampling_options o = t->options.sampling;
    ask_footage fewer;
    o.n_frames = n_frames;
    if (!ask_footage_plan(&fewer, t->video, t->session, t->options.eye, &o, err))
        return false;
    ask_footage_free(&t->footage);
    t->footage = fewer;
    char *why = t->footage.sampling.why_changed;
    if (!why[0])
        ask_format(why, ASK_SAMPLING_WHY_BYTES, "%d frames instead of %d: more do not fit",
                   n_frames, wanted);
    return true;
}

bool talk_check_text(const ask_talk *t, const char *text, ask_error *err)
{
    const char *placeholder = t->footage.info.placeholder;
    if (!ask_utf8_valid(text, strlen(text)))
        return ask_fail(err, ASK_ERR_USAGE, "the question is not UTF-8");
    if (text[strspn(text, " \t\r\n")] == 0)
        return ask_fail(err, ASK_ERR_USAGE, "the question is empty");
    return !strstr(text, placeholder) ||
           ask_fail(err, ASK_ERR_USAGE,
                    "\"%s\" stands for what the model is shown: leave it out of the "
                    "question",
                    placeholder);
}

bool talk_fit(int *n_prompt, ask_talk *t, const char *text, ask_error *err)
{
    if (!talk_check_text(t, text, err) || !fit_cues(n_prompt, t, text, err)) return false;
    if (fits(t, *n_prompt)) return true;
    int n_frames = frames_that_fit(t, *n_prompt);
    if (n_frames == 0 || !may_choose(t)) return fail_to_fit(t, *n_prompt, n_frames, err);
    return show_fewer(t, n_frames, t->footage.n / t->footage.n_rows, err) &&
           fit_cues(n_prompt, t, text, err);
}

/* ---- the plan ---- */

static double prompt_gflop(const ask_talk *t, int n)
{
    double seen = (double)n / 2; // by a place, in the mean
    return n * (t->language.place_flops + seen * t->language.seen_flops) / 1e9;
}

bool ask_talk_plan_of(ask_talk_plan *out, ask_talk *t, const char *text, ask_error *err)
{
    int n_prompt, n_text = 0;
    if (!talk_fit(&n_prompt, t, text, err) ||
        !ask_count_tokens(t->session, text, &n_text, NULL, err))
        return false;
    const ask_footage *f = &t->footage;
    int n_places = n_prompt + t->options.max_tokens;
    *out = (ask_talk_plan){.n_frames = f->n_rows > 0 ? f->n / f->n_rows : f->sampling.n,
                           .n_visual = f->n,
                           .n_question = n_text,
                           .n_prompt = n_prompt,
                           .n_answer = t->options.max_tokens,
                           .n_context = n_places,
                           .n_cues = t->n_told,
                           .n_left_out = t->n_cues - t->n_told,
                           .mib = mib_of(t, n_places),
                           .gflop = ask_footage_gflop(f) + prompt_gflop(t, n_places)};
    return true;
}

/* ---- saying ---- */

static bool look(ask_talk *t, ask_error *err)
{
    return ask_footage_look(&t->footage, t->video, t->options.cancel, t->options.progress,
                            err);
}

/* Whether some row is to be read and nobody has looked at it. */
static bool lacks_rows(const ask_talk *t, const ask_prompt *p)
{
    int common = t->context ? ask_context_common(t->context, p->places, p->n) : 0;
    for (int i = common; i < p->n; i++)
        if (p->places[i].identity && !p->places[i].row) return true;
    return false;
}

static bool make_room(ask_talk *t, int n_places, ask_error *err)
{
    int most = t->language.n_context, n = n_places < most ? n_places : most;
    if (t->context) return ask_context_reserve(t->context, n, err);
    t->context = ask_context_open(t->session, n, err);
    return t->context;
}

bool talk_read_ready(talk_prompt *out, ask_talk *t, const char *question,
                     const talk_sight *sight, int n_more, ask_error *err)
{
    bool known = t->context && ask_context_n_read(t->context) > 0;
    if (!sight->blind &&
        !(known ? ask_footage_place(&t->footage, t->video, err) : look(t, err)))
        return false;
    if (!talk_prompt_make(out, t, question, sight, err)) return false;
    if (lacks_rows(t, &out->prompt)) {
        talk_prompt_free(out);
        if (!look(t, err) || !talk_prompt_make(out, t, question, sight, err)) return false;
    }
    if (make_room(t, out->prompt.n + n_more, err)) return true;
    talk_prompt_free(out);
    return false;
}

static bool reserve_turns(ask_talk *t, ask_error *err)
{
    if (t->n_turns + 2 <= t->capacity) return true;
    int capacity = 2 * t->capacity + 4;
    void *moved = realloc(t->turns, (size_t)capacity * sizeof *t->turns);
    if (!moved) return ask_fail_memory(err);
    t->turns = moved;
    t->capacity = capacity;
    return true;
}

bool talk_remember(ask_talk *t, const char *question, const char *answer, ask_error *err)
{
    if (!reserve_turns(t, err)) return false;
    char *asked = ask_strdup(question, err), *said = asked ? ask_strdup(answer, err) : NULL;
    if (!said) {
        free(asked);
        return false;
    }
    t->turns[t->n_turns++] = (talk_turn){"user", asked};
    t->turns[t->n_turns++] = (talk_turn){"assistant", said};
    return true;
}

static ask_generate_options take_generation(const ask_talk *t,
                                            const ask_generate_options *gen)
{
    ask_generate_options o = ask_generate_defaults(ask_session_model(t->session));
    ask_options_take(&o, sizeof o, gen);
    o.max_tokens = t->options.max_tokens;
    if (!o.cancel) o.cancel = t->options.cancel;
    if (!o.progress) o.progress = t->options.progress;
    return o;
}

bool talk_hear(ask_generated *out, ask_talk *t, const talk_prompt *p,
               const ask_generate_options *gen, ask_error *err)
{
    const ask_generate_options o = take_generation(t, gen);
    return ask_generate(out, t->context, p->prompt.places, p->prompt.n, &o, err);
}

bool ask_talk_say(ask_generated *out, ask_talk *t, const char *text,
                  const ask_generate_options *gen, ask_error *err)
{
    int n_prompt;
    talk_prompt p;
    if (!talk_fit(&n_prompt, t, text, err) ||
        !talk_read_ready(&p, t, text, &all, t->options.max_tokens, err))
        return false;
    ask_generated said;
    bool ok = talk_hear(&said, t, &p, gen, err);
    talk_prompt_free(&p);
    if (!ok) return false;
    ok = talk_remember(t, text, said.text, err);
    if (ok)
        *out = said;
    else
        ask_generated_free(&said);
    return ok;
}
