#include "support/reading.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

static void give_up(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    exit(1);
}

bench_reading bench_reading_open(const char *dir, int n_threads, int n_rows)
{
    ask_error err = {0};
    ask_language_info info;
    const ask_model_options opt = {.struct_size = sizeof opt, .n_threads = n_threads};
    bench_reading r = {.model = ask_model_open(dir, &opt, &err)};
    r.session = r.model ? ask_session_open(r.model, &err) : NULL;
    r.context = r.session ? ask_context_open(r.session, n_rows, &err) : NULL;
    if (!r.context || !ask_language_info_of(&info, r.model, &err)) give_up(err.message);
    r.n_vocab = info.n_vocab;
    r.logits = calloc((size_t)r.n_vocab, sizeof *r.logits);
    if (!r.logits) give_up("out of memory");
    return r;
}

void bench_reading_close(bench_reading *r)
{
    ask_context_close(r->context);
    ask_session_close(r->session);
    ask_model_close(r->model);
    free(r->logits);
}

double bench_reading_prompt(bench_reading *r, int n, int round)
{
    ask_error err = {0};
    ask_place *places = calloc((size_t)n, sizeof *places);
    if (!places) give_up("out of memory");
    for (int i = 0; i < n; i++) places[i].id = (i * 7919 + round * 31) % r->n_vocab;
    ask_context_rewind(r->context, 0);
    double start_s = ask_clock_s();
    if (!ask_context_read(r->context, places, n, r->logits, NULL, &err))
        give_up(err.message);
    double took_s = ask_clock_s() - start_s;
    free(places);
    return took_s;
}

double bench_reading_decode(bench_reading *r, int n)
{
    ask_error err = {0};
    ask_context_rewind(r->context, 0);
    double start_s = ask_clock_s();
    for (int i = 0; i < n; i++)
        if (!ask_context_add(r->context, i * 31 % r->n_vocab, r->logits, NULL, &err))
            give_up(err.message);
    return ask_clock_s() - start_s;
}
