#include "model/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/options.h"
#include "base/utf8.h"
#include "model/beams_priv.h"
#include "model/context_priv.h"
#include "model/said_priv.h"

enum { DEFAULT_TOKENS = 256 };

/* ---- options ---- */

ask_generate_options ask_generate_defaults(const ask_model *m)
{
    const ask_generation_config *g = &m->generation;
    ask_generate_options o = {.struct_size = sizeof o,
                              .max_tokens = DEFAULT_TOKENS,
                              .sampler = ask_sampler_defaults(),
                              .n_beams = 1,
                              .length_penalty = 1};
    if (!m->network->language) return o;
    o.sampler.repetition_penalty = g->repetition_penalty;
    o.length_penalty = g->length_penalty;
    if (g->samples) {
        o.sampler.temperature = g->temperature;
        o.sampler.top_k = g->top_k;
        o.sampler.top_p = g->top_p;
        o.sampler.min_p = g->min_p;
    } else {
        o.n_beams = g->n_beams;
    }
    return o;
}

static bool check_stops(const ask_generate_options *o, ask_error *err)
{
    if (o->n_stops < 0 || (o->n_stops > 0 && !o->stops))
        return ask_fail(err, ASK_ERR_USAGE, "%d stop strings without any", o->n_stops);
    for (int i = 0; i < o->n_stops; i++) {
        size_t n = strlen(o->stops[i]);
        if (n == 0)
            return ask_fail(err, ASK_ERR_USAGE,
                            "stop string %d is empty: it would end any "
                            "text at once",
                            i + 1);
        if (!ask_utf8_valid(o->stops[i], n))
            return ask_fail(err, ASK_ERR_USAGE, "stop string %d is not UTF-8", i + 1);
    }
    return true;
}

static bool check_options(const ask_generate_options *o, ask_error *err)
{
    if (o->max_tokens < 1)
        return ask_fail(err, ASK_ERR_USAGE, "%d tokens at most: a text has 1 or more",
                        o->max_tokens);
    if (o->n_beams < 1 || o->n_beams > ASK_MOST_BEAMS)
        return ask_fail(err, ASK_ERR_USAGE, "%d beams: it is 1 for none, up to %d",
                        o->n_beams, ASK_MOST_BEAMS);
    if (!isfinite(o->length_penalty))
        return ask_fail(err, ASK_ERR_USAGE, "length penalty %g: it is a number",
                        o->length_penalty);
    if (o->n_beams > 1 && o->sampler.temperature != 0)
        return ask_fail(err, ASK_ERR_USAGE,
                        "%d beams with temperature %g: beams take the likeliest, with "
                        "temperature 0",
                        o->n_beams, o->sampler.temperature);
    return ask_sampler_check(&o->sampler, err) && check_stops(o, err);
}

/* ---- all that one call holds ---- */

typedef struct {
    ask_context *context;
    ask_model *model;
    const ask_place *places;
    const ask_tokenizer *tokenizer; // NULL: it has none
    ask_generate_options o;
    int64_t n_vocab;
    int room;         // places of the context
    int most;         // tokens that can be said
    float *logits;    // [n_beams, n_vocab]
    int64_t *ids;     // [n_ahead + most], first those that a penalty is on, too
    int n_ahead;      // the prompt's, or the one from which an encoder-decoder decodes
    double *logprobs; // [most]
    said_text text;
    ask_generated out;       // what of it is known
    double begin_s, first_s; // on the clock
} going;

static int64_t *said_ids(const going *k)
{
    return k->ids + k->n_ahead;
}

static void first_is_known(void *user)
{
    going *k = user;
    k->first_s = ask_clock_s();
}

/* Before the prompt is read, which takes its time. */
static bool find_tokenizer(going *k, ask_error *err)
{
    if (!k->model->info.has_tokenizer && k->o.n_stops == 0) return true;
    return (k->tokenizer = model_tokenizer(k->model, err));
}

static bool make_logits(going *k, ask_error *err)
{
    size_t bytes;
    if (ask_mul_size(&bytes, (size_t)k->n_vocab * sizeof *k->logits, (size_t)k->o.n_beams))
        k->logits = malloc(bytes);
    return k->logits || ask_fail_memory(err);
}

static bool make_arrays(going *k, ask_error *err)
{
    const bool encodes = context_encodes(k->context);
    int left = k->room - ask_context_n_read(k->context) + 1;
    k->most = k->o.max_tokens < left ? k->o.max_tokens : left;
    k->n_ahead = encodes ? 1 : k->out.n_prompt;
    k->ids = calloc((size_t)k->n_ahead + (size_t)k->most, sizeof *k->ids);
    k->logprobs = calloc((size_t)k->most, sizeof *k->logprobs);
    if (!k->ids || !k->logprobs) return ask_fail_memory(err);
    for (int i = 0; i < k->n_ahead; i++)
        k->ids[i] = encodes ? context_start_id(k->context) : k->places[i].id;
    k->text.stops = k->o.stops;
    k->text.n_stops = k->o.n_stops;
    k->text.on_text = k->o.n_beams > 1 ? NULL : k->o.on_text;
    k->text.user = k->o.user;
    return said_open(&k->text, k->tokenizer, k->most, err);
}

/* ---- one text ---- */

static ask_end end_at_most(const going *k, int n)
{
    return n == k->o.max_tokens ? ASK_END_LENGTH : ASK_END_CONTEXT;
}

/* Says tokens until the text ends. The last of them is not read. */
static bool draw_text(going *k, ask_error *err)
{
    ask_rng rng = ask_rng_new(k->o.seed);
    for (int n = 0;;) {
        int64_t id;
        if (!ask_sampler_choose(&id, k->logits, k->n_vocab, k->ids, k->n_ahead + n,
                                &k->o.sampler, &rng, err))
            return false;
        if (n == 0) first_is_known(k);
        k->out.end = ASK_END_TOKEN;
        if (ask_generation_ends(&k->model->generation, id)) return true;
        k->logprobs[n] = k->logits[id] - session_log_sum(k->logits, (int)k->n_vocab);
        said_ids(k)[n++] = id;
        k->out.end = end_at_most(k, n);
        if (!said_add(&k->text, id, err)) return false;
        if (k->text.state != SAID_ON || n == k->most) return true;
        if (!ask_context_add(k->context, id, k->logits, k->o.cancel, err)) return false;
    }
}

/* ---- beams ---- */

/* The prompt is in the context; so are the tokens then, but the last. */
static bool read_text(going *k, int n, ask_error *err)
{
    if (n < 2) return true;
    ask_place *said = calloc((size_t)n, sizeof *said);
    if (!said) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) said[i].id = said_ids(k)[i];
    const ask_reading_options opt = {.cancel = k->o.cancel};
    bool ok = context_go_on(k->context, said, n - 1, k->logits, &opt, err);
    free(said);
    return ok;
}

static bool find_text(going *k, ask_error *err)
{
    const beams_task task = {.context = k->context,
                             .generation = &k->model->generation,
                             .prompt = k->ids,
                             .n_prompt = k->n_ahead,
                             .n_rows = ask_context_n_read(k->context),
                             .n_vocab = k->n_vocab,
                             .n_beams = k->o.n_beams,
                             .most = k->most,
                             .room = k->room,
                             .length_penalty = k->o.length_penalty,
                             .repetition_penalty = k->o.sampler.repetition_penalty,
                             .cancel = k->o.cancel,
                             .on_first = first_is_known,
                             .user = k};
    beams_result best;
    if (!beams_run(&best, said_ids(k), k->logprobs, k->logits, &task, err)) return false;
    k->out.score = best.score;
    k->out.end = best.ended ? ASK_END_TOKEN : end_at_most(k, best.n);
    for (int i = 0; i < best.n && k->text.state == SAID_ON; i++)
        if (!said_add(&k->text, said_ids(k)[i], err)) return false;
    return read_text(k, best.n, err);
}

/* ---- the result ---- */

/* A copy of n items; NULL without memory. */
static void *copy_of(const void *items, int n, size_t item_bytes)
{
    void *copy = malloc((size_t)n * item_bytes + 1);
    if (copy) memcpy(copy, items, (size_t)n * item_bytes);
    return copy;
}

static bool finish(going *k, ask_error *err)
{
    ask_generated *out = &k->out;
    if (!said_end(&k->text, err)) return false;
    if (k->text.state == SAID_STOPPED) out->end = ASK_END_STOP;
    if (k->text.state == SAID_REFUSED) out->end = ASK_END_CALLER;
    out->n = said_count(&k->text);
    out->text = said_trimmed(&k->text, err);
    if (!out->text) return false;
    out->ids = copy_of(said_ids(k), out->n, sizeof *out->ids);
    out->logprobs = copy_of(k->logprobs, out->n, sizeof *out->logprobs);
    if (!out->ids || !out->logprobs) return ask_fail_memory(err);
    ask_context_rewind(k->context, out->n_prompt + k->context->info.n_start + out->n);
    out->first_s = k->first_s - k->begin_s;
    out->rest_s = ask_clock_s() - k->first_s;
    if (k->o.n_beams > 1 && k->o.on_text && *out->text)
        (void)k->o.on_text(k->o.user, out->text, strlen(out->text));
    return true;
}

static bool generate(going *k, ask_error *err)
{
    const ask_reading_options reading = {.cancel = k->o.cancel, .progress = k->o.progress};
    if (!check_options(&k->o, err) || !find_tokenizer(k, err) || !make_logits(k, err))
        return false;
    k->out.n_reused = ask_context_common(k->context, k->places, k->out.n_prompt);
    return ask_context_read(k->context, k->places, k->out.n_prompt, k->logits, &reading,
                            err) &&
           make_arrays(k, err) &&
           (k->o.n_beams > 1 ? find_text(k, err) : draw_text(k, err)) && finish(k, err);
}

bool ask_generate(ask_generated *out, ask_context *c, const ask_place *places, int n,
                  const ask_generate_options *opt, ask_error *err)
{
    int n_rows = ask_context_n_rows(c);
    going k = {.context = c,
               .model = c->session->model,
               .places = places,
               .o = ask_generate_defaults(c->session->model),
               .n_vocab = c->info.n_vocab,
               .room = n_rows < c->info.n_context ? n_rows : c->info.n_context,
               .out = {.n_prompt = n},
               .begin_s = ask_clock_s()};
    ask_options_take(&k.o, sizeof k.o, opt);
    bool ok = generate(&k, err);
    free(k.logits);
    free(k.ids);
    free(k.logprobs);
    said_close(&k.text);
    if (ok)
        *out = k.out;
    else
        ask_generated_free(&k.out);
    return ok;
}

void ask_generated_free(ask_generated *g)
{
    free(g->ids);
    free(g->logprobs);
    free(g->text);
    *g = (ask_generated){0};
}
