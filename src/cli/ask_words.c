#include "cli/ask_words.h"

#include <stdio.h>

#include "tensor/cpu/speed.h"
#include "vqa/reply_record.h"

/* ---- the plan ---- */

/* Where no earlier run tells how fast this machine is with the model, it is measured. */
static bool expect(ask_record *r, const cli_ask_words *a, const ask_talk_plan *p,
                   ask_error *err)
{
    const ask_model_info model = ask_model_info_of(a->study->model);
    ask_cpu_speed speed;
    ask_record_plan plan = *r->plan;
    if (plan.expected_s.known) return true;
    if (!ask_cpu_measure(&speed, &model.n_threads, 1, a->study->call->cancel,
                         &a->study->console.progress, err))
        return false;
    double read_s = (double)model.n_params * sizeof(float) / 1e9 / speed.read_gb_s;
    plan.expected_s =
        ask_known_real(p->gflop / speed.product_gflops + p->n_answer * read_s);
    plan.peak_mib =
        ask_known_real((double)model.n_params * sizeof(float) / (1 << 20) + p->mib);
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

/* As ask_generate_options has it. */
static bool print(void *user, const char *text, size_t n_bytes)
{
    (void)user;
    return fwrite(text, 1, n_bytes, stdout) == n_bytes && fflush(stdout) == 0;
}

static ask_reply_options options_of(const cli_ask_words *a, const cli_words *w)
{
    ask_reply_options o = ask_reply_defaults(a->study->model);
    o.generate = w->generate;
    o.generate.seed = (uint64_t)a->seed;
    o.seed = (uint64_t)a->seed;
    o.no_checks = a->no_checks;
    if (a->stream) o.generate.on_text = print;
    return o;
}

static bool set_generation(ask_record *r, const ask_reply_options *o, ask_error *err)
{
    ask_record_pair pairs[ASK_REPLY_N_PAIRS];
    char texts[ASK_REPLY_N_PAIRS][ASK_REPLY_PAIR_BYTES];
    ask_record_reproduce part = *r->reproduce;
    ask_reply_generation(pairs, texts, &o->generate);
    part.generation = (ask_record_pairs){pairs, ASK_REPLY_N_PAIRS};
    return ask_record_set_reproduce(r, &part, err);
}

static bool tell(ask_record *r, const cli_ask_words *a, const cli_words *w,
                 const ask_reply *reply, const ask_reply_options *o, ask_error *err)
{
    bool counted = ask_talk_footage(w->talk)->sampling.counted;
    return ask_reply_record(r, reply, w->talk, a->question, err) &&
           cli_study_record(r, a->study, counted, ask_known_int(a->seed), err) &&
           (a->choices->n > 0 || set_generation(r, o, err));
}

static bool answer(ask_record *r, const cli_ask_words *a, const cli_words *w,
                   ask_error *err)
{
    const ask_reply_options o = options_of(a, w);
    ask_reply reply;
    if (!ask_reply_to(&reply, w->talk, a->question, a->choices->items, a->choices->n, &o,
                      err))
        return false;
    if (a->stream) print(NULL, "\n", 1);
    bool ok = tell(r, a, w, &reply, &o, err) && cli_words_keep(w, err);
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
