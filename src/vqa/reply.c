#include "vqa/reply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/str.h"
#include "vqa/judge_priv.h"
#include "vqa/maps_priv.h"
#include "vqa/question_priv.h"
#include "vqa/reply_priv.h"

enum { DEFAULT_KEEP = 8, DEFAULT_MAPS = 3 };

/* ---- options ---- */

ask_reply_options ask_reply_defaults(const ask_model *m)
{
    return (ask_reply_options){.struct_size = sizeof(ask_reply_options),
                               .generate = ask_generate_defaults(m),
                               .n_keep = DEFAULT_KEEP,
                               .n_maps = DEFAULT_MAPS,
                               .seed = 1};
}

static bool check_options(const ask_reply_options *o, ask_error *err)
{
    if (o->n_keep < 1 || o->n_keep > ASK_MOST_RETRIEVED)
        return ask_fail(err, ASK_ERR_USAGE, "%d frames to keep: give 1 to %d", o->n_keep,
                        ASK_MOST_RETRIEVED);
    return (o->n_maps >= 0 && o->n_maps <= ASK_MOST_RETRIEVED) ||
           ask_fail(err, ASK_ERR_USAGE, "%d frames to explain: give 0 to %d", o->n_maps,
                    ASK_MOST_RETRIEVED);
}

/* ---- the answer ---- */

/* Words; *r and the job know them then. */
static bool say(ask_reply *r, reply_job *j, ask_error *err)
{
    talk_prompt p;
    ask_generated said;
    double start_s = ask_clock_s();
    if (!talk_read_ready(&p, j->talk, j->question, &talk_shows_all,
                         j->talk->options.max_tokens, err))
        return false;
    double ready_s = ask_clock_s() - start_s;
    bool ok = talk_hear(&said, j->talk, &p, &j->options->generate, err);
    if (ok) {
        j->said = said.ids;
        j->n_said = j->n_longest = said.n;
        r->text = said.text;
        r->end = said.end;
        r->n_prompt = said.n_prompt;
        r->n_reused = said.n_reused;
        r->first_s = ready_s + said.first_s;
        r->tokens_per_s = said.n > 1 && said.rest_s > 0 ? (said.n - 1) / said.rest_s : 0;
        r->prompt = p.text;
        p.text = NULL;
        free(said.logprobs);
    }
    talk_prompt_free(&p);
    return ok;
}

/* So that room for them need not be made one after the other. */
static bool measure_choices(reply_job *j, ask_error *err)
{
    for (int i = 0; i < j->n_choices; i++) {
        int n;
        if (!ask_count_tokens(j->talk->session, j->choices[i], &n, NULL, err)) return false;
        if (n > j->n_longest) j->n_longest = n;
    }
    return true;
}

static bool prepare_choices(ask_reply *r, reply_job *j, ask_error *err)
{
    talk_prompt p;
    if (!measure_choices(j, err) ||
        !talk_read_ready(&p, j->talk, j->question, &talk_shows_all, j->n_longest, err))
        return false;
    r->n_prompt = p.prompt.n;
    r->n_reused = j->talk->context
                      ? ask_context_common(j->talk->context, p.prompt.places, p.prompt.n)
                      : 0;
    r->prompt = p.text;
    p.text = NULL;
    talk_prompt_free(&p);
    return true;
}

static bool take_options(ask_reply *r, const reply_job *j, const reply_opinion *o,
                         ask_error *err)
{
    r->options = calloc((size_t)j->n_choices + 1, sizeof *r->options);
    if (!r->options) return ask_fail_memory(err);
    for (int i = 0; i < j->n_choices; i++)
        r->options[r->n_options++] =
            (ask_answer_option){j->choices[i], o->s[i], exp(o->s[i])};
    r->choice = o->best;
    r->confidence = exp(o->s[o->best]);
    r->text = ask_strdup(j->choices[o->best], err);
    return r->text;
}

/* Sets the answer, and what the model thinks of it. */
static bool answer(ask_reply *r, reply_job *j, reply_opinion *full, ask_error *err)
{
    r->choice = -1;
    if (j->n_choices > 0)
        return prepare_choices(r, j, err) && reply_judge(full, j, &talk_shows_all, err) &&
               take_options(r, j, full, err);
    if (!say(r, j, err)) return false;
    if (j->n_said == 0) return true;
    if (!reply_judge(full, j, &talk_shows_all, err)) return false;
    full->best = 0; // it did say this, however it was drawn
    r->confidence = exp(full->s[0]);
    return true;
}

/* ---- what it is worth ---- */

static bool set_verdict(ask_reply *r, const reply_job *j, const ask_standard *standard,
                        ask_error *err)
{
    const char *texts[1 + ASK_MOST_CHOICES] = {j->question};
    for (int i = 0; i < j->n_choices; i++) texts[1 + i] = j->choices[i];
    const judging judged = {
        .standard = standard, .texts = texts, .n_texts = 1 + j->n_choices};
    ask_answer a = {.is_checked = r->is_checked,
                    .checks = r->checks,
                    .present = true,
                    .choice = r->choice < 0 ? 0 : r->choice};
    r->verdict.most_distance = -1;
    if (standard->mean) {
        r->verdict.why_not = "a language model has no footage to compare with "
                             "(calibration.json: ask.outside.mean)";
        return true;
    }
    if (!judge(&a, &judged, err)) return false;
    r->verdict = a.verdict;
    if (!r->is_checked && !j->options->no_checks)
        r->verdict.why_not = "the model said nothing that could be checked";
    return true;
}

static bool set_worth(ask_reply *r, const reply_job *j, ask_error *err)
{
    const ask_model *m = ask_session_model(j->talk->session);
    ask_standard own = {0};
    if (j->options->standard) return set_verdict(r, j, j->options->standard, err);
    if (!ask_standard_read(&own, ask_model_info_of(m).dir, 1, err)) return false;
    bool ok = set_verdict(r, j, &own, err);
    ask_standard_free(&own);
    return ok;
}

/* ---- all of it ---- */

static bool work_on(ask_reply *r, reply_job *j, ask_error *err)
{
    reply_opinion full = {0};
    bool checks = !j->options->no_checks;
    if (!answer(r, j, &full, err) || !reply_look(r, j, r->choice < 0 ? 0 : r->choice, err))
        return false;
    if (checks && r->n_tokens > 0) {
        r->is_checked = true;
        if (!reply_check(&r->checks, j, &full, r->choice < 0 ? 0 : r->choice, r->evidence,
                         r->n_evidence, err))
            return false;
    }
    return set_worth(r, j, err);
}

static bool reply(ask_reply *r, reply_job *j, ask_error *err)
{
    const ask_footage *f = &j->talk->footage;
    bool had_rows = f->rows != NULL;
    double start_s = ask_clock_s();
    j->logits = malloc((size_t)j->talk->language.n_vocab * sizeof *j->logits);
    if (!j->logits) return ask_fail_memory(err);
    if (!ask_talk_plan_of(&r->plan, j->talk, j->question, err) || !work_on(r, j, err))
        return false;
    if (f->rows && !had_rows) {
        r->decode_s = f->decode_s;
        r->encode_s = f->encode_s;
    }
    r->answer_s = ask_clock_s() - start_s - r->decode_s - r->encode_s;
    return true;
}

bool ask_reply_to(ask_reply *out, ask_talk *t, const char *question,
                  const char *const *choices, int n_choices, const ask_reply_options *opt,
                  ask_error *err)
{
    ask_reply_options o = ask_reply_defaults(ask_session_model(t->session));
    ask_options_take(&o, sizeof o, opt);
    reply_job j = {.talk = t,
                   .options = &o,
                   .question = question,
                   .choices = choices,
                   .n_choices = n_choices};
    ask_reply r = {0};
    if (t->n_turns > 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "something was said in the talk before: forget that first");
    bool ok = check_options(&o, err) && question_check(question, choices, n_choices, err) &&
              reply(&r, &j, err);
    free(j.said);
    free(j.logits);
    if (ok)
        *out = r;
    else
        ask_reply_free(&r);
    return ok;
}

void ask_reply_free(ask_reply *r)
{
    for (int i = 0; i < r->n_tokens; i++) free(r->tokens[i].text);
    free(r->tokens);
    free(r->all_shares);
    free(r->prompt);
    free(r->text);
    free(r->options);
    free(r->frames);
    free(r->verdict.new_word);
    free(r->verdict.download);
    maps_free(r->maps, r->n_maps);
    *r = (ask_reply){0};
}
