#include "cli/ask_words.h"

#include <stdio.h>
#include <string.h>

#include "tensor/cpu/speed.h"
#include "vqa/reply_record.h"

/* ---- the plan ---- */

/* Prompts that are read for an answer with checks, in whole ones: frames in another order,
 * and halves of them. */
enum { N_PROMPTS_CHECKED = 1 + ASK_CHECK_SEEDS + (2 + ASK_CHECK_SEEDS) / 2 };

/* By what this machine does with nothing else to do; every token of the answer reads all
 * weights. */
static bool expect(ask_record *r, const cli_ask_words *a, const ask_talk_plan *p,
                   ask_error *err)
{
    const ask_model_info model = ask_model_info_of(a->study->model);
    ask_cpu_speed speed;
    ask_record_plan plan = *r->plan;
    if (!ask_cpu_measure(&speed, &model.n_threads, 1, a->study->call->cancel,
                         &a->study->console.progress, err))
        return false;
    int n_prompts = a->no_checks ? 1 : N_PROMPTS_CHECKED, n_contexts = a->no_checks ? 1 : 2;
    double weight_bytes = (double)model.n_params * sizeof(float);
    plan.expected_s = ask_known_real(n_prompts * p->gflop / speed.product_gflops +
                                     p->n_answer * weight_bytes / 1e9 / speed.read_gb_s);
    plan.peak_mib = ask_known_real(weight_bytes / (1 << 20) + n_contexts * p->mib);
    return ask_record_set_plan(r, &plan, err) &&
           ask_record_note(r, "plan.expected_s", NULL, err) &&
           ask_record_note(r, "plan.peak_mib", NULL, err);
}

bool cli_ask_words_plan(ask_record *r, const cli_ask_words *a, ask_error *err)
{
    cli_words w;
    ask_talk_plan p;
    bool ok = cli_words_open(&w, a->words, a->study, false, err) &&
              ask_talk_plan_of(&p, w.talk, a->question, err) &&
              ask_reply_record_plan(r, &p, w.talk, a->question, err) &&
              cli_study_record(r, a->study, false, ask_known_int(a->seed), err) &&
              expect(r, a, &p, err);
    cli_words_close(&w);
    return ok;
}

/* ---- the answer ---- */

/* What was streamed. */
typedef struct {
    bool any, failed;
} streaming;

/* As ask_generate_options has it. */
static bool print(void *user, const char *text, size_t n_bytes)
{
    streaming *s = user;
    s->any = true;
    s->failed = fwrite(text, 1, n_bytes, stdout) != n_bytes || fflush(stdout) != 0;
    return !s->failed;
}

bool cli_ask_words_check_score(const char *score, ask_error *err)
{
    return strcmp(score, "mean") == 0 || strcmp(score, "sum") == 0 ||
           ask_fail(err, ASK_ERR_USAGE, "--score=%.40s: give mean or sum", score);
}

static ask_reply_options options_of(const cli_ask_words *a, const cli_words *w,
                                    streaming *s)
{
    ask_reply_options o = ask_reply_defaults(a->study->model);
    o.generate = w->generate;
    o.generate.seed = (uint64_t)a->seed;
    o.seed = (uint64_t)a->seed;
    o.no_checks = a->no_checks;
    o.in_sum = strcmp(a->score, "sum") == 0;
    if (!a->stream) return o;
    o.generate.on_text = print;
    o.generate.user = s;
    return o;
}

static bool set_generation(ask_record *r, const ask_reply_options *o, bool words,
                           ask_error *err)
{
    const ask_record_pair score = {"score", o->in_sum ? "sum" : "mean"};
    ask_record_pair pairs[ASK_REPLY_N_PAIRS];
    char texts[ASK_REPLY_N_PAIRS][ASK_REPLY_PAIR_BYTES];
    ask_record_reproduce part = *r->reproduce;
    ask_reply_generation(pairs, texts, &o->generate);
    part.generation = words ? (ask_record_pairs){pairs, ASK_REPLY_N_PAIRS}
                            : (ask_record_pairs){&score, 1};
    return ask_record_set_reproduce(r, &part, err);
}

static bool tell(ask_record *r, const cli_ask_words *a, const cli_words *w,
                 const ask_reply *reply, const ask_reply_options *o, ask_error *err)
{
    bool counted = ask_talk_footage(w->talk)->sampling.counted;
    return ask_reply_record(r, reply, w->talk, a->question, err) &&
           cli_study_record(r, a->study, counted, ask_known_int(a->seed), err) &&
           set_generation(r, o, a->choices->n == 0, err);
}

static bool answer(ask_record *r, const cli_ask_words *a, const cli_words *w,
                   ask_error *err)
{
    streaming s = {0};
    const ask_reply_options o = options_of(a, w, &s);
    ask_reply reply;
    if (!ask_reply_to(&reply, w->talk, a->question, a->choices->items, a->choices->n, &o,
                      err))
        return false;
    if (s.any && !s.failed) print(&s, "\n", 1);
    bool ok =
        (!s.failed || ask_fail(err, ASK_ERR_IO, "standard output cannot be written")) &&
        tell(r, a, w, &reply, &o, err) && cli_words_keep(w, err);
    ask_reply_free(&reply);
    return ok;
}

bool cli_ask_words_answer(ask_record *r, const cli_ask_words *a, ask_error *err)
{
    cli_words w;
    bool ok = cli_words_open(&w, a->words, a->study, false, err) && answer(r, a, &w, err);
    cli_words_close(&w);
    return ok;
}
