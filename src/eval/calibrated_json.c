#include "base/json_write.h"
#include "eval/calibrate.h"

static void put_texts(ask_json_writer *w, const char *key, const char *const *texts, int n)
{
    ask_json_open_array(w, key);
    for (int i = 0; i < n; i++) ask_json_put_string(w, NULL, texts[i]);
    ask_json_close(w);
}

static void put_numbers(ask_json_writer *w, const char *key, const double *numbers, int n)
{
    ask_json_open_array(w, key);
    for (int i = 0; i < n; i++) ask_json_put_double(w, NULL, numbers[i]);
    ask_json_close(w);
}

static void put_find(ask_json_writer *w, const ask_calibration *c)
{
    ask_json_open_object(w, "find");
    ask_json_put_double(w, "threshold", c->threshold);
    put_texts(w, "background", c->background, c->n_background);
    put_texts(w, "sentences", c->sentences, c->n_sentences);
    ask_json_close(w);
}

static void put_outside(ask_json_writer *w, const ask_standard *s, int n_embed)
{
    ask_json_open_object(w, "outside");
    put_numbers(w, "mean", s->mean, n_embed);
    put_numbers(w, "deviation", s->deviation, n_embed);
    ask_json_put_double(w, "threshold", s->most_distance);
    put_texts(w, "words", s->words, s->n_words);
    if (s->download) ask_json_put_string(w, "download", s->download);
    ask_json_close(w);
}

static void put_ask(ask_json_writer *w, const ask_standard *s, int n_embed)
{
    ask_json_open_object(w, "ask");
    ask_json_put_double(w, "tau_prior", s->limits.tau_prior);
    ask_json_put_double(w, "tau_suff", s->limits.tau_suff);
    ask_json_put_double(w, "tau_nec", s->limits.tau_nec);
    if (s->has_threshold) ask_json_put_double(w, "threshold", s->threshold);
    if (s->scale > 0) ask_json_put_double(w, "scale", s->scale);
    put_outside(w, s, n_embed);
    ask_json_close(w);
}

void ask_calibrated_json(ask_str *out, const ask_calibrated *c)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "data", c->calibration.data);
    ask_json_put_int(&w, "n", c->calibration.n);
    if (c->can_find && c->calibration.fps > 0)
        ask_json_put_double(&w, "fps", c->calibration.fps);
    if (c->can_find) put_find(&w, &c->calibration);
    put_ask(&w, &c->standard, c->n_embed);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}
