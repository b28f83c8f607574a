/* What a language model thinks of answers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "vqa/reply_priv.h"

/* ---- answers as tokens ---- */

/* Whether an answer begins as it is behind a prompt: where that ends with a blank, or its
 * tokens are made apart. */
static bool begins_bare(const char *prompt, const char *seam)
{
    size_t n = strlen(prompt);
    return n == 0 || strchr(" \n\t", prompt[n - 1]) ||
           (seam && ask_ends_with(prompt, seam));
}

/* A text begins behind a blank elsewhere. */
static bool continue_with(reply_answer *out, const reply_job *j, const talk_prompt *p,
                          const char *choice, ask_error *err)
{
    bool bare = begins_bare(p->text, j->talk->footage.info.seam);
    ask_str text = {0};
    ask_str_printf(&text, "%s%s", bare ? "" : " ", choice);
    bool ok = (!text.failed || ask_fail_memory(err)) &&
              ask_prompt_continue(&out->ids, &out->n, &out->n_common, j->talk->session,
                                  &p->prompt, p->text, p->has_begin, p->groups, p->n_groups,
                                  ask_str_text(&text), err);
    ask_str_free(&text);
    return ok;
}

static bool copy_said(reply_answer *out, const reply_job *j, const talk_prompt *p,
                      ask_error *err)
{
    size_t bytes = (size_t)j->n_said * sizeof *out->ids;
    out->ids = malloc(bytes + 1);
    if (!out->ids) return ask_fail_memory(err);
    memcpy(out->ids, j->said, bytes);
    out->n = j->n_said;
    out->n_common = p->prompt.n;
    return true;
}

bool reply_answer_make(reply_answer *out, const reply_job *j, const talk_prompt *p, int i,
                       ask_error *err)
{
    *out = (reply_answer){0};
    if (j->n_choices == 0) return copy_said(out, j, p, err);
    if (!continue_with(out, j, p, j->choices[i], err)) return false;
    if (out->n > 0) return true;
    reply_answer_free(out);
    return ask_fail(err, ASK_ERR_USAGE, "the choice \"%.40s\" has no tokens",
                    j->choices[i]);
}

void reply_answer_free(reply_answer *a)
{
    free(a->ids);
    *a = (reply_answer){0};
}

/* ---- scores ---- */

typedef struct {
    double sum;
    int n;
    bool same; // each token is the likeliest
} token_scores;

static bool score_answer(token_scores *out, reply_job *j, const talk_prompt *p,
                         ask_context *c, int i, ask_error *err)
{
    reply_answer a;
    const ask_reading_options reading = {.struct_size = sizeof reading,
                                         .cancel = j->talk->options.cancel};
    if (!reply_answer_make(&a, j, p, i, err)) return false;
    double *logprobs = calloc((size_t)a.n + 1, sizeof *logprobs);
    int64_t *likeliest = calloc((size_t)a.n + 1, sizeof *likeliest);
    bool ok = (logprobs && likeliest) || ask_fail_memory(err);
    ok = ok && ask_context_reserve(c, p->prompt.n + j->talk->language.n_start + a.n, err) &&
         ask_context_read(c, p->prompt.places, a.n_common, j->logits, &reading, err) &&
         ask_context_score(c, a.ids, a.n, logprobs, likeliest, NULL, reading.cancel, err);
    *out = (token_scores){.n = a.n, .same = true};
    for (int k = 0; k < a.n && ok; k++) {
        out->sum += logprobs[k];
        out->same = out->same && likeliest[k] == a.ids[k];
    }
    free(logprobs);
    free(likeliest);
    reply_answer_free(&a);
    return ok;
}

/* Logarithms of shares among n. */
static void among(double *s, int n)
{
    double most = s[0], sum = 0;
    for (int i = 1; i < n; i++) most = fmax(most, s[i]);
    for (int i = 0; i < n; i++) sum += exp(s[i] - most);
    for (int i = 0; i < n; i++) s[i] -= most + log(sum);
}

static bool judge_all(reply_opinion *out, reply_job *j, const talk_prompt *p,
                      ask_context *c, ask_error *err)
{
    int n = j->n_choices > 0 ? j->n_choices : 1;
    token_scores scores = {0};
    for (int i = 0; i < n; i++) {
        if (!score_answer(&scores, j, p, c, i, err)) return false;
        bool sum = j->options->in_sum && j->n_choices > 0;
        out->s[i] = sum ? scores.sum : scores.sum / scores.n;
        if (out->s[i] > out->s[out->best]) out->best = i;
    }
    if (j->n_choices > 0)
        among(out->s, n);
    else
        out->best = scores.same ? 0 : -1;
    return true;
}

bool reply_judge(reply_opinion *out, reply_job *j, const talk_sight *sight, ask_error *err)
{
    talk_prompt p;
    *out = (reply_opinion){0};
    if (!talk_read_ready(&p, j->talk, j->question, sight, j->n_longest, err)) return false;
    bool ok = judge_all(out, j, &p, talk_context(j->talk, sight), err);
    talk_prompt_free(&p);
    return ok;
}
