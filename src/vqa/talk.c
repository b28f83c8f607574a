#include "vqa/talk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/str.h"
#include "base/utf8.h"
#include "vqa/talk_priv.h"

enum { DEFAULT_TOKENS = 256, LEAST_TOKENS = 16 }; // of an answer that was left to us

/* ---- opening ---- */

ask_talk_options ask_talk_defaults(void)
{
    return (ask_talk_options){.struct_size = sizeof(ask_talk_options),
                              .sampling = ask_sampling_defaults()};
}

static bool check_options(const ask_talk_options *o, ask_error *err)
{
    if (o->max_tokens < 0)
        return ask_fail(err, ASK_ERR_USAGE, "an answer of %d tokens: give 1 or more",
                        o->max_tokens);
    if (o->max_prompt < 0)
        return ask_fail(err, ASK_ERR_USAGE, "a prompt of %d tokens: give 1 or more",
                        o->max_prompt);
    return o->max_mib >= 0 ||
           ask_fail(err, ASK_ERR_USAGE, "%g MiB: give a number above 0", o->max_mib);
}

/* Has n of the cues told: those at the middles of n equal parts of their list. */
static void tell(ask_talk *t, int n)
{
    for (int64_t i = 0; i < n; i++)
        t->cues[i] = t->within[(2 * i + 1) * t->n_cues / (2 * (int64_t)n)];
    t->n_told = n;
}

/* Those within the window that is looked at. */
static bool take_cues(ask_talk *t, ask_error *err)
{
    const ask_subtitles *s = t->options.subtitles;
    const ask_sampling *window = &t->footage.sampling;
    if (!s) return true;
    int64_t n = ask_subtitles_between(s, window->start_s, window->end_s, NULL, 0);
    t->within = calloc((size_t)n + 1, sizeof *t->within);
    t->cues = calloc((size_t)n + 1, sizeof *t->cues);
    if (!t->within || !t->cues) return ask_fail_memory(err);
    ask_subtitles_between(s, window->start_s, window->end_s, t->within, n);
    t->n_cues = (int)n;
    tell(t, t->n_cues);
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

static void choose_answer(ask_talk *t)
{
    int half = t->language.n_context / 2;
    if (t->options.max_tokens > 0) return;
    t->default_answer = half < 1 ? 1 : half < DEFAULT_TOKENS ? half : DEFAULT_TOKENS;
    t->options.max_tokens = t->default_answer;
}

static bool check_tokenizer(const ask_talk *t, ask_error *err)
{
    int n;
    return ask_count_tokens(t->session, "", &n, NULL, err);
}

/* A text that is said as it is; a placeholder in it would have to stand for something. */
static bool check_marks(const char *text, const char *name, ask_error *err)
{
    static const char *const marks[] = {"<video>", "<image>"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(text, marks[i]))
            return ask_fail(err, ASK_ERR_USAGE,
                            "\"%s\" stands for what the model is shown: leave it out of %s",
                            marks[i], name);
    return true;
}

static bool open_talk(ask_talk *t, ask_error *err)
{
    const ask_talk_options *o = &t->options;
    if (!own_texts(t, err) || !check_options(o, err) ||
        !ask_language_info_of(&t->language, ask_session_model(t->session), err))
        return false;
    choose_answer(t);
    return ask_footage_plan(&t->footage, t->video, t->session, o->eye, &o->sampling, err) &&
           (!o->system || check_marks(o->system, "the system's message", err)) &&
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
    ask_context_close(t->aside);
    ask_footage_free(&t->footage);
    ask_chat_close(t->chat);
    free((char *)t->options.system);
    free((char *)t->options.form);
    free(t->within);
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

/* Most tokens of a prompt with an answer of so many; may be less than 0. */
static int64_t most_prompt(const ask_talk *t, int64_t n_answer)
{
    int64_t most = t->language.n_context - n_answer;
    return t->options.max_prompt > 0 && t->options.max_prompt < most ? t->options.max_prompt
                                                                     : most;
}

static double mib_of(const ask_talk *t, int64_t n_places)
{
    return (double)ask_context_bytes(ask_session_model(t->session), (int)n_places) /
           (1 << 20);
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
    return count_sight(n, t, text, &all, err);
}

/* A prompt and an answer of so many tokens. */
static bool would_fit(const ask_talk *t, int64_t n_prompt, int64_t n_answer)
{
    return n_prompt <= most_prompt(t, n_answer) &&
           (t->options.max_mib == 0 ||
            mib_of(t, n_prompt + n_answer) <= t->options.max_mib);
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
    tell(t, high);
    if (!count(n, t, text, err)) return false;
    if (fits(t, *n)) return true;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        tell(t, middle);
        if (!count(n, t, text, err)) return false;
        *(fits(t, *n) ? &low : &high) = middle;
    }
    tell(t, low);
    return count(n, t, text, err);
}

/* ---- what would fit ---- */

/* Tokens of a prompt without subtitles, by the number of its frames. */
typedef struct {
    int64_t first, each; // with one frame; with one more
    int n;               // frames that are planned; 0: rows are of all of them together
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
    tell(t, 0);
    if (!count_sight(&n_one, t, text, &(talk_sight){.frames = frames, .n_frames = 1}, err))
        return false;
    *s = (prompt_size){.first = n_one};
    if (f->n_rows == 0) return true;
    if (!count_sight(&n_two, t, text, &(talk_sight){.frames = frames, .n_frames = 2}, err))
        return false;
    s->each = n_two - n_one;
    s->n = f->n / f->n_rows;
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
    return low;
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
                   ceil(10 * mib_of(t, n_prompt + t->options.max_tokens)) / 10);
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
            (long long)(n_prompt + n_answer),
            ceil(10 * mib_of(t, n_prompt + n_answer)) / 10, t->options.max_mib, nearest);
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
    return s->n_frames == 0 && s->fps == 0 && !t->footage.rows && t->footage.n_rows > 0;
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
    if (n_frames == 0) n_frames = 1;
    int64_t n_prompt = size_with(s, n_frames);
    if (!fits(t, n_prompt)) {
        int n_answer = t->default_answer ? answer_that_fits(t, n_prompt) : 0;
        int least = t->default_answer < LEAST_TOKENS ? t->default_answer : LEAST_TOKENS;
        if (n_answer == 0 || n_answer < least) return fail_to_fit(t, s, err);
        t->options.max_tokens = n_answer;
    }
    return n_frames >= s->n || show_fewer(t, before, n_frames, s->n, err);
}

bool talk_check_text(const char *text, ask_error *err)
{
    if (!ask_utf8_valid(text, strlen(text)))
        return ask_fail(err, ASK_ERR_USAGE, "the question is not UTF-8");
    if (text[strspn(text, " \t\r\n")] == 0)
        return ask_fail(err, ASK_ERR_USAGE, "the question is empty");
    return check_marks(text, "the question", err);
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
    tell(t, before->n_told);
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

static double prompt_gflop(const ask_talk *t, int n)
{
    double seen = (double)n / 2; // by a place, in the mean
    return n * (t->language.place_flops + seen * t->language.seen_flops) / 1e9;
}

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

/* ---- saying ---- */

static bool look(ask_talk *t, ask_error *err)
{
    return ask_footage_look(&t->footage, t->video, t->options.cancel, t->options.progress,
                            err);
}

ask_context *talk_context(const ask_talk *t, const talk_sight *sight)
{
    return sight->aside ? t->aside : t->context;
}

void talk_forget_aside(ask_talk *t)
{
    ask_context_close(t->aside);
    t->aside = NULL;
}

/* Whether some row is to be read and nobody has looked at it. */
static bool lacks_rows(const ask_context *c, const ask_prompt *p)
{
    int common = c ? ask_context_common(c, p->places, p->n) : 0;
    for (int i = common; i < p->n; i++)
        if (p->places[i].identity && !p->places[i].row) return true;
    return false;
}

static bool make_room(ask_talk *t, const talk_sight *sight, int n_places, ask_error *err)
{
    ask_context **c = sight->aside ? &t->aside : &t->context;
    int most = t->language.n_context, n = n_places < most ? n_places : most;
    if (*c) return ask_context_reserve(*c, n, err);
    *c = ask_context_open(t->session, n, err);
    return *c;
}

bool talk_read_ready(talk_prompt *out, ask_talk *t, const char *question,
                     const talk_sight *sight, int n_more, ask_error *err)
{
    bool known = t->context && ask_context_n_read(t->context) > 0;
    if (!sight->blind &&
        !(known ? ask_footage_place(&t->footage, t->video, err) : look(t, err)))
        return false;
    if (!talk_prompt_make(out, t, question, sight, err)) return false;
    if (lacks_rows(talk_context(t, sight), &out->prompt)) {
        talk_prompt_free(out);
        if (!look(t, err) || !talk_prompt_make(out, t, question, sight, err)) return false;
    }
    if (make_room(t, sight, out->prompt.n + n_more, err)) return true;
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

static bool say(ask_generated *out, ask_talk *t, const char *text,
                const ask_generate_options *gen, ask_error *err)
{
    talk_prompt p;
    if (!talk_read_ready(&p, t, text, &all, t->options.max_tokens, err)) return false;
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

bool ask_talk_say(ask_generated *out, ask_talk *t, const char *text,
                  const ask_generate_options *gen, ask_error *err)
{
    int n_prompt;
    talk_before before;
    if (!talk_fit(&n_prompt, &before, t, text, err)) return false;
    bool ok = say(out, t, text, gen, err);
    talk_settle(t, &before, ok);
    return ok;
}
