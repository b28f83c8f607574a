#include "vqa/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/str.h"
#include "base/utf8.h"
#include "vqa/talk_priv.h"

enum { DEFAULT_TOKENS = 256 }; // of an answer that was left to us

const talk_sight talk_shows_all = {0};

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

void talk_tell(ask_talk *t, int n)
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
    talk_tell(t, t->n_cues);
    return true;
}

static bool open_chat(ask_talk *t, ask_error *err)
{
    const ask_model *m = ask_session_model(t->session);
    const char *form = t->options.form;
    t->chat = form ? ask_chat_open(NULL, form, err)
                   : ask_model_chat_open(m, t->footage.info.form, err);
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

/* ---- saying ---- */

bool talk_check_text(const char *text, ask_error *err)
{
    if (!ask_utf8_valid(text, strlen(text)))
        return ask_fail(err, ASK_ERR_USAGE, "the question is not UTF-8");
    if (text[strspn(text, " \t\r\n")] == 0)
        return ask_fail(err, ASK_ERR_USAGE, "the question is empty");
    return check_marks(text, "the question", err);
}

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
        if (!talk_prompt_show(out, t, question, sight, err)) {
            talk_prompt_free(out);
            return false;
        }
    }
    if (make_room(t, sight, out->prompt.n + t->language.n_start + n_more, err)) return true;
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
    if (o.n_stops == 0 && t->footage.info.stop && !t->options.form) {
        o.stops = &t->footage.info.stop;
        o.n_stops = 1;
    }
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
    if (!talk_read_ready(&p, t, text, &talk_shows_all, t->options.max_tokens, err))
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
